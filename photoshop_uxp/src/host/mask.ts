/** Gives a result's group its mask, whatever Photoshop does about masks. */

import type { Document } from "photoshop/dom/Document";

import { cropMask, depthStep, intersection, leaks, maskDistance } from "./capture";
import { CannotEdit, type Mask, type Rect } from "./host";
import { GRAY, grown, readLayerMask, readSelection, rectOf, writeLayerMask, writeSelection } from "./images";
import { dropMask, hideAll, type Photoshop, revealSelection, selectLayers } from "./layers";

/** Up to here a mask is looked at whole, in pixels; above, its edges and some of its rows. */
const WHOLE_PX = 1_000_000;
const ROWS = 24;
const ROUNDED = "Photoshop rounded soft values of the mask by less than 1/255.";
const UNSEEN = "Photoshop does not show the mask that it made, so it could not be checked.";
const REPORT = "Install the package Inlay Self-Test, run it, and send its report.";
const CHANGED = `Photoshop changed soft values of the mask. ${REPORT}`;

type Look = "exact" | "rounded" | "unseen" | "other";

/**
 * Makes a mask that is `mask` and 0 everywhere else; returns what there is to know of it, mostly nothing. Neither what Photoshop puts
 * outside a buffer that is smaller than the document nor which grey profile leaves the values alone is documented: so each way is
 * looked at. A result is not lost where looking fails: then it is made the way of Photoshop's own button.
 */
export async function putMask(ps: Photoshop, document: Document, group: number, mask: Mask): Promise<string> {
  const canvas = { x: 0, y: 0, width: document.width, height: document.height };
  await selectLayers(ps, document.id, [group]);
  const isHidden = await hideAll(ps).then(() => true, () => false);
  const own = isHidden ? await readLayerMask(ps, document.id, group, { ...canvas, width: 1, height: 1 }) : null;
  for (const profile of new Set([own?.profile ?? "", "", GRAY])) {
    const tagged = { ...mask, profile };
    const ways = [
      ...(isHidden ? [() => writeLayerMask(ps, document.id, group, tagged, false)] : []),
      () => writeLayerMask(ps, document.id, group, tagged, true),
      () => writeLayerMask(ps, document.id, group, { ...cropMask(mask, canvas), profile }, true),
    ];
    for (const way of ways) {
      const seen = await way().then(() => look(ps, document.id, group, mask, canvas), () => "other" as const);
      if (seen === "unseen") return reveal(ps, document, group, mask, canvas);
      if (seen !== "other") return seen === "exact" ? "" : ROUNDED;
    }
  }
  return reveal(ps, document, group, mask, canvas);
}

/** The way of Photoshop's own button: select what the mask says, then make the mask of it. The selection is put back. */
async function reveal(ps: Photoshop, document: Document, group: number, mask: Mask, canvas: Rect): Promise<string> {
  const bounds = document.selection.bounds;
  const before = bounds === null ? null : await readSelection(ps, document.id, canvas, rectOf(bounds)).catch(() => null);
  try {
    await writeSelection(ps, document.id, { ...mask, profile: before?.profile ?? GRAY });
    await selectLayers(ps, document.id, [group]);
    await dropMask(ps);
    await revealSelection(ps);
  } catch (error) {
    throw new CannotEdit(`Photoshop gave the result no mask: ${String((error as Error).message)} ${REPORT}`);
  } finally {
    if (before === null) await document.selection.deselect();
    else await writeSelection(ps, document.id, before);
  }
  const seen = await look(ps, document.id, group, mask, canvas);
  return { exact: "", rounded: ROUNDED, unseen: UNSEEN, other: CHANGED }[seen];
}

/** How the group's mask compares with `mask`, and with 0 around it and in the canvas's corners. */
async function look(ps: Photoshop, document: number, group: number, mask: Mask, canvas: Rect): Promise<Look> {
  let isExact = true;
  for (const rect of sample(mask, canvas)) {
    const there = await readLayerMask(ps, document, group, rect);
    if (there === null) return "unseen";
    const wanted = cropMask(mask, rect);
    const distance = maskDistance(wanted, there);
    if (distance > 1 / 255 || leaks(wanted, there)) return "other";
    isExact = isExact && distance <= depthStep(wanted, there);
  }
  return isExact ? "exact" : "rounded";
}

/** Rectangles that tell whether a mask is right: all of it, or its edges and rows; and the canvas's corners. */
function sample({ region }: Mask, canvas: Rect): Rect[] {
  const around = intersection(grown(region, 1), canvas) ?? canvas;
  const right = canvas.width - 1;
  const bottom = canvas.height - 1;
  const corners = [{ x: 0, y: 0 }, { x: right, y: 0 }, { x: 0, y: bottom }, { x: right, y: bottom }].map((at) => ({ ...at, width: 1, height: 1 }));
  if (around.width * around.height <= WHOLE_PX) return [around, ...corners];
  const edge = 2;
  const edges = [
    { ...around, width: edge },
    { ...around, x: around.x + around.width - edge, width: edge },
    { ...around, height: edge },
    { ...around, y: around.y + around.height - edge, height: edge },
  ];
  const rows = Array.from({ length: ROWS }, (_, row) => ({ ...around, y: around.y + Math.floor(((row + 0.5) * around.height) / ROWS), height: 1 }));
  return [...edges, ...rows, ...corners];
}
