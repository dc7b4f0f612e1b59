/** What the form was filled with, and the words of earlier runs: kept for each document, over restarts too. */

import { EMPTY, type Filled } from "../ui/form";
import { recalled, type Settings } from "./uxp";

interface Kept {
  readonly filled: Filled;
  /** The words of its runs, newest first. */
  readonly words: readonly string[];
}

const SETTING = "forms";
const MAX_DOCUMENTS = 40;
const MAX_WORDS = 30;
const SETTLE_MS = 500;
const NOTHING: Kept = { filled: EMPTY, words: [] };

export class Options {
  /** By document id, or a number while the document has none: those are not written. The last one is what new documents begin with. */
  private readonly kept: Map<string, Kept>;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly settings: Pick<Settings, "read" | "write">) {
    this.kept = new Map(recalled<[string, Kept][]>(settings, SETTING, []));
  }

  /** What a document's form is filled with. */
  filled(key: string): Filled {
    return { ...EMPTY, ...this.of(key).filled }; // An earlier plugin may have kept less.
  }

  /** The words of a run: 1 is the last one; null: there were not so many. */
  earlier(key: string, back: number): string | null {
    return this.of(key).words[back - 1] ?? null;
  }

  /** A document got an id. */
  rename(from: string, to: string): void {
    const kept = this.kept.get(from);
    if (kept && !this.kept.has(to)) this.keep(to, kept);
    this.kept.delete(from);
  }

  fill(key: string, filled: Filled): void {
    this.keep(key, { ...this.of(key), filled });
  }

  /** Fills in what an answer says of texts, by their paths; whether it said anything. */
  suggest(key: string, values: Readonly<Record<string, string>>): boolean {
    const { filled, words } = this.of(key);
    const says = Object.keys(values).length > 0;
    if (says) this.keep(key, { filled: { ...filled, values: { ...filled.values, ...values } }, words });
    return says;
  }

  ran(key: string, words: string): void {
    const { filled, words: earlier } = this.of(key);
    if (words !== "") this.keep(key, { filled, words: [words, ...earlier.filter((other) => other !== words)].slice(0, MAX_WORDS) });
  }

  private of(key: string): Kept {
    return this.kept.get(key) ?? { ...NOTHING, filled: elsewhere(Array.from(this.kept.values()).at(-1)?.filled ?? NOTHING.filled) };
  }

  private keep(key: string, kept: Kept): void {
    this.kept.delete(key);
    this.kept.set(key, kept);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), SETTLE_MS);
  }

  private write(): void {
    const lasting = Array.from(this.kept).filter(([key]) => !/^\d*$/.test(key)).slice(-MAX_DOCUMENTS);
    this.settings.write(SETTING, JSON.stringify(lasting));
  }
}

/** What a form begins with where another picture's is remembered: its layers and pictures are not there. */
function elsewhere({ values, ...filled }: Filled): Filled {
  return { ...filled, values: Object.fromEntries(Object.entries(values).filter(([path]) => !path.startsWith("inputs."))) };
}
