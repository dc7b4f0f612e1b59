/** The variations of the result in hand: flip through them, keep one, or run the recipe again. */

import type { Picture, ResultView } from "./model";
import { button, clear, column, make, row, setEnabled, setText, setValue, setVisible, tool, words } from "./parts";
import { dataUrl, shrink } from "./picture";

const THUMBNAIL_PX = 56;
const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export interface VariationWishes {
  show(variation: number): void;
  flip(by: number): void;
  keep(): void;
  again(): void;
  finish(): void;
}

export class Variations {
  readonly element: HTMLElement;
  private readonly title = words("", "stretch");
  private readonly note = words("", "quiet");
  private readonly strip: HTMLElement;
  private readonly flips: HTMLElement;
  private readonly keep: HTMLElement;
  private readonly finish: HTMLElement;
  private readonly cells: HTMLElement[] = [];
  private filled = "";

  constructor(private readonly wishes: VariationWishes) {
    this.flips = row(
      tool("◂", "Previous variation", () => {
        wishes.flip(-1);
      }),
      tool("▸", "Next variation", () => {
        wishes.flip(1);
      }),
    );
    this.strip = make("div", { class: "strip", tabindex: "0" });
    this.strip.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (step !== undefined) {
        event.preventDefault();
        wishes.flip(step);
      }
    });
    this.keep = button("Keep this", "secondary", "Keeps the visible variation and drops the others (undoable)", () => {
      wishes.keep();
    });
    const again = button("Re-run", "secondary", "Runs this result's recipe again: the same pixels", () => {
      wishes.again();
    });
    const finish = button("Finish", "secondary", "Paints the variation that shows anew at the final tier and keeps what it shows", () => {
      wishes.finish();
    });
    const half = (inner: HTMLElement): HTMLElement => make("div", { class: "half" }, inner);
    this.finish = row(half(finish));
    this.element = column(row(this.title, this.flips), this.note, this.strip, row(half(this.keep), half(again)), this.finish);
  }

  /** Shows a result's variations; nothing where it is null. */
  render(result: ResultView | null): void {
    setVisible(this.element, result !== null);
    if (!result) {
      this.filled = "";
      return;
    }
    if (result.id !== this.filled) {
      this.filled = result.id;
      this.fill(result);
    }
    setText(this.note, result.note);
    setVisible(this.note, result.note !== "");
    setVisible(this.finish, result.canFinish);
    this.cells.forEach((cell, index) => {
      setValue(cell, "class", index === result.shown ? "cell shown" : "cell");
    });
  }

  private fill(result: ResultView): void {
    const hasChoice = result.variations.length > 1;
    setText(this.title, `Result: ${result.name}`);
    setEnabled(this.keep, hasChoice);
    setVisible(this.flips, hasChoice);
    clear(this.strip);
    this.cells.length = 0;
    result.variations.forEach(({ name, picture }, index) => {
      const cell = make("div", { class: "cell", title: name }, thumbnail(picture), make("div", { class: "number" }, String(index + 1)));
      cell.addEventListener("click", () => {
        this.wishes.show(index);
      });
      this.cells.push(cell);
      this.strip.appendChild(cell);
    });
  }
}

function thumbnail(picture: Picture | null): HTMLElement {
  const frame = make("div", { class: picture ? "thumbnail" : "thumbnail empty" });
  if (picture) {
    const small = shrink(picture, THUMBNAIL_PX);
    const image = make<HTMLImageElement>("img");
    image.style.width = `${small.width}px`;
    image.style.height = `${small.height}px`;
    image.src = dataUrl(small);
    frame.appendChild(image);
  }
  return frame;
}
