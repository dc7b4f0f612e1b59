/** A picture's formats: documents with a copy of its layers on another canvas. Inside a modal scope, with the picture in front. */

import type { Document } from "photoshop/dom/Document";

import { say } from "../words";
import { CannotEdit, type Rect } from "./host";
import type { Photoshop } from "./layers";
import { layerAt, type Node, treeOf } from "./tree";

/**
 * A copy of a document without one of its groups, on the canvas `crop` in px of the original: what lies beyond the old one is empty, and layers
 * keep what they have beyond the new one. Throws CannotEdit.
 */
export async function framedCopy(ps: Photoshop, document: Document, group: number, name: string, crop: Rect): Promise<Document> {
  if (document.artboards.length > 0) throw new CannotEdit(say("many.artboards"));
  const places = placesTo(await treeOf(ps, document), group);
  if (places.length === 0) throw new CannotEdit(say("many.gone"));
  const made = await document.duplicate(name);
  try {
    const tree = await treeOf(ps, made); // Whether a copy's layers have the same numbers is not said anywhere.
    const twin = nodeAt(tree, places);
    const layer = twin && layerAt(made, tree, twin.id);
    if (!layer) throw new CannotEdit(say("plan.layers_damaged"));
    layer.delete();
    const { TOPLEFT, BOTTOMRIGHT } = ps.constants.AnchorPosition;
    await turned(made, crop.x + crop.width, crop.y + crop.height, TOPLEFT);
    await turned(made, crop.width, crop.height, BOTTOMRIGHT);
    return made;
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

function nodeAt(tree: readonly Node[], places: readonly number[]): Node | null {
  let [found, siblings]: [Node | null, readonly Node[]] = [null, tree];
  for (const place of places) {
    found = siblings[place] ?? null;
    siblings = found?.layers ?? [];
  }
  return found;
}
