/** How this machine is let in by the server that is entered: a name, and two words to read out. */

import { Stop } from "../client/pause";
import { Cancelled } from "../client/trouble";
import type { Session } from "../session";
import { say } from "../words";
import { column, type Field, make, named, row, setEnabled, setText, words } from "./parts";

export class Pairing {
  readonly element: HTMLElement;
  private readonly name = make<Field>("sp-textfield", { class: "stretch", placeholder: say("pairing.name") });
  private readonly told = words("", "strong");
  private readonly trust = words("", "quiet");
  private readonly ask = named("pair", () => this.begin());
  private asking: Stop | null = null;

  /** url: what is entered. letIn: the machine has its token. */
  constructor(
    private readonly session: Pick<Session, "server">,
    private readonly url: () => string,
    private readonly letIn: () => void,
  ) {
    this.element = column(row(this.name, this.ask), this.told, this.trust);
  }

  /** Nobody waits for an answer any more. */
  leave(): void {
    this.asking?.abort();
    this.asking = null;
    this.say("", "");
    setEnabled(this.ask, true);
  }

  async begin(): Promise<void> {
    if (this.asking !== null) return;
    const url = this.url();
    if (!/^https:/i.test(url)) {
      this.say(say("pairing.needs_tls"), "");
      return;
    }
    const asking = new Stop();
    this.asking = asking;
    setEnabled(this.ask, false);
    const read = (said: string): void => this.say(`${say("pairing.read", { words: said })} ${say("pairing.waiting")}`, say("pairing.trust"));
    try {
      await this.session.server.letIn(url, String(this.name.value ?? "").trim(), read, asking);
      this.say(say("pairing.done_here"), "");
      this.letIn();
    } catch (error) {
      if (!(error instanceof Cancelled)) this.say(error instanceof Error ? error.message : String(error), "");
    }
    if (this.asking !== asking) return;
    this.asking = null;
    setEnabled(this.ask, true);
  }

  private say(text: string, trust: string): void {
    setText(this.told, text);
    setText(this.trust, trust);
  }
}
