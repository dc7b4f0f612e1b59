/** Pictures and places that an edit brings along: layers as they are when it begins, and what was selected when it was added. */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { missing, type Progress, put } from "./client/blobs";
import type { Line } from "./client/connect";
import { pictureOf, rasterOf } from "./client/messages";
import type { Stop } from "./client/pause";
import { ChannelOrder, type Raster, RasterSchema } from "./gen/inlay/v1/raster_pb";
import { type Input, InputSchema } from "./gen/inlay/v1/recipe_pb";
import { bytesOf, tooLarge } from "./host/capture";
import { mustKnow } from "./host/facts";
import { CannotEdit, type DocumentHandle, type Facts, HostBusy, HostCancelled, type Pixels, type Rect } from "./host/host";
import type { Host } from "./host/photoshop";
import { type Reference, referencesIn, type Region, regionsIn, type Wish } from "./wish";
import { say } from "./words";

/** Sharp on a screen with two pixels for each. */
const SIDE_PX = 64;
const MAX_NAME = 256;
/** The role of a place that is an edit of its own; its name is what shall be there. */
const REGION = "region";

interface Desk {
  readonly calls: Line;
  readonly host: Host;
}

/** A layer, or by 0 what is selected, which is read and sent. Throws CannotEdit, HostBusy, HostCancelled, Trouble. */
export async function bring(desk: Desk, document: DocumentHandle, layer: number): Promise<Reference> {
  const { calls, host } = desk;
  const facts = host.facts(document);
  const { place, ...found } = await find(desk, document, layer, host.glance()?.region ?? null);
  const raster = layer > 0 ? "" : textOf(await sent(calls, await host.readComposite(document, place, []), facts));
  return { ...found, raster, width: place.width, height: place.height, role: "", weight: 1 };
}

/** The same as a place that is an edit of its own: of what is selected its mask is sent. Throws as `bring`. */
export async function mark(desk: Desk, document: DocumentHandle, layer: number): Promise<Region> {
  const mask = layer > 0 ? null : await desk.host.readSelection(document);
  const found = await find(desk, document, layer, mask?.region ?? null);
  if (mask === null) return { ...found, raster: "", words: "" };
  const { width, height } = mask.region;
  const [blob = ""] = await put(desk.calls, [bytesOf(mask.samples)]);
  return { ...found, name: `${width} × ${height} px`, raster: textOf(rasterOf(mask.samples, mask.region, ChannelOrder.Y, "", blob)), words: "" };
}

/** A layer, or what lies at `selected`: what it is called, where it is, and how it looks. */
async function find({ calls, host }: Desk, document: DocumentHandle, layer: number, selected: Rect | null): Promise<Omit<Region, "raster" | "words">> {
  const facts = host.facts(document);
  mustKnow(calls.profiles, facts);
  const isLayer = layer > 0;
  const name = isLayer ? ((await host.layers(document)).find(({ id }) => id === layer)?.name ?? "") : say("references.seen");
  const place = isLayer ? await placeOf(host, document, { layer, name }, facts) : selected;
  if (!place) throw new CannotEdit(say("plan.no_selection"));
  if (tooLarge(place, facts) !== "") throw new CannotEdit(tooLarge(place, facts));
  const thumbnail = await orNothing(host.thumbnail(document, place, isLayer ? layer : undefined, SIDE_PX));
  if (!thumbnail) throw new CannotEdit(goneOf(name));
  return { layer, name, thumbnail, place };
}

/** The references of a wish, as inputs without a place, and its regions, with one; the server has their pixels then. Throws as `bring`. */
export async function referencesOf({ calls, host }: Desk, document: DocumentHandle, wish: Wish, signal: Stop, progress: Progress): Promise<Input[]> {
  const facts = host.facts(document);
  const inputs: Input[] = [];
  for (const one of [...referencesIn(wish), ...regionsIn(wish)]) {
    const isRegion = "place" in one;
    const told = isRegion ? { role: REGION, weight: 1, name: one.words } : { role: one.role, weight: one.weight, name: one.name };
    const input = { ...told, name: told.name.slice(0, MAX_NAME) };
    if (one.raster !== "") {
      inputs.push(create(InputSchema, { ...input, ...(isRegion && { place: one.place }), raster: fromBinary(RasterSchema, base64Decode(one.raster)) }));
      continue;
    }
    const pixels = await orNothing(host.readLayer(document, one.layer, await placeOf(host, document, one, facts)));
    if (!pixels?.samples.length) throw new CannotEdit(goneOf(one.name));
    const raster = await sent(calls, pixels, facts, signal, progress);
    inputs.push(create(InputSchema, { ...input, ...(isRegion && { place: pixels.rect }), raster }));
  }
  const lacking = inputs.length === 0 ? new Map() : await missing(calls, inputs.map(({ raster }) => raster?.blob ?? ""), signal);
  const gone = inputs.find(({ raster }) => lacking.has(raster?.blob));
  if (gone) throw new CannotEdit(goneOf(gone.name));
  return inputs;
}

/** Where a layer lies inside the canvas. */
async function placeOf(host: Host, document: DocumentHandle, { layer, name }: Pick<Reference, "layer" | "name">, facts: Facts): Promise<Rect> {
  const rect = await host.rectOf(document, layer);
  if (rect === null) throw new CannotEdit(goneOf(name));
  if (tooLarge(rect, facts) !== "") throw new CannotEdit(tooLarge(rect, facts));
  return rect;
}

/** Why a picture cannot come along. */
function goneOf(name: string): string {
  return `${name}: ${say("references.gone")}`;
}

/** Photoshop throws where a layer has no pixels, and says no more than that. */
function orNothing<T>(read: Promise<T>): Promise<T | null> {
  return read.catch((error: unknown) => {
    if (error instanceof HostBusy || error instanceof HostCancelled) throw error;
    return null;
  });
}

function textOf(raster: Raster): string {
  return base64Encode(toBinary(RasterSchema, raster));
}

async function sent(calls: Line, pixels: Pixels, facts: Facts, signal?: Stop, progress?: Progress) {
  const [blob = ""] = await put(calls, [bytesOf(pixels.samples)], signal, progress);
  return pictureOf(pixels, facts, blob);
}
