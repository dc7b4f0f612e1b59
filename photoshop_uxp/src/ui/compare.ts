/** The result in hand, large, as wide as the panel: held down, it is the picture before. No marching ants lie over it. */

import type { Session } from "../session";
import { say } from "../words";
import { held, make, Section, setVisible, words } from "./parts";

/** Two pixels for each of the panel's, up to what is worth reading. */
const MAX_PX = 1600;

export class Compare {
  readonly section: Section;
  private readonly after = make("img", { class: "large" });
  private readonly before = make("img", { class: "large" });
  private readonly said: HTMLElement;
  private shown = "";

  constructor(private readonly session: Pick<Session, "inHand">) {
    this.said = words(say("compare.after"), "quiet");
    const frame = held(make("div", { title: say("action.before.tip") }, this.after, this.before, this.said), (isBefore) => this.turn(isBefore));
    this.section = new Section(say("compare.title"), frame, false, () => void this.render(this.shown, true));
    this.turn(false);
  }

  /** `id`: another once the result in hand, or what shows of it, is another; empty: there is none. */
  async render(id: string, isForced = false): Promise<void> {
    setVisible(this.section.element, id !== "");
    if (!isForced && id === this.shown) return;
    this.shown = id;
    if (id === "" || !this.section.isOpen) return;
    const side = Math.min(MAX_PX, 2 * (this.section.element.clientWidth || 260));
    const { before, after } = await this.session.inHand.look(side);
    if (id !== this.shown) return;
    this.before.setAttribute("src", before);
    this.after.setAttribute("src", after);
  }

  private turn(isBefore: boolean): void {
    setVisible(this.before, isBefore);
    setVisible(this.after, !isBefore);
    this.said.textContent = say(isBefore ? "compare.before" : "compare.after");
  }
}
