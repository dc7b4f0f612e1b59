/** Canvas for Expand in one click: a ratio, or a little more, with the old picture at one of nine points. */

import { PERCENT, RATIOS } from "../host/canvas";
import type { Session } from "../session";
import { say } from "../words";
import { action, make, row, setValue } from "./parts";

const POINTS = ["↖", "↑", "↗", "←", "•", "→", "↙", "↓", "↘"] as const;

export class Room {
  readonly element: HTMLElement;
  private anchor = 4;
  private readonly points: readonly HTMLElement[];

  constructor({ enlarge }: Pick<Session, "enlarge">) {
    const sizes = [...RATIOS.map((ratio) => [ratio, say("canvas.ratio", { width: ratio[0], height: ratio[1] })] as const), [null, say("canvas.percent", { percent: PERCENT })] as const];
    const buttons = sizes.map(([ratio, title]) => action(title, say("canvas.tip"), () => enlarge(ratio, [this.anchor % 3, Math.floor(this.anchor / 3)])));
    this.points = POINTS.map((point, at) => {
      const made = make("div", { title: say("canvas.anchor.tip") }, point);
      made.addEventListener("click", () => this.choose(at));
      return made;
    });
    const grid = [0, 3, 6].map((first) => make("div", { class: "points" }, ...this.points.slice(first, first + 3)));
    this.element = row(make("div", { class: "stretch actions" }, ...buttons), make("div", {}, ...grid));
    this.choose(this.anchor);
  }

  private choose(anchor: number): void {
    this.anchor = anchor;
    this.points.forEach((point, at) => setValue(point, "class", at === anchor ? "point chosen" : "point"));
  }
}
