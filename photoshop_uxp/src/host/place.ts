/** Builds a result in a document: one group with its mask, a pixel layer for each variation, and what they remember. */

import type { Document } from "photoshop/dom/Document";
import type { Layer } from "photoshop/dom/Layer";

import { cropMask, intersection, sameMask } from "./capture";
import { CannotEdit, type ColorMode, type Mask, type Placement, type Rect } from "./host";
import { grown, readLayerMask, readSelection, rectOf, writeLayerMask, writePixels, writeSelection } from "./images";
import { dropMask, hideAll, layerWith, type Photoshop, revealSelection, selectLayers, writeNote } from "./layers";
import { writeMemory } from "./memory";

/** Returns the new group's id. Inside a modal scope, with history suspended and the document in front. */
export async function build(ps: Photoshop, document: Document, mode: ColorMode, placement: Placement): Promise<number> {
  const { PLACEINSIDE, PLACEAFTER } = ps.constants.ElementPlacement;
  const active = Array.from(document.activeLayers, (layer) => layer.id);
  const earlier = placement.replaces.map((id) => layerWith(document, id)).filter((layer) => layer !== null);
  const group = made(await document.createLayerGroup({ name: placement.name, blendMode: ps.constants.BlendMode.NORMAL }));
  raise(ps, document, group, placement.mask.region);

  let above: Layer | null = null;
  const append = (layer: Layer): void => {
    if (above === null) layer.move(group, PLACEINSIDE);
    else layer.move(above, PLACEAFTER);
    above = layer;
  };
  for (const [index, { name, pixels, receipt }] of placement.layers.entries()) {
    const layer = made(await document.createPixelLayer({ name }));
    append(layer);
    await writePixels(ps, document.id, layer.id, mode, pixels);
    if (index > 0) layer.visible = false;
    await writeNote(ps, document.id, layer.id, receipt);
  }
  for (const id of placement.carried) {
    const layer = layerWith(document, id);
    if (layer === null) continue;
    append(layer);
    layer.visible = false;
  }
  await writeNote(ps, document.id, group.id, writeMemory(placement.memory));
  await putMask(ps, document, group.id, placement.mask);
  for (const layer of earlier) layer.delete();

  const alive = active.filter((id) => layerWith(document, id) !== null);
  await selectLayers(ps, document.id, alive.length > 0 ? alive : [group.id]);
  return group.id;
}

function made(layer: Layer | null): Layer {
  if (layer === null) throw new CannotEdit("Photoshop made no layer. Unlock the document's layers and place the result again.");
  return layer;
}

/** Puts the group on top of everything, because what the server saw were all layers; in an artboard, on top of that. */
function raise(ps: Photoshop, document: Document, group: Layer, region: Rect): void {
  const home = Array.from(document.artboards).find((artboard) => {
    const common = intersection(rectOf(artboard.bounds), region);
    return common?.width === region.width && common.height === region.height;
  });
  const siblings = Array.from(home?.layers ?? (home === undefined ? document.layers : []));
  const top = siblings.find((layer) => layer.id !== group.id);
  if (top !== undefined && siblings[0]?.id !== group.id) group.move(top, ps.constants.ElementPlacement.PLACEBEFORE);
  else if (home !== undefined && top === undefined) group.move(home, ps.constants.ElementPlacement.PLACEINSIDE);
}

/**
 * Gives a group a mask that is `mask` and 0 everywhere else. What Photoshop puts outside a buffer that is smaller than the
 * document is not documented, nor is a mask on a group: so each way is checked by reading the mask back.
 */
async function putMask(ps: Photoshop, document: Document, group: number, mask: Mask): Promise<void> {
  const canvas = { x: 0, y: 0, width: document.width, height: document.height };
  const ways = [
    async () => {
      await selectLayers(ps, document.id, [group]);
      await hideAll(ps);
      await writeLayerMask(ps, document.id, group, mask, false);
    },
    () => writeLayerMask(ps, document.id, group, mask, true),
    () => writeLayerMask(ps, document.id, group, cropMask(mask, canvas), true),
    () => revealMask(ps, document, group, mask, canvas),
  ];
  let reason = "";
  for (const way of ways) {
    try {
      await way();
      if (await holds(ps, document.id, group, mask, canvas)) return;
      reason = "its values came back changed";
    } catch (error) {
      reason = String((error as Error).message);
    }
  }
  throw new CannotEdit(`Photoshop did not take the result's mask: ${reason}. Run Inlay's Self-Test and send its report.`);
}

/** Whether the group's mask is `mask`, and 0 around it and in the canvas's corners. */
async function holds(ps: Photoshop, document: number, group: number, mask: Mask, canvas: Rect): Promise<boolean> {
  const around = intersection(grown(mask.region, 1), canvas);
  const near = around && (await readLayerMask(ps, document, group, around));
  if (!near || !sameMask(near, mask)) return false;
  const x = canvas.width - 1;
  const y = canvas.height - 1;
  for (const corner of [{ x: 0, y: 0 }, { x, y: 0 }, { x: 0, y }, { x, y }]) {
    const pixel = { ...corner, width: 1, height: 1 };
    const far = await readLayerMask(ps, document, group, pixel);
    if (far !== null && !sameMask(far, { region: pixel, samples: cropMask(mask, pixel).samples })) return false;
  }
  return true;
}

/** The way of Photoshop's own button: select what the mask says, then make the mask of it. The selection is put back. */
async function revealMask(ps: Photoshop, document: Document, group: number, mask: Mask, canvas: Rect): Promise<void> {
  const bounds = document.selection.bounds;
  const before = bounds === null ? null : await readSelection(ps, document.id, canvas, rectOf(bounds)).catch(() => null);
  await writeSelection(ps, document.id, mask);
  await selectLayers(ps, document.id, [group]);
  await dropMask(ps);
  await revealSelection(ps);
  if (before === null) await document.selection.deselect();
  else await writeSelection(ps, document.id, before);
}
