/** The colour probe: mean and spread of the selection in the document's values and in Lab, and how far it is from the target. */

import type { ColorProbe, Reading, Verb } from "./model";
import { clear, column, make, row, Section, setText, setVisible, tool, words } from "./parts";

/** Words for a CIEDE2000 up to these. */
const VERDICTS: readonly (readonly [most: number, words: string])[] = [
  [0.5, "on target"],
  [1, "no visible difference"],
  [2, "hardly visible"],
  [5, "visible"],
];
const BEYOND = "another colour";

export class Probe {
  readonly element: HTMLElement;
  private readonly section: Section;
  private readonly swatch = make("div", { class: "swatch measured" });
  private readonly hex = words();
  private readonly pick: HTMLElement;
  private readonly table = column();
  private readonly deltaE = make("div", { class: "strong" });
  private readonly verdict = words("", "stretch");
  private readonly difference = make("div", { class: "row top difference" }, this.deltaE, this.verdict);
  private readonly trouble = words("", "quiet");
  private verb: Verb | null = null;
  private filled: Reading | null = null;

  /** `picked`: a colour that was measured shall be the target. */
  constructor(
    private readonly probe: ColorProbe,
    private readonly picked: (color: string) => void,
  ) {
    const again = tool("Again", "Measure again", () => {
      probe.measure();
    });
    this.pick = tool("Use", "Use as the target of Recolor", () => void this.take());
    const head = row(this.swatch, make("div", { class: "stretch" }, this.hex), again, this.pick);
    this.section = new Section("Colour probe", column(head, this.table, this.difference, this.trouble), (isOpen) => {
      probe.turn(isOpen);
    });
    this.element = make("div", { class: "probe" }, this.section.element);
    probe.onChange(() => {
      this.render();
    });
    this.render();
  }

  /** Who recolours wants to know the colour there is, and how near the result comes. */
  hear(verb: Verb): void {
    if (verb === "recolor" && this.verb !== verb) {
      this.section.turn(true);
    }
    this.verb = verb;
  }

  measure(): void {
    this.section.turn(true);
    this.probe.measure();
  }

  private async take(): Promise<void> {
    const color = await this.probe.spell();
    if (color !== "") {
      this.picked(color);
    }
  }

  private render(): void {
    const { reading, trouble } = this.probe;
    for (const part of [this.swatch, this.hex, this.table, this.pick]) {
      setVisible(part, reading !== null);
    }
    setVisible(this.difference, reading !== null && reading.deltaE !== null);
    setText(this.trouble, trouble);
    setVisible(this.trouble, trouble !== "");
    if (reading !== null && reading !== this.filled) {
      this.fill(reading);
    }
    this.filled = reading;
  }

  private fill(reading: Reading): void {
    this.swatch.style.backgroundColor = reading.hex;
    setText(this.hex, reading.hex);
    const pixels = String(reading.pixels).replace(/\B(?=(\d{3})+$)/g, ",");
    this.hex.setAttribute("title", `The mean of ${pixels} pixels in sRGB, as an averaging eyedropper sees it`);
    clear(this.table);
    this.table.appendChild(numbers(reading.channels, reading.mean, reading.spread, reading.depth === 32 ? 3 : 0));
    this.table.appendChild(numbers(["L*", "a*", "b*"], reading.lab, reading.labSpread, 1));
    if (reading.deltaE !== null) {
      setText(this.deltaE, `ΔE ${reading.deltaE.toFixed(1)}`);
      setText(this.verdict, `to ${reading.target}: ${verdict(reading.deltaE)}`);
    }
  }
}

/** A colour difference in words. */
export function verdict(deltaE: number): string {
  return VERDICTS.find(([most]) => deltaE <= most)?.[1] ?? BEYOND;
}

function numbers(names: readonly string[], mean: readonly number[], spread: readonly number[], digits: number): HTMLElement {
  const cells = names.map((name, at) =>
    make(
      "div",
      { class: "third" },
      words(`${name} ${signless(mean[at], digits)}`),
      words(`± ${signless(spread[at], digits)}`, "quiet"),
    ),
  );
  return make("div", { class: "row top" }, ...cells);
}

/** A number whose rounding leaves no sign before zero. */
function signless(value = 0, digits = 0): string {
  return value.toFixed(digits).replace(/^-(?=[0.]*$)/, "");
}
