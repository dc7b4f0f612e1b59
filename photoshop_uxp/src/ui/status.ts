/** Whether a server is there: a quiet line where one is, a card with what to do where none is. */

import type { ConnectionView } from "./model";
import { action, column, dot, make, row, setText, setValue, setVisible, tool, words } from "./parts";

const START = "inlay serve";

/** What the card offers. */
export interface Cures {
  copy(text: string): unknown;
  reconnect(): unknown;
  openSettings(): unknown;
}

export class Status {
  /** Stands last in the panel. */
  readonly line: HTMLElement;
  /** Stands first in the panel. */
  readonly card: HTMLElement;
  private readonly dot = dot("busy");
  private readonly name = make("div", { class: "stretch name quiet" });
  private readonly reason = words();

  constructor(cures: Cures) {
    this.line = row(this.dot, this.name, tool("Settings", "Server and connection doctor", () => cures.openSettings()));
    const command = make("div", { class: "stretch command" }, START);
    this.card = column(
      make("div", { class: "strong" }, "No server"),
      this.reason,
      row(command, action("Copy", "Copies the command that starts the server", () => cures.copy(START))),
      row(
        action("Try again", "Asks the server now", () => cures.reconnect()),
        action("Doctor", "Looks at every step to the server, and names the cure", () => cures.openSettings()),
      ),
    );
    this.card.setAttribute("class", "column card");
  }

  render({ state, serverName, serverVersion, url, reason }: ConnectionView): void {
    setValue(this.dot, "class", `dot ${{ ready: "good", connecting: "busy", trouble: "bad" }[state]}`);
    setText(this.name, { ready: `Ready on ${serverName}`, connecting: "Connecting…", trouble: "No server" }[state]);
    setValue(this.name, "title", state === "ready" ? `Inlay ${serverVersion} at ${url}` : "");
    setText(this.reason, reason);
    setVisible(this.card, state === "trouble");
  }
}
