/** The pins of a version in words: the same as the marks on its picture, for whoever reads, listens or works them off. */

import { button, h, Kept, set, tell } from "./dom";
import type { Point } from "./pane";
import type { PinShown } from "./standing";
import { say, when } from "./words";

export interface PinEvents {
  answer(pin: PinShown): void;
  resolve(pin: PinShown, isResolved: boolean): void;
  /** Brings the place of a pin into view. */
  goTo(at: Point): void;
  mayAnswer(): boolean;
  mayResolve(pin: PinShown): boolean;
}

export function nameOf({ name }: PinShown): string {
  return name || say("pins.studio");
}

/** Who said what, and when. */
class Said {
  readonly head = h("div", { class: "head" });
  readonly root = h("li");
  private readonly name = h("strong");
  private readonly time = h("time", { class: "quiet" });
  private readonly words = h("p", { class: "words" });

  constructor() {
    this.head.append(this.name, this.time);
    this.root.append(this.head, this.words);
  }

  show(shown: PinShown): void {
    tell(this.name, nameOf(shown));
    tell(this.time, when(shown.time));
    tell(this.words, shown.pin.text);
  }
}

class PinItem {
  private readonly said = new Said();
  readonly root = this.said.root;
  private readonly number = button("", () => this.shown.pin.at && this.events.goTo(this.shown.pin.at), { class: "number" });
  private readonly done = h("span", { class: "done" });
  private readonly resolves = button("", () => this.events.resolve(this.shown, !this.shown.isResolved));
  private readonly answers = button(say("pins.answer"), () => this.events.answer(this.shown));
  private readonly answered = h("ol", { class: "answers" });
  private readonly kept = new Kept<PinShown, Said>(this.answered, () => new Said());

  constructor(
    private shown: PinShown,
    private readonly events: PinEvents,
  ) {
    set(this.root, "id", `pin-${shown.pin.pinId}`);
    set(this.root, "tabindex", -1);
    this.root.classList.add("pin");
    this.said.head.prepend(shown.pin.at ? this.number : h("span", { class: "number whole", "aria-hidden": "true" }, "∗"));
    this.said.head.append(this.done);
    this.root.append(this.answered, h("div", { class: "row" }, this.resolves, this.answers));
  }

  show(shown: PinShown): void {
    this.shown = shown;
    this.said.show(shown);
    const facts = { number: shown.number, name: nameOf(shown) };
    const whole = (what: string): string => say(shown.number ? "pins.of" : "pins.of_whole", { ...facts, what });
    tell(this.number, String(shown.number));
    set(this.number, "aria-label", say("pins.show", facts));
    tell(this.done, shown.isResolved ? `✓ ${say("pins.done")}` : "");
    set(this.root, "data-done", shown.isResolved);
    tell(this.resolves, say(shown.isResolved ? "pins.reopen" : "pins.resolve"));
    set(this.resolves, "aria-label", whole(this.resolves.textContent));
    set(this.answers, "aria-label", whole(this.answers.textContent));
    this.resolves.hidden = !this.events.mayResolve(shown);
    this.answers.hidden = !this.events.mayAnswer();
    this.kept.show(shown.answers, ({ pin }) => pin.pinId);
  }
}

export class PinList {
  readonly root = h("ol", { class: "pins" });
  private readonly kept: Kept<PinShown, PinItem>;

  constructor(events: PinEvents) {
    this.kept = new Kept<PinShown, PinItem>(this.root, (pin) => new PinItem(pin, events));
  }

  show(pins: readonly PinShown[]): void {
    this.kept.show(pins, ({ pin }) => pin.pinId);
  }

  /** Puts the focus on a pin's words. */
  focus(pinId: string): void {
    const item = this.kept.get(pinId)?.root;
    item?.scrollIntoView({ block: "nearest" });
    item?.focus({ preventScroll: true });
  }
}
