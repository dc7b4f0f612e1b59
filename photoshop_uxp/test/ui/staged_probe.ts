/** A colour probe that only remembers what it was asked. */

import type { ColorProbe, Reading } from "../../src/ui/model";

/** A rusty patch of 16 bit. */
const RUST: Reading = {
  channels: ["R", "G", "B"],
  depth: 16,
  mean: [20000.2, 9000.4, 2999.9],
  spread: [12.3, 8.1, 0.2],
  lab: [40.24, 33.58, 39.41],
  labSpread: [0.1, -0.0, 0.2],
  hex: "#9C4617",
  pixels: 1234567,
  target: "#C0392B",
  deltaE: 1.54,
};
const FAR: Partial<Reading> = { target: "lab(88.12, -100.31, 70.55)", deltaE: 63.2, lab: [40.2, -100.6, -100.4], mean: [32768, 32768, 32768] };

export class StagedProbe implements ColorProbe {
  readonly asked: unknown[][] = [];
  reading: Reading | null = null;
  trouble = "";
  private readonly listeners = new Set<() => void>();

  constructor(scene: string) {
    if (scene === "measured" || scene === "farthest") {
      this.reading = scene === "measured" ? RUST : { ...RUST, ...FAR };
    } else if (scene === "unmeasured") {
      this.trouble = "Select what to measure.";
    }
  }

  set(facts: Partial<Pick<ColorProbe, "reading" | "trouble">>): void {
    Object.assign(this, facts);
    this.listeners.forEach((listener) => {
      listener();
    });
  }
  measured(): void {
    this.set({ reading: RUST });
  }
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  turn = (isOpen: boolean): void => void this.asked.push(["turn", isOpen]);
  measure = (): void => void this.asked.push(["measure"]);
  spell = (): Promise<string> => Promise.resolve(this.reading?.hex ?? "");
}
