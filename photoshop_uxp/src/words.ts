/** The panel's words: the server's, in the editor's language, kept for when it is not there; plain English before it ever was. */

import { recalled, type Settings } from "./host/host";

/** A sentence or a label by its key, with its `{places}` filled in. */
export type Say = (key: string, facts?: Readonly<Record<string, string | number>>) => string;

/** What is said before any server was heard of. A key that is not here says its own name. */
const BEFORE: Readonly<Record<string, string>> = {
  "action.retry.title": "Try again",
  "connection.connecting": "Connecting…",
  "connection.none": "No server",
  "connection.ready": "Ready on {name}",
  "connection.version": "Inlay {version} at {url}",
  "connection.not_yet": "Not connected yet. Try again in a moment.",
  "connection.stays": "Nothing leaves this machine.",
  "connection.leaves": "Only the window's pixels, the mask and the words go to {url}, and nowhere else.",
  "first_run.title": "Inlay needs its server",
  "first_run.text": "Start it on this machine, or on one with a graphics card, and enter its address in the settings.",
  "first_run.command": "inlay serve",
  "plan.no_picture": "Open a picture to begin.",
  "result.none": "No result is in hand. Select a result's group or one of its layers.",
  "settings.doctor": "Connection doctor",
  "settings.token_hint": "None on this machine",
};
const SETTING = "words";

export class Words {
  private said: Readonly<Record<string, string>>;

  constructor(private readonly settings: Pick<Settings, "read" | "write">) {
    this.said = recalled(settings, SETTING, {});
  }

  /** What a server says; undefined: it was not heard yet. */
  hear(said: Readonly<Record<string, string>> | undefined): void {
    if (said === undefined || said === this.said) return;
    this.said = said;
    this.settings.write(SETTING, JSON.stringify(said));
  }

  readonly say: Say = (key, facts = {}) => {
    const text = this.said[key] ?? BEFORE[key] ?? nameOf(key);
    return text.replace(/\{(\w+)\}/g, (place, name: string) => String(facts[name] ?? place));
  };
}

/** `action.keep.title`: Keep. Tips say nothing then. */
function nameOf(key: string): string {
  const parts = key.split(".");
  const last = parts.pop() ?? "";
  const name = last === "title" ? (parts.pop() ?? "") : last;
  return name === "tip" ? "" : name.charAt(0).toUpperCase() + name.slice(1).replace(/_/g, " ");
}

/** A sentence about a number of things. */
export function saidOf(say: Say, key: string, count: number, facts: Readonly<Record<string, string>> = {}): string {
  return say(`${key}.${count === 1 ? "one" : "other"}`, { ...facts, count });
}
