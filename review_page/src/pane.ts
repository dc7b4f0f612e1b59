/** A window onto two pictures of one size that lie on each other: scrolled by the browser, so with wheel, touch and keys. */

import { h } from "./dom";
import { Layer, onGrid, type Picture, type Rect } from "./layer";
import type { Pictures } from "./pictures";

/** What of the two is seen: one of them, before left of a line and after right of it, or how far they differ. */
export type View = "after" | "before" | "wipe" | "difference";

export interface Point {
  /** 0 .. 1 from the left. */
  readonly x: number;
  /** 0 .. 1 from the top. */
  readonly y: number;
}

const CLICK_PX = 4;

export class Pane {
  readonly marks = h("div", { class: "marks" });
  readonly window = h("div", { class: "window", tabindex: "0", role: "application" });
  readonly before: Layer;
  readonly after: Layer;
  scale = 1;
  private readonly layers = h("div", { class: "layers" });
  private readonly paper = h("div", { class: "paper" });
  private view: View = "after";

  constructor(pictures: Pictures, failed: (error: unknown) => void, moved: (pane: Pane) => void, clicked: (at: Point) => void) {
    this.before = new Layer(pictures, failed);
    this.after = new Layer(pictures, failed);
    this.before.root.classList.add("before");
    this.after.root.classList.add("after");
    this.layers.append(this.before.root, this.after.root);
    this.paper.append(this.layers, this.marks);
    this.window.append(this.paper);
    this.window.addEventListener("scroll", () => moved(this), { passive: true });
    this.dragging(clicked);
  }

  /** What is to be seen; `size` in picture pixels. */
  look(view: View, size: { readonly width: number; readonly height: number }, scale: number): void {
    this.view = view;
    this.scale = scale;
    this.window.dataset["view"] = view;
    const { style } = this.paper;
    style.width = `${onGrid(size.width, scale)}px`;
    style.height = `${onGrid(size.height, scale)}px`;
    this.window.classList.toggle("sharp", scale * devicePixelRatio >= 1.999);
  }

  /** Lays the tiles of what is seen now. */
  refresh(): void {
    const seen = this.seen();
    this.before.look(this.view === "after" ? null : seen, this.scale);
    this.after.look(this.view === "before" ? null : seen, this.scale);
  }

  show(before: Picture | null, after: Picture | null): void {
    this.before.show(before);
    this.after.show(after);
  }

  /** Where the visible part of the picture lies in the window, in CSS pixels from its left. */
  span(): { readonly left: number; readonly width: number } {
    const window = this.window.getBoundingClientRect();
    const paper = this.paper.getBoundingClientRect();
    const left = Math.max(window.left, paper.left);
    return { left: left - window.left, width: Math.max(0, Math.min(window.right, paper.right) - left) };
  }

  /** Draws the line at a share of the visible part. */
  wipe(share: number): void {
    const { left, width } = this.span();
    const paper = this.paper.getBoundingClientRect().left - this.window.getBoundingClientRect().left;
    this.paper.style.setProperty("--line", `${Math.round(left - paper + share * width)}px`);
  }

  /** The middle of the window, as a point of the picture. */
  get middle(): Point {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.window;
    const { offsetWidth, offsetHeight } = this.paper;
    return { x: (scrollLeft + clientWidth / 2) / Math.max(clientWidth, offsetWidth), y: (scrollTop + clientHeight / 2) / Math.max(clientHeight, offsetHeight) };
  }

  /** Scrolls so that a point of the picture is in the middle. */
  centre({ x, y }: Point): void {
    const { clientWidth, clientHeight } = this.window;
    const { offsetWidth, offsetHeight } = this.paper;
    this.window.scrollTo({ left: x * offsetWidth - clientWidth / 2, top: y * offsetHeight - clientHeight / 2, behavior: "instant" });
  }

  private seen(): Rect | null {
    const window = this.window.getBoundingClientRect();
    const paper = this.paper.getBoundingClientRect();
    const left = Math.max(window.left, paper.left, 0);
    const top = Math.max(window.top, paper.top, 0);
    const right = Math.min(window.right, paper.right, innerWidth);
    const bottom = Math.min(window.bottom, paper.bottom, innerHeight);
    if (right <= left || bottom <= top) return null;
    const inPicture = (css: number): number => css / this.scale;
    return { x: inPicture(left - paper.left), y: inPicture(top - paper.top), width: inPicture(right - left), height: inPicture(bottom - top) };
  }

  /** A mouse drags the paper; a press that moves nothing is a click on the picture. */
  private dragging(clicked: (at: Point) => void): void {
    const { window } = this;
    let from: { x: number; y: number; left: number; top: number } | null = null;
    let moved = false;
    window.addEventListener("pointerdown", (event) => {
      moved = false;
      if (event.pointerType !== "mouse" || event.button !== 0 || isOnMark(event.target)) return;
      from = { x: event.clientX, y: event.clientY, left: window.scrollLeft, top: window.scrollTop };
    });
    window.addEventListener("pointermove", (event) => {
      if (!from) return;
      const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
      if (!moved && Math.hypot(dx, dy) < CLICK_PX) return;
      if (!moved) window.setPointerCapture(event.pointerId);
      moved = true;
      window.scrollTo({ left: from.left - dx, top: from.top - dy, behavior: "instant" });
    });
    ["pointerup", "pointercancel"].forEach((name) => window.addEventListener(name, () => (from = null)));
    window.addEventListener("click", (event) => {
      const paper = this.paper.getBoundingClientRect();
      const at = { x: (event.clientX - paper.left) / paper.width, y: (event.clientY - paper.top) / paper.height };
      if (!moved && !isOnMark(event.target) && at.x >= 0 && at.x <= 1 && at.y >= 0 && at.y <= 1) clicked(at);
    });
  }
}

function isOnMark(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button") !== null;
}
