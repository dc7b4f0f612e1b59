/** Where a draft is looked at: the ways to compare it with what was before, zoom and scrolling, linked where two are side by side. */

import { button, h, set, tell } from "./dom";
import type { Picture } from "./layer";
import { Pane, type Point, type View } from "./pane";
import type { Pictures } from "./pictures";
import { type Key, say } from "./words";

type Mode = View | "side";
const MODES: readonly Mode[] = ["after", "before", "wipe", "side", "difference"];
const STEP = Math.SQRT2;
const MOST_SCALE = 16;
const LINE_STEPS = 1000;

/** What the stage tells the page. */
export interface StageEvents {
  clicked(at: Point): void;
  /** A key on a picture that is not about looking; true: it was meant. */
  key(event: KeyboardEvent): boolean;
  failed(error: unknown): void;
  /** After anything that moves the pictures. */
  moved(): void;
}

export class Stage {
  readonly root = h("div", { class: "stage" });
  readonly panes: readonly [Pane, Pane];
  /** The tools above the pictures. */
  readonly tools = h("div", { class: "tools" });
  private readonly line = h("input", { type: "range", min: 0, max: LINE_STEPS, value: LINE_STEPS / 2, class: "line", "aria-label": say("view.line") });
  private readonly modes = new Map<Mode, HTMLInputElement>();
  private readonly percent = h("output", { class: "percent" });
  private readonly hold = button(say("view.hold"), () => undefined, { class: "hold", "aria-pressed": "false" });
  private mode: Mode = "after";
  /** CSS pixels for a picture's pixel; null: whatever makes all of it visible. */
  private zoom: number | null = null;
  /** What holds the picture from before: each lets go by itself. */
  private readonly holding = new Set<"key" | "button">();
  private size = { width: 1, height: 1 };

  constructor(
    pictures: Pictures,
    private readonly events: StageEvents,
  ) {
    const pane = (): Pane => new Pane(pictures, (error) => events.failed(error), (by) => this.scrolled(by), (at) => events.clicked(at));
    this.panes = [pane(), pane()];
    this.root.append(h("div", { class: "panes" }, ...this.panes.map(({ window }) => window)), this.line);
    this.tools.append(this.viewTools(), this.zoomTools(), this.hold);
    this.listen();
  }

  /** Shows a draft against another picture of the same size. Zoom and place stay. */
  show(before: Picture, after: Picture): void {
    const isOther = after.width !== this.size.width || after.height !== this.size.height;
    this.size = { width: after.width, height: after.height };
    if (isOther) this.zoom = null;
    this.root.style.setProperty("--tall", String(after.height / after.width));
    this.panes[0].show(before, after);
    this.panes[1].show(null, this.mode === "side" ? after : null);
    this.layOut();
  }

  /** Lets go of all pictures, so that the next ones are fetched anew. */
  forget(): void {
    this.panes.forEach((pane) => pane.show(null, null));
  }

  /** What the panes are called, for those who do not see them. */
  name(nameOf: (side: string) => string): void {
    const isSide = this.mode === "side";
    set(this.panes[0].window, "aria-label", nameOf(say(isSide ? "view.before" : MODE_WORDS[this.mode])));
    set(this.panes[1].window, "aria-label", nameOf(say("view.after")));
  }

  /** Scrolls a place into the middle, and gives it room where the picture is not zoomed. */
  goTo(at: Point): void {
    this.panes[0].centre(at);
    this.events.moved();
  }

  /** Fills the window with a rectangle, in picture pixels. */
  frame({ x, y, width, height }: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }): void {
    const { clientWidth, clientHeight } = this.panes[0].window;
    this.zoom = Math.min(MOST_SCALE, clientWidth / (width * 1.5), clientHeight / (height * 1.5));
    this.layOut();
    this.goTo({ x: (x + width / 2) / this.size.width, y: (y + height / 2) / this.size.height });
  }

  choose(mode: Mode): void {
    this.mode = mode;
    const radio = this.modes.get(mode);
    if (radio) radio.checked = true;
    this.panes[1].show(null, mode === "side" ? this.panes[0].after.picture : null);
    this.layOut();
    this.events.moved();
  }

  /** Shows what was before for as long as something holds it. */
  private holdBefore(by: "key" | "button", isHeld: boolean): void {
    if (isHeld === this.holding.has(by)) return;
    if (isHeld) this.holding.add(by);
    else this.holding.delete(by);
    set(this.hold, "aria-pressed", String(this.holding.size > 0));
    this.layOut();
  }

  private viewTools(): HTMLElement {
    const radios = MODES.map((mode) => {
      const radio = h("input", { type: "radio", name: "view", value: mode, checked: mode === this.mode });
      radio.addEventListener("change", () => this.choose(mode));
      this.modes.set(mode, radio);
      return h("label", { class: "segment" }, radio, h("span", {}, say(MODE_WORDS[mode])));
    });
    return h("fieldset", { class: "segments" }, h("legend", { class: "unseen" }, say("view.name")), ...radios);
  }

  private zoomTools(): HTMLElement {
    const out = button("−", () => this.step(1 / STEP), { "aria-label": say("view.out"), class: "square" });
    const zoomIn = button("+", () => this.step(STEP), { "aria-label": say("view.in"), class: "square" });
    const fit = button(say("view.fit"), () => this.to(null));
    const actual = button(say("view.actual"), () => this.to(1 / devicePixelRatio));
    return h("div", { class: "zoom", role: "group", "aria-label": say("view.zoom") }, out, this.percent, zoomIn, fit, actual);
  }

  private listen(): void {
    this.line.addEventListener("input", () => this.drawLine());
    new ResizeObserver(() => this.layOut()).observe(this.panes[0].window);
    addEventListener("scroll", () => this.refresh(), { passive: true });
    visualViewport?.addEventListener("resize", () => this.refresh());
    this.hold.addEventListener("pointerdown", () => this.holdBefore("button", true));
    ["pointerup", "pointercancel", "pointerleave", "blur", "keyup"].forEach((name) => this.hold.addEventListener(name, () => this.holdBefore("button", false)));
    this.hold.addEventListener("keydown", (event) => {
      if (event.key === " " || event.key === "Enter") this.holdBefore("button", true);
    });
    this.panes.forEach(({ window }) => {
      window.addEventListener("keydown", (event) => {
        if (event.target === window && !event.ctrlKey && !event.metaKey && !event.altKey && this.pressed(event)) event.preventDefault();
      });
      window.addEventListener("keyup", (event) => {
        if (event.key === " ") this.holdBefore("key", false);
      });
      window.addEventListener("blur", () => this.holdBefore("key", false));
      window.addEventListener("wheel", (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.step(2 ** (-event.deltaY / 200));
      });
    });
  }

  private pressed(event: KeyboardEvent): boolean {
    if (this.events.key(event)) return true;
    const acts: Readonly<Record<string, () => void>> = {
      " ": () => this.holdBefore("key", true),
      "+": () => this.step(STEP),
      "=": () => this.step(STEP),
      "-": () => this.step(1 / STEP),
      "0": () => this.to(null),
    };
    const act = acts[event.key];
    act?.();
    return act !== undefined;
  }

  private step(factor: number): void {
    this.to(Math.min(MOST_SCALE, this.panes[0].scale * factor));
  }

  private to(zoom: number | null): void {
    const { middle } = this.panes[0];
    this.zoom = zoom !== null && zoom <= this.fitting() ? null : zoom;
    this.layOut();
    this.panes[0].centre(middle);
    this.events.moved();
  }

  private fitting(): number {
    const { offsetWidth, offsetHeight } = this.panes[0].window;
    return Math.max(1e-3, Math.min(offsetWidth / this.size.width, offsetHeight / this.size.height));
  }

  private layOut(): void {
    const { mode } = this;
    this.root.dataset["mode"] = mode;
    const scale = this.zoom ?? this.fitting();
    const still: View = mode === "side" ? "before" : mode;
    const first: View = this.holding.size > 0 ? (mode === "before" ? "after" : "before") : still;
    this.panes[0].look(first, this.size, scale);
    this.panes[1].look("after", this.size, scale);
    this.line.hidden = mode !== "wipe";
    this.panes[0].window.classList.toggle("whole", this.zoom === null);
    this.panes[1].window.classList.toggle("whole", this.zoom === null);
    tell(this.percent, say("view.percent", { percent: Math.round(scale * devicePixelRatio * 100) }));
    this.refresh();
  }

  private scrolled(by: Pane): void {
    const other = this.panes[by === this.panes[0] ? 1 : 0];
    const { scrollLeft, scrollTop } = by.window;
    if (this.mode === "side" && (other.window.scrollLeft !== scrollLeft || other.window.scrollTop !== scrollTop)) {
      other.window.scrollTo({ left: scrollLeft, top: scrollTop, behavior: "instant" });
    }
    this.refresh();
  }

  private refresh(): void {
    this.drawLine();
    this.panes[0].refresh();
    if (this.mode === "side") this.panes[1].refresh();
  }

  private drawLine(): void {
    const share = Number(this.line.value) / LINE_STEPS;
    const { left, width } = this.panes[0].span();
    this.line.style.setProperty("--left", `${left}px`);
    this.line.style.setProperty("--width", `${width}px`);
    set(this.line, "aria-valuetext", say("view.line_at", { share: Math.round(share * 100) }));
    this.panes[0].wipe(share);
  }
}

const MODE_WORDS: Readonly<Record<Mode, Key>> = {
  after: "view.after",
  before: "view.before",
  wipe: "view.wipe",
  side: "view.side",
  difference: "view.difference",
};
