/** Builds a result in a document: one group with its mask, a pixel layer for each variation, and what they remember. */

import type { Document } from "photoshop/dom/Document";
import type { Layer } from "photoshop/dom/Layer";

import { intersection } from "./capture";
import { CannotEdit, type ColorMode, type Placed, type Placement, type Rect, type Replaced } from "./host";
import { rectOf, writePixels } from "./images";
import { brushOf, type Photoshop, play, restoreBrush, selectLayers, selectNoLayers, writeNote } from "./layers";
import { putMask } from "./mask";
import { writeMemory } from "./memory";
import { areUntouched, contentOf, type Ours, sealNow, writeLayerNote } from "./seal";
import { layerAt, type Node, nodeWith, treeOf } from "./tree";

const KEPT = "The earlier result holds layers of yours, or strokes: it is hidden, not deleted.";

/** Inside a modal scope, with history suspended and the document in front. */
export async function build(ps: Photoshop, document: Document, mode: ColorMode, placement: Placement): Promise<Placed> {
  const brush = await brushOf(ps, document);
  const home = await artboardAround(ps, document, placement.mask.region);
  await standOnTop(ps, document, home);
  const layers: Layer[] = [];
  for (const { name, load, receipt } of [...placement.layers].reverse()) {
    const layer = made(await document.createPixelLayer({ name }));
    await writePixels(ps, document.id, layer.id, mode, await load());
    await writeNote(ps, document.id, layer.id, writeLayerNote({ receipt, seal: await sealNow(ps, document, layer.id) }));
    layers.unshift(layer);
  }
  for (const layer of layers.slice(1)) layer.visible = false;
  const { NORMAL } = ps.constants.BlendMode;
  const group = made(await document.createLayerGroup({ name: placement.name, blendMode: NORMAL, fromLayers: layers }));
  if (group.blendMode !== NORMAL) group.blendMode = NORMAL; // Then an adjustment layer inside it changes nothing below.
  await raise(ps, document, group.id, home);
  await writeNote(ps, document.id, group.id, writeMemory(placement.memory));
  const notes = new Set([await putMask(ps, document, group.id, placement.mask)]);
  for (const replaced of placement.replaces) notes.add(await replace(ps, document, group.id, replaced));

  const tree = await treeOf(ps, document);
  await restoreBrush(ps, document, brush, (id) => nodeWith(tree, id) !== null || document.backgroundLayer?.id === id, group.id);
  return { group: group.id, note: Array.from(notes).filter(Boolean).join(" ") };
}

function made(layer: Layer | null): Layer {
  if (layer === null) throw new CannotEdit("Photoshop made no layer. Unlock the document's layers and place the result again.");
  return layer;
}

/** The artboard that holds all of `region`; null: none. The DOM's bounds of an artboard are those of its layers. */
async function artboardAround(ps: Photoshop, document: Document, region: Rect): Promise<Layer | null> {
  for (const artboard of Array.from(document.artboards)) {
    const _target = [{ _property: "artboard" }, { _ref: "layer", _id: artboard.id }, { _ref: "document", _id: document.id }];
    const bounds = await play(ps, [{ _obj: "get", _target }]).then(
      ([answer]) => (answer?.["artboard"] as { artboardRect?: Layer["bounds"] } | undefined)?.artboardRect ?? artboard.bounds,
      () => artboard.bounds,
    );
    const common = intersection(rectOf(bounds), region);
    if (common?.width === region.width && common.height === region.height) return artboard;
  }
  return null;
}

/**
 * New layers go above the active one: on top of everything, because what the server saw were all layers, or on top of an artboard.
 * Beside any other layer they might land in a locked group or in the middle of a clipping stack.
 */
async function standOnTop(ps: Photoshop, document: Document, home: Layer | null): Promise<void> {
  if (home === null && (await selectNoLayers(ps))) return;
  const top = Array.from((home === null ? document.layers : home.layers) ?? [])[0] ?? home;
  if (top !== null) await selectLayers(ps, document.id, [top.id]);
}

/** Looks whether the group lies on top, and moves it there where it does not. */
async function raise(ps: Photoshop, document: Document, group: number, home: Layer | null): Promise<void> {
  const tree = await treeOf(ps, document);
  const siblings = home === null ? tree : (nodeWith(tree, home.id)?.layers ?? []);
  const [top] = siblings;
  if (top?.id === group) return;
  const [layer, above] = [layerAt(document, tree, group), top === undefined ? home : layerAt(document, tree, top.id)];
  if (layer === null || above === null) return;
  layer.move(above, top === undefined ? ps.constants.ElementPlacement.PLACEINSIDE : ps.constants.ElementPlacement.PLACEBEFORE);
}

/** What `group` takes the place of goes, where all of it is ours; else it is hidden. Returns what there is to know. */
async function replace(ps: Photoshop, document: Document, group: number, { group: earlier, isAlike }: Replaced): Promise<string> {
  const tree = await treeOf(ps, document);
  const node = nodeWith(tree, earlier);
  const layer = layerAt(document, tree, earlier);
  if (node === null || layer === null) return "";
  const { variations, isAllOurs } = await contentOf(ps, document, node);
  if (isAllOurs && isAlike) await carry(ps, document, tree, group, variations);
  const isSpent = isAllOurs && (isAlike ? await isEmpty(ps, document, earlier) : await areUntouched(ps, document, variations));
  if (isSpent && deleted(layer)) return "";
  layer.visible = false;
  return KEPT;
}

/** A result goes, or is hidden where the retoucher added to it. Returns what there is to know. Inside a modal scope. */
export function remove(ps: Photoshop, document: Document, group: number): Promise<string> {
  return replace(ps, document, group, { group, isAlike: false });
}

/** Moves variations, hidden, below those of a group. */
async function carry(ps: Photoshop, document: Document, tree: readonly Node[], group: number, variations: readonly Ours[]): Promise<void> {
  let above = layerAt(document, tree, nodeWith(tree, group)?.layers.at(-1)?.id ?? group);
  for (const { id } of variations) {
    const layer = layerAt(document, tree, id);
    if (layer === null || above === null) return;
    layer.move(above, ps.constants.ElementPlacement.PLACEAFTER);
    layer.visible = false;
    above = layer;
  }
}

async function isEmpty(ps: Photoshop, document: Document, group: number): Promise<boolean> {
  return nodeWith(await treeOf(ps, document), group)?.layers.length === 0;
}

function deleted(layer: Layer): boolean {
  try {
    layer.delete();
    return true;
  } catch {
    return false; // It is locked.
  }
}
