/** What a document shows, where that may be nothing at all. */

import type { Document } from "photoshop/dom/Document";
import type { Layer as DomLayer } from "photoshop/dom/Layer";

import { intersection } from "./capture";
import { factsOf } from "./facts";
import type { Pixels, Rect } from "./host";
import { readPixels, rectOf } from "./images";
import type { Photoshop } from "./layers";

/** The composite; empty where the document is, for which Photoshop may have an error or an image without pixels. */
export async function readPixelsOrNone(ps: Photoshop, document: Document, rect: Rect): Promise<Pixels> {
  try {
    return await readPixels(ps, document.id, rect);
  } catch (error) {
    if (hasPixels(document, rect)) throw error;
    const { mode, depth } = factsOf(ps, document);
    const samples = depth === 8 ? new Uint8Array(0) : depth === 16 ? new Uint16Array(0) : new Float32Array(0);
    return { rect: { x: 0, y: 0, width: 0, height: 0 }, channels: mode === "Gray" ? 2 : 4, samples };
  }
}

/** Whether a visible layer reaches into `rect`. */
function hasPixels(document: Document, rect: Rect): boolean {
  const reaches = (layer: DomLayer): boolean => {
    if (!layer.visible) return false;
    const inner = layer.layers; // The kind of an artboard is not documented.
    if (inner !== null) return Array.from(inner).some(reaches);
    return intersection(rectOf(layer.bounds), rect) !== null;
  };
  return Array.from(document.layers).some(reaches);
}
