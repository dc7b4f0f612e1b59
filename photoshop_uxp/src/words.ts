/** Every word of the plugin, in the editor's language: the server says them, and they are kept for the next start. */

import { recalled, type Settings } from "./host/uxp";

type Words = Readonly<Record<string, string>>;

/** The server's English, which a script is built with. */
declare const ENGLISH: Words | undefined;

/** What is said before any server was heard, and where an older one has no words. */
const BEFORE: Words = typeof ENGLISH === "object" ? ENGLISH : {};
const SETTING = "words";

let said: Words = {};

/** Speaks as the last server did. */
export function remember(settings: Pick<Settings, "read">): void {
  said = recalled(settings, SETTING, {});
}

/** Speaks as this server does, from now on and at the next start; undefined: none was heard yet. */
export function hear(words: Words | undefined, settings: Pick<Settings, "write">): void {
  if (words === undefined || words === said) return;
  said = words;
  settings.write(SETTING, JSON.stringify(words));
}

/** The sentence or label of a key, with its `{places}` filled in. */
export function say(key: string, facts: Readonly<Record<string, string | number>> = {}): string {
  return (said[key] ?? BEFORE[key] ?? key).replace(/\{(\w+)\}/g, (place, name: string) => String(facts[name] ?? place));
}

/** The same of a number of things: `key.one` or `key.other`. */
export function saidOf(key: string, count: number, facts: Readonly<Record<string, string>> = {}): string {
  return say(`${key}.${count === 1 ? "one" : "other"}`, { ...facts, count });
}
