/** The panel's first line: whether a server is there, and what to do where none is. */

import type { ConnectionView } from "./model";
import { button, column, dot, make, row, setText, setValue, setVisible, tool, words } from "./parts";

export class Status {
  readonly element: HTMLElement;
  private readonly dot = dot("busy");
  private readonly name = make("div", { class: "stretch name" });
  private readonly reason = words();
  private readonly again: HTMLElement;

  constructor(wantsSettings: () => void, wantsAnotherTry: () => void) {
    this.again = row(
      button("Try again", "secondary", "Asks the server now", wantsAnotherTry),
      button("Diagnose", "secondary", "The connection doctor looks at every step to the server", wantsSettings),
    );
    this.element = column(
      row(this.dot, this.name, tool("Settings", "Server and connection doctor", wantsSettings)),
      this.reason,
      this.again,
    );
  }

  render(connection: ConnectionView): void {
    const { state } = connection;
    setValue(this.dot, "class", `dot ${{ ready: "good", connecting: "busy", trouble: "bad" }[state]}`);
    setText(
      this.name,
      { ready: `Ready on ${connection.serverName}`, connecting: "Connecting…", trouble: "No server" }[state],
    );
    setValue(this.name, "title", state === "ready" ? `Inlay ${connection.serverVersion} at ${connection.url}` : "");
    setText(this.reason, connection.reason);
    setVisible(this.reason, state === "trouble");
    setVisible(this.again, state === "trouble");
  }
}
