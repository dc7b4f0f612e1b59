/** The page's words, in the browser's language. */

import { de } from "./words/de";
import { en } from "./words/en";

export type Key = keyof typeof en;
type Words = Readonly<Record<Key, string>>;

const SPOKEN: Readonly<Record<string, Words>> = { en, de };
const asked = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in SPOKEN);

/** The language that is spoken, as BCP 47. */
export const language = asked ?? "en";
const words = SPOKEN[language] ?? en;

/** The sentence or label of a key, with its `{places}` filled in. */
export function say(key: Key, facts: Readonly<Record<string, string | number>> = {}): string {
  return words[key].replace(/\{(\w+)\}/g, (place, name: string) => String(facts[name] ?? place));
}

/** The day and the time, short. */
export function when(time: Date): string {
  return new Intl.DateTimeFormat(navigator.language, { dateStyle: "short", timeStyle: "short" }).format(time);
}
