/** What a result's group and its variations remember, as the JSON on their layers. */

import type { Origin, Rect } from "./host";

const VERSION = 1;

/** What a variation's layer remembers. */
export interface LayerNote {
  readonly memory: string;
  /** Of its pixels when it was placed (see touched.ts); empty: unknown. */
  readonly seal: string;
}

export function written(note: Origin | LayerNote): string {
  return JSON.stringify({ inlay: VERSION, ...note });
}

/** What a group remembers; null where it is no result, or its note is damaged. */
export function readOrigin(json: string): Origin | null {
  const { jobId, documentId, region, reads } = parsed(json);
  if (typeof jobId !== "string" || typeof documentId !== "string" || !isRect(region)) return null;
  return { jobId, documentId, region, reads: reads === "below" ? "below" : "picture" };
}

/** What a layer remembers; null where it is no variation. */
export function readLayerNote(json: string): LayerNote | null {
  const { memory, seal } = parsed(json);
  return typeof memory === "string" && typeof seal === "string" ? { memory, seal } : null;
}

function parsed(json: string): Record<string, unknown> {
  try {
    const note = JSON.parse(json) as Record<string, unknown>;
    return note["inlay"] === VERSION ? note : {};
  } catch {
    return {};
  }
}

function isRect(value: unknown): value is Rect {
  const rect = value as Partial<Rect> | null | undefined;
  return [rect?.x, rect?.y, rect?.width, rect?.height].every((side) => Number.isInteger(side));
}
