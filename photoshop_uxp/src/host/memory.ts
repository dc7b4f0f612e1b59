/** What a result group remembers, as the JSON on its layer. */

import type { Memory, Rect } from "./host";

const VERSION = 1;

export function writeMemory(memory: Memory): string {
  return JSON.stringify({ inlay: VERSION, ...memory });
}

/** The memory in a layer's JSON; null where there is none, or one that is damaged. */
export function readMemory(json: string): Memory | null {
  if (json === "") return null;
  try {
    const stored = JSON.parse(json) as Record<string, unknown>;
    const { inlay, jobId, documentId, recipe, region } = stored;
    if (inlay !== VERSION || typeof jobId !== "string" || typeof documentId !== "string" || typeof recipe !== "string") return null;
    return isRect(region) ? { jobId, documentId, recipe, region } : null;
  } catch {
    return null;
  }
}

function isRect(value: unknown): value is Rect {
  const rect = value as Partial<Rect> | null | undefined;
  return [rect?.x, rect?.y, rect?.width, rect?.height].every((side) => Number.isInteger(side));
}
