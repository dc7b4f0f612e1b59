/** The result in hand: its variations in a strip, and what becomes of them. */

import type { Session } from "../session";
import { say } from "../words";
import type { ManyView } from "../many";
import type { ResultView } from "./model";
import { clear, column, held, make, named, row, setText, setValue, setVisible, words } from "./parts";
import { Many } from "./many";
import { Share } from "./review";

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Variations {
  readonly element: HTMLElement;
  private readonly title = make("div", { class: "stretch name" });
  private readonly number = make("div", { class: "quiet" });
  private readonly note = words("", "quiet");
  private readonly brand = words("", "quiet brand");
  private readonly check: HTMLElement;
  private readonly many: Many;
  private kit = "";
  private readonly strip = make("div", { class: "strip", tabindex: "0" });
  private readonly keep: HTMLElement;
  private readonly finish: HTMLElement;
  private readonly cells: HTMLElement[] = [];
  private filled = "";

  constructor(
    private readonly session: Pick<Session, "inHand" | "finish" | "share" | "many">,
    more: () => unknown,
  ) {
    const { inHand } = session;
    this.strip.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (step !== undefined) {
        event.preventDefault();
        void inHand.flip(step);
      }
    });
    const before = held(make("div", { class: "action held", title: say("action.before.tip") }, say("action.before.title")), (isBefore) => inHand.before(isBefore));
    this.keep = named("keep", () => inHand.keep());
    this.finish = named("finish", () => session.finish());
    this.check = named("check_brand", () => inHand.checkBrand(this.kit));
    const share = new Share(session);
    this.many = new Many(session);
    const others = [named("more", more), this.keep, named("discard", () => inHand.discard()), before, named("save_style", () => inHand.saveStyle()), share.turn, this.check, this.finish, ...this.many.turns];
    this.element = column(row(this.title, this.number), this.strip, make("div", { class: "actions" }, ...others), share.element, this.many.element, this.note, this.brand);
  }

  /** Shows a result's variations; nothing where it is null. */
  render(result: ResultView | null, many: ManyView, document: number | null): void {
    setVisible(this.element, result !== null || many.isRunning);
    this.many.render(many, document, result?.name ?? "");
    if (!result) {
      this.filled = "";
      return;
    }
    if (result.id !== this.filled) {
      this.filled = result.id;
      this.fill(result);
    }
    const { length } = result.variations;
    setText(this.number, length > 1 ? `${result.shown + 1} / ${length}` : "");
    setText(this.note, result.note);
    setVisible(this.note, result.note !== "");
    setText(this.brand, result.brand);
    setVisible(this.brand, result.brand !== "");
    this.kit = result.kit;
    setVisible(this.check, result.kit !== "");
    setVisible(this.keep, length > 1);
    setVisible(this.finish, result.canFinish);
    this.cells.forEach((cell, index) => setValue(cell, "class", index === result.shown ? "cell shown" : "cell"));
  }

  private fill({ name, variations }: ResultView): void {
    setText(this.title, name);
    setValue(this.title, "title", name);
    clear(this.strip);
    this.cells.length = 0;
    for (const [index, variation] of variations.entries()) {
      const frame = make("div", { class: "thumbnail" });
      if (variation.picture === "") {
        frame.appendChild(make("div", { class: "number" }, String(index + 1)));
      } else {
        frame.appendChild(make("img", { src: variation.picture }));
      }
      const cell = make("div", { class: "cell", title: variation.name }, frame);
      cell.addEventListener("click", () => void this.session.inHand.show(index));
      this.cells.push(cell);
      this.strip.appendChild(cell);
    }
  }
}
