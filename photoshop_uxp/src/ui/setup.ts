/** From nothing to a first picture: what the server's machine has to paint with, and what there is to get. */

import type { SetupLine, SetupSection } from "../gen/inlay/v1/setup_pb";
import type { Session } from "../session";
import { say } from "../words";
import { clear, column, make, named, row, Section, words } from "./parts";

export class Setup {
  readonly section: Section;
  private readonly body = column();

  constructor(private readonly session: Pick<Session, "copy" | "server">) {
    this.section = new Section(say("action.setup.title"), this.body, false, () => void this.show());
    this.section.element.setAttribute("title", say("action.setup.tip"));
  }

  /** Asks the server anew, where it is open. */
  async show(): Promise<void> {
    if (!this.section.isOpen) return;
    const parts = await this.session.server.setup().then(
      (sections) => sections.map((section) => this.step(section)),
      (reason: unknown) => [words(reason instanceof Error ? reason.message : String(reason))],
    );
    clear(this.body);
    parts.forEach((part) => this.body.appendChild(part));
  }

  private step({ title, lines }: SetupSection): HTMLElement {
    return column(make("div", { class: "strong" }, title), ...lines.flatMap((line) => this.line(line)));
  }

  private line({ text, command }: SetupLine): HTMLElement[] {
    if (command === "") return [words(text)];
    const copy = named("copy", () => this.session.copy(command));
    return [words(text), row(make("div", { class: "stretch command" }, command), copy)];
  }
}
