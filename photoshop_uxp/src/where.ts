/** Where a wish changes something: regions of its own, a drawing, what is selected or all but that, or everything. */

import { Needs } from "./gen/inlay/v1/verbs_pb";
import { cropMask, tighten, whiteOf } from "./host/capture";
import { CannotEdit, type DocumentHandle, type InHand, type Mask, type Rect } from "./host/host";
import type { Host } from "./host/photoshop";
import { drawnOn, meansAll, regionsIn, type Wish } from "./wish";
import { say } from "./words";

/** What regions or a drawing cover, wherever there are any: the rest of it is decided by what is selected. Throws CannotEdit. */
export async function coveredBy(host: Host, document: DocumentHandle, wish: Wish): Promise<Rect | null> {
  const regions = regionsIn(wish);
  if (regions.length > 0) {
    const places = await Promise.all(regions.map(async ({ layer, place }) => (layer > 0 ? await host.rectOf(document, layer) : inside(host, document, place))));
    if (places.includes(null)) throw new CannotEdit(say("regions.gone"));
    return places.reduce((one, other) => (one && other ? union(one, other) : one));
  }
  const drawn = host.glance()?.region === null ? drawnOn(wish) : null;
  if (drawn === null) return null;
  const rect = await host.rectOf(document, drawn);
  if (rect === null) throw new CannotEdit(wish.form.fields.find(({ isAside }) => isAside)?.lack ?? say("plan.no_layer"));
  return rect;
}

/** Its mask. `inHand`: the active layer, where the verb needs one. Throws CannotEdit, HostBusy, HostCancelled. */
export async function maskFor(host: Host, document: DocumentHandle, wish: Wish, inHand: InHand | null): Promise<Mask> {
  const { form } = wish;
  const canvas = canvasOf(host, document);
  const isUnselected = host.glance()?.region === null;
  if (form.needs === Needs.LAYER) {
    if (!inHand) throw new CannotEdit(say("plan.no_layer"));
    return isUnselected ? all(inHand.rect) : cropMask(await host.readSelection(document), inHand.rect);
  }
  const covered = await coveredBy(host, document, wish);
  if (covered !== null || (meansAll(form) && isUnselected)) return all(covered ?? canvas);
  const selected = await host.readSelection(document);
  if (!form.inverts) return selected;
  const white = whiteOf(selected.samples);
  const others = tighten({ region: canvas, samples: cropMask(selected, canvas).samples.map((value) => white - value) });
  if (others === null) throw new CannotEdit(say("plan.no_surroundings"));
  return others;
}

function all(region: Rect): Mask {
  return { region, samples: new Uint8Array(region.width * region.height).fill(255) };
}

function canvasOf(host: Host, document: DocumentHandle): Rect {
  const { width, height } = host.facts(document);
  return { x: 0, y: 0, width, height };
}

/** A place, where the canvas still has all of it. */
function inside(host: Host, document: DocumentHandle, { x, y, width, height }: Rect): Rect | null {
  const canvas = canvasOf(host, document);
  return x + width <= canvas.width && y + height <= canvas.height ? { x, y, width, height } : null;
}

function union(one: Rect, other: Rect): Rect {
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)];
  const [right, bottom] = [Math.max(one.x + one.width, other.x + other.width), Math.max(one.y + one.height, other.y + other.height)];
  return { x, y, width: right - x, height: bottom - y };
}
