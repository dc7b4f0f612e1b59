/** Gives a result's group its mask the way of Photoshop's own button: select what the mask says, then make the mask of it. */

import type { Document } from "photoshop/dom/Document";

import { say } from "../words";
import { cropMask, intersection, maskDistance } from "./capture";
import { CannotEdit, type Mask, messageOf, type Rect } from "./host";
import { grown, readLayerMask, readSelection, rectOf, writeSelection } from "./images";
import { type Photoshop, revealSelection, selectLayers } from "./layers";

/** So many pixels of a mask are compared with what Photoshop made of it. */
const COMPARED_PX = 1_000_000;

/** Makes a mask that is `mask` and 0 everywhere else, and puts the selection back; returns what there is to know, mostly nothing. */
export async function putMask(ps: Photoshop, document: Document, group: number, mask: Mask): Promise<string> {
  const canvas = { x: 0, y: 0, width: document.width, height: document.height };
  const bounds = document.selection.bounds;
  if (bounds === null) await document.selection.selectAll(); // Now there is one that tells its grey profile.
  const before = await readSelection(ps, document.id, canvas, bounds === null ? canvas : rectOf(bounds)).catch(() => null);
  try {
    await writeSelection(ps, document.id, { ...mask, ...(before?.profile !== undefined && { profile: before.profile }) });
    await selectLayers(ps, document.id, [group]);
    await revealSelection(ps);
  } catch (error) {
    throw new CannotEdit(say("placing.no_mask", { why: messageOf(error) }));
  } finally {
    if (bounds === null || before === null) await document.selection.deselect();
    else await writeSelection(ps, document.id, before);
  }
  const rect = compared(mask.region, canvas);
  const there = await readLayerMask(ps, document.id, group, rect);
  if (there === null) return say("finding.mask_unseen");
  const distance = maskDistance(cropMask(mask, rect), there);
  if (distance > 1 / 255) return say("finding.mask_changed");
  const isExact = mask.samples.constructor === there.samples.constructor ? distance === 0 : distance <= 0.5 / 255 + 1e-9;
  return isExact ? "" : say("finding.mask_rounded");
}

/** Where it is looked: around all of a mask, or its middle rows. */
function compared(region: Rect, canvas: Rect): Rect {
  const around = intersection(grown(region, 1), canvas) ?? canvas;
  const height = Math.min(around.height, Math.max(1, Math.floor(COMPARED_PX / around.width)));
  return { ...around, y: around.y + Math.floor((around.height - height) / 2), height };
}
