/** The pins' marks on a picture, and the cross where the next one would be. */

import { button, h, Kept, set, tell } from "./dom";
import type { Pane, Point } from "./pane";
import { nameOf } from "./pins";
import type { PinShown } from "./standing";
import { say } from "./words";

const STEP = 0.01;
const FAR_STEP = 0.1;
const CLIPPED = 80;

class Mark {
  readonly root: HTMLButtonElement;

  constructor({ pin }: PinShown, chosen: (pinId: string) => void) {
    this.root = button("", () => chosen(pin.pinId), { class: "mark" });
  }

  show(shown: PinShown): void {
    put(this.root, shown.pin.at ?? { x: 0, y: 0 });
    tell(this.root, String(shown.number));
    set(this.root, "aria-label", say("pins.mark", { number: shown.number, name: nameOf(shown), text: clipped(shown.pin.text) }));
    set(this.root, "data-done", shown.isResolved);
  }
}

export class Marks {
  private readonly kept: Kept<PinShown, Mark>;
  private readonly cross = h("span", { class: "cross", "aria-hidden": "true", hidden: true });

  constructor({ marks }: Pane, chosen: (pinId: string) => void) {
    const pinned = h("div", { class: "pinned" });
    marks.append(pinned, this.cross);
    this.kept = new Kept<PinShown, Mark>(pinned, (pin) => new Mark(pin, chosen));
  }

  show(pins: readonly PinShown[]): void {
    this.kept.show(pins.filter(({ pin }) => pin.at), ({ pin }) => pin.pinId);
  }

  showCross(at: Point | null): void {
    this.cross.hidden = at === null;
    if (at) put(this.cross, at);
  }
}

/** The list has all of it. */
function clipped(text: string): string {
  return text.length > CLIPPED ? `${text.slice(0, CLIPPED)} …` : text;
}

function put({ style }: HTMLElement, { x, y }: Point): void {
  style.left = `${x * 100}%`;
  style.top = `${y * 100}%`;
}

/** A point moved by an arrow key, with Shift further; null: the key moves nothing. */
export function movedBy({ key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">, { x, y }: Point): Point | null {
  const step = shiftKey ? FAR_STEP : STEP;
  const moves: Readonly<Record<string, Point>> = { ArrowLeft: { x: -step, y: 0 }, ArrowRight: { x: step, y: 0 }, ArrowUp: { x: 0, y: -step }, ArrowDown: { x: 0, y: step } };
  const move = moves[key];
  const within = (share: number): number => Math.min(1, Math.max(0, Math.round(share * 1000) / 1000));
  return move ? { x: within(x + move.x), y: within(y + move.y) } : null;
}
