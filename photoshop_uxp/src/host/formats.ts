/** A picture's formats: documents with a copy of its layers on another canvas. Inside a modal scope, with the picture in front. */

import type { Document } from "photoshop/dom/Document";

import { say } from "../words";
import { CannotEdit, type Rect } from "./host";
import type { Photoshop } from "./layers";
import { layerAt, type Node, treeOf } from "./tree";

/** A copy of a document without one of its groups. `liesOn`: the layer that the group lay on; null: it lay on none. */
export interface FramedCopy {
  readonly made: Document;
  readonly liesOn: number | null;
}

/**
 * The copy on the canvas `crop` in px of the original: what lies beyond the old one is empty, and layers keep what they have beyond the new one.
 * Throws CannotEdit.
 */
export async function framedCopy(ps: Photoshop, document: Document, group: number, name: string, crop: Rect): Promise<FramedCopy> {
  if (document.artboards.length > 0) throw new CannotEdit(say("many.artboards"));
  const places = placesTo(await treeOf(ps, document), group);
  if (places.length === 0) throw new CannotEdit(say("many.gone"));
  const made = await document.duplicate(name);
  try {
    const tree = await treeOf(ps, made); // Whether a copy's layers have the same numbers is not said anywhere.
    const twin = nodeAt(tree, places);
    const layer = twin && layerAt(made, tree, twin.id);
    if (!layer) throw new CannotEdit(say("plan.layers_damaged"));
    const liesOn = nextBelow(tree, places)?.id ?? made.backgroundLayer?.id ?? null; // Of which a tree may not know.
    layer.delete();
    const { TOPLEFT, BOTTOMRIGHT } = ps.constants.AnchorPosition;
    await turned(made, crop.x + crop.width, crop.y + crop.height, TOPLEFT);
    await turned(made, crop.width, crop.height, BOTTOMRIGHT);
    return { made, liesOn };
  } catch (error) {
    made.closeWithoutSaving();
    throw error;
  }
}

/** Photoshop may refuse a canvas that is none other. */
async function turned(document: Document, width: number, height: number, anchor: Parameters<Document["resizeCanvas"]>[2]): Promise<void> {
  if (document.width !== width || document.height !== height) await document.resizeCanvas(width, height, anchor);
}

/** The places that lead to a layer, each among its siblings; empty where it is not there. */
function placesTo(tree: readonly Node[], id: number): readonly number[] {
  for (const [at, node] of tree.entries()) {
    if (node.id === id) return [at];
    const below = placesTo(node.layers, id);
    if (below.length > 0) return [at, ...below];
  }
  return [];
}

/** What a place lies on: beside it, or else below the groups that it is the lowest of; null: nothing. */
function nextBelow(tree: readonly Node[], places: readonly number[]): Node | null {
  if (places.length === 0) return null;
  const around = places.slice(0, -1);
  const siblings = around.length === 0 ? tree : (nodeAt(tree, around)?.layers ?? []);
  return siblings[(places.at(-1) ?? 0) + 1] ?? nextBelow(tree, around);
}

function nodeAt(tree: readonly Node[], places: readonly number[]): Node | null {
  let [found, siblings]: [Node | null, readonly Node[]] = [null, tree];
  for (const place of places) {
    found = siblings[place] ?? null;
    siblings = found?.layers ?? [];
  }
  return found;
}
