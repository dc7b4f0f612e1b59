/** Builds a result in a document: one group with its mask, a pixel layer for each variation, and what they remember. */

import type { Document } from "photoshop/dom/Document";
import type { Layer } from "photoshop/dom/Layer";

import { say } from "../words";
import { intersection } from "./capture";
import { CannotEdit, type ColorMode, type Placed, type Placement, type Rect, type Replaced } from "./host";
import { rectOf, writePixels } from "./images";
import { brushOf, type Photoshop, play, restoreBrush, selectLayers, selectNoLayers, writeNote } from "./layers";
import { putMask } from "./mask";
import { written } from "./notes";
import { areUntouched, contentOf, type Ours, sealNow } from "./touched";
import { layerAt, type Node, nodeWith, pathTo, treeOf } from "./tree";
import { setType } from "./type";

/** Inside a modal scope, with history suspended and the document in front. */
export async function build(ps: Photoshop, document: Document, mode: ColorMode, placement: Placement): Promise<Placed> {
  const brush = await brushOf(ps, document);
  const home = await homeOf(ps, document, placement);
  await standOnTop(ps, document, home);
  const layers: Layer[] = [];
  for (const { name, load, memory, type } of [...placement.layers].reverse()) {
    const set = type ? await setType(ps, document, name, type) : null;
    const layer = set ?? made(await document.createPixelLayer({ name }));
    if (set === null) await writePixels(ps, document.id, layer.id, mode, await load());
    if (memory !== "") await writeNote(ps, document.id, layer.id, written({ memory, seal: await sealNow(ps, document, layer.id) }));
    layers.unshift(layer);
  }
  const blends: Readonly<Record<string, string | undefined>> = { multiply: ps.constants.BlendMode.MULTIPLY, screen: ps.constants.BlendMode.SCREEN, add: ps.constants.BlendMode.LINEARDODGE };
  for (const [at, { visible, blend }] of placement.layers.entries()) {
    const [layer, mode] = [layers[at], blends[blend]];
    if (layer && !visible) layer.visible = false;
    if (layer && mode !== undefined) layer.blendMode = mode as never;
  }
  const { NORMAL } = ps.constants.BlendMode;
  const group = made(await document.createLayerGroup({ name: placement.name, blendMode: NORMAL, fromLayers: layers }));
  if (group.blendMode !== NORMAL) group.blendMode = NORMAL; // Then an adjustment layer inside it changes nothing below.
  await raise(ps, document, group.id, home);
  const note = placement.origin ? written(placement.origin) : (placement.note ?? "");
  if (note !== "") await writeNote(ps, document.id, group.id, note);
  const notes = new Set(placement.mask ? [await putMask(ps, document, group.id, placement.mask)] : []);
  for (const [at, { mask }] of placement.layers.entries()) {
    const layer = layers[at];
    if (layer && mask) notes.add(await putMask(ps, document, layer.id, mask));
  }
  const original = typeof placement.standsFor === "number" ? layerAt(document, await treeOf(ps, document), placement.standsFor) : null;
  if (original) original.visible = false;
  for (const replaced of placement.replaces) notes.add(await replace(ps, document, group.id, replaced));

  const tree = await treeOf(ps, document);
  if (pathTo(tree, group.id).some(({ visible }) => !visible)) notes.add(say("finding.in_hidden"));
  await restoreBrush(ps, document, brush, (id) => nodeWith(tree, id) !== null || document.backgroundLayer?.id === id, group.id);
  return { group: group.id, note: Array.from(notes).filter(Boolean).join(" ") };
}

function made(layer: Layer | null): Layer {
  if (layer === null) throw new CannotEdit(say("placing.no_layer"));
  return layer;
}

/** Where a group goes: on top of what `inside` holds, or right above the layer `above`; both null: on top of everything. */
interface Home {
  readonly inside: Layer | null;
  readonly above: Layer | null;
}

async function homeOf(ps: Photoshop, document: Document, { lands, mask }: Placement): Promise<Home> {
  const tree = await treeOf(ps, document);
  const active = typeof lands === "number" ? lands : document.activeLayers[0]?.id;
  const { backgroundLayer } = document;
  if (lands !== "top" && active !== undefined && backgroundLayer?.id === active) return { inside: null, above: backgroundLayer }; // No list has it.
  const path = lands === "top" || active === undefined ? [] : pathTo(tree, active);
  if (path.length === 0) return { inside: mask ? await artboardAround(ps, document, mask.region) : null, above: null };
  const ours = await resultAt(ps, document, path); // A result goes beside another, never into it.
  const below = ours < 0 ? path : path.slice(0, ours + 1);
  const groups = below.filter(({ isGroup }, at) => isGroup && at !== ours);
  const [layer, group] = [below.at(-1), groups.at(-1)];
  if (lands === "group" && group) return { inside: layerAt(document, tree, group.id), above: null };
  return { inside: null, above: layer ? layerAt(document, tree, layer.id) : null };
}

/** Which of the nodes of a path is a result's group; -1: none. */
async function resultAt(ps: Photoshop, document: Document, path: readonly Node[]): Promise<number> {
  for (const [at, node] of path.entries()) {
    if (node.isGroup && (await contentOf(ps, document, node)).variations.length > 0) return at;
  }
  return -1;
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
 * New layers go above the active one: on top of everything, because what the server saw were all layers, or on top of a group. Beside
 * any other layer they might land in a locked group or in the middle of a clipping stack, so the group is moved there afterwards.
 */
async function standOnTop(ps: Photoshop, document: Document, { inside }: Home): Promise<void> {
  if (inside === null && (await selectNoLayers(ps))) return;
  const top = Array.from((inside === null ? document.layers : inside.layers) ?? [])[0] ?? inside;
  if (top !== null) await selectLayers(ps, document.id, [top.id]);
}

/** Looks whether the group lies where it should, and moves it there where it does not. */
async function raise(ps: Photoshop, document: Document, group: number, { inside, above }: Home): Promise<void> {
  const { PLACEBEFORE, PLACEINSIDE } = ps.constants.ElementPlacement;
  const tree = await treeOf(ps, document);
  const [top] = inside === null ? tree : (nodeWith(tree, inside.id)?.layers ?? []);
  const layer = layerAt(document, tree, group);
  const target = above ?? (top === undefined ? inside : layerAt(document, tree, top.id));
  if (layer === null || target === null || target.id === group) return;
  layer.move(target, above === null && top === undefined ? PLACEINSIDE : PLACEBEFORE);
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
  return say("finding.hidden_kept");
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
