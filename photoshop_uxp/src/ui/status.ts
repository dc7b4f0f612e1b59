/** Whether a server is there: a quiet line where one is, a card with what to do where none is. */

import type { ConnectionView } from "../client/connection";
import type { Session } from "../session";
import { say } from "../words";
import { column, dot, make, named, row, setText, setValue, setVisible, tool, words } from "./parts";

export class Status {
  /** Stands last in the panel. */
  readonly line: HTMLElement;
  /** Stands first in the panel. */
  readonly card: HTMLElement;
  private readonly dot = dot("busy");
  private readonly name = make("div", { class: "stretch name quiet" });
  private readonly reason = words();

  constructor(
    session: Pick<Session, "copy" | "server">,
    openSettings: () => void,
  ) {
    const command = say("first_run.command");
    this.line = row(this.dot, this.name, tool(say("action.settings.title"), say("action.settings.tip"), openSettings));
    this.card = column(
      make("div", { class: "strong" }, say("first_run.title")),
      this.reason,
      words(say("first_run.text"), "quiet"),
      row(make("div", { class: "stretch command" }, command), named("copy", () => session.copy(command))),
      row(named("retry", () => session.server.check()), named("doctor", openSettings)),
    );
    this.card.setAttribute("class", "column card");
  }

  render({ state, serverName, serverVersion, url, reason }: ConnectionView): void {
    setValue(this.dot, "class", `dot ${{ ready: "good", connecting: "busy", trouble: "bad" }[state]}`);
    setText(this.name, say(`connection.${{ ready: "ready", connecting: "connecting", trouble: "none" }[state]}`, { name: serverName }));
    setValue(this.name, "title", state === "ready" ? say("connection.version", { version: serverVersion, url }) : "");
    setText(this.reason, reason);
    setVisible(this.card, state === "trouble");
  }
}
