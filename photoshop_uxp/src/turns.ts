/** One after the other, for each host. */

import type { Host } from "./host/photoshop";

const turns = new WeakMap<Host, Promise<unknown>>();

/** Placements follow each other: each looks for the results that the one before it left. */
export function inTurn<T>(host: Host, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(host) ?? Promise.resolve()).then(work);
  turns.set(host, mine.catch(() => undefined));
  return mine;
}
