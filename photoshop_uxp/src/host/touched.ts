/** Whether a variation is still what was placed: a short name of its pixels, kept beside its receipt. */

import type { Document } from "photoshop/dom/Document";

import type { Pixels } from "./host";
import { readPixels } from "./images";
import { type Photoshop, readNotes } from "./layers";
import { type LayerNote, readLayerNote } from "./notes";
import type { Node } from "./tree";

/** A variation of ours in a result's group. */
export interface Ours extends LayerNote {
  readonly id: number;
  readonly node: Node;
}

/** The variations in a result's group, top to bottom, and whether there is nothing else. */
export async function contentOf(ps: Photoshop, document: Document, { layers }: Node): Promise<{ variations: readonly Ours[]; isAllOurs: boolean }> {
  const notes = await readNotes(ps, document.id, layers.map(({ id }) => id));
  const variations: Ours[] = [];
  for (const [at, node] of layers.entries()) {
    const note = node.isGroup ? null : readLayerNote(notes[at] ?? "");
    if (note !== null) variations.push({ ...note, id: node.id, node });
  }
  return { variations, isAllOurs: variations.length === layers.length };
}

/** Whether variations are as they were placed: nobody painted on them or gave them a mask. Inside a modal scope. */
export async function areUntouched(ps: Photoshop, document: Document, variations: readonly Ours[]): Promise<boolean> {
  for (const { id, node, seal } of variations) {
    if (node.hasMask || seal === "" || seal !== (await sealNow(ps, document, id))) return false;
  }
  return true;
}

/** The seal of a layer as it is now; empty where it cannot be read. Inside a modal scope. */
export async function sealNow(ps: Photoshop, document: Document, layer: number): Promise<string> {
  const canvas = { x: 0, y: 0, width: document.width, height: document.height };
  return readPixels(ps, document.id, canvas, layer).then(sealOf, () => "");
}

/**
 * Another once a single visible sample is another or lies elsewhere. What is wholly transparent does not count: Photoshop trims it,
 * and forgets its colours. Two hashes of 32 bit (FNV-1a and a multiplicative one).
 */
export function sealOf({ rect, channels, samples }: Pixels): string {
  const words = samples instanceof Float32Array ? new Uint32Array(samples.buffer, samples.byteOffset, samples.length) : samples;
  const hasAlpha = channels === 2 || channels === 4;
  let one = 0x811c9dc5;
  let two = 0x9e3779b9;
  const mix = (word: number): void => {
    one = Math.imul(one ^ word, 0x01000193);
    two = Math.imul((two ^ (two >>> 15)) + word, 0x85ebca6b);
  };
  for (let y = 0, at = 0; y < rect.height; y++) {
    let isWithin = false;
    for (let x = 0; x < rect.width; x++, at += channels) {
      if (hasAlpha && !((samples[at + channels - 1] ?? 0) > 0)) {
        isWithin = false;
        continue;
      }
      if (!isWithin) {
        mix(rect.x + x);
        mix(rect.y + y);
        isWithin = true;
      }
      for (let channel = 0; channel < channels; channel++) mix(words[at + channel] ?? 0);
    }
  }
  const hex = (hash: number): string => (hash >>> 0).toString(16).padStart(8, "0");
  return hex(one) + hex(two);
}
