/** What was selected in one picture, found in another that shows the same thing: the server compares small pictures of both. */

import { get, put } from "./client/blobs";
import type { Line } from "./client/connect";
import { maskOf, pictureOf, rectOf } from "./client/messages";
import { rasterOf } from "./client/messages";
import { ChannelOrder, type Raster } from "./gen/inlay/v1/raster_pb";
import { bytesOf, zerosLike } from "./host/capture";
import { mustKnow } from "./host/facts";
import { CannotEdit, type DocumentHandle, type Mask, type Pixels } from "./host/host";
import type { Host } from "./host/photoshop";
import { say } from "./words";

/** As much as the server looks at. */
const MOST_PX = 1024;
/** So much of a picture is in memory at once. */
const STRIP_BYTES = 32 * 1024 * 1024;

/** `mask`: in px of the other picture; null: nothing was found. Only where it is sure may it be painted through. */
export interface Carried {
  readonly mask: Mask | null;
  readonly isSure: boolean;
  /** Why a person must look. */
  readonly sentence: string;
}

/** A picture that masks are carried from. */
export interface Master {
  readonly document: DocumentHandle;
  readonly raster: Raster;
  readonly mask: Mask;
  readonly maskRaster: Raster;
}

/** `hidden`: the result, and what lies above it. */
export async function masterOf(calls: Line, host: Host, document: DocumentHandle, hidden: readonly number[], mask: Mask): Promise<Master> {
  const [blob = ""] = await put(calls, [bytesOf(mask.samples)]);
  return { document, raster: await sent(calls, host, document, hidden), mask, maskRaster: rasterOf(mask.samples, mask.region, ChannelOrder.Y, "", blob) };
}

export async function carried(calls: Line, host: Host, master: Master, sibling: DocumentHandle, locale: string): Promise<Carried> {
  const answer = await calls.call(
    "carryMask",
    {
      master: master.raster,
      masterSize: sizeOf(host, master.document),
      region: rectOf(master.mask.region),
      mask: master.maskRaster,
      sibling: await sent(calls, host, sibling, []),
      siblingSize: sizeOf(host, sibling),
      locale,
    },
    undefined,
    CARRY_MS,
  );
  const { mask: raster, bounds } = answer.found ?? {};
  const mask = raster && bounds ? maskOf(raster, rectOf(bounds), await get(calls, raster.blob)) : null;
  return { mask, isSure: answer.isSure && mask !== null, sentence: answer.sentence };
}

/** Looking takes some seconds, on a busy machine more. */
const CARRY_MS = 120_000;

function sizeOf(host: Host, document: DocumentHandle): { readonly width: number; readonly height: number } {
  const { width, height } = host.facts(document);
  return { width, height };
}

async function sent(calls: Line, host: Host, document: DocumentHandle, hidden: readonly number[]): Promise<Raster> {
  const facts = host.facts(document);
  mustKnow(calls.profiles, facts);
  const small = await smaller(host, document, hidden);
  const [blob = ""] = await put(calls, [bytesOf(small.samples)]);
  return pictureOf(small, facts, blob);
}

/** A whole picture with at most MOST_PX on a side, each pixel the mean of those that it stands for. Read strip by strip. */
export async function smaller(host: Host, document: DocumentHandle, hidden: readonly number[]): Promise<Pixels> {
  const { width, height, depth } = host.facts(document);
  const step = Math.ceil(Math.max(width, height) / MOST_PX);
  const [wide, high] = [Math.ceil(width / step), Math.ceil(height / step)];
  const rows = Math.max(1, Math.floor(STRIP_BYTES / (width * 4 * (depth / 8) * step)));
  let made: { channels: number; samples: Pixels["samples"] } | null = null;
  for (let first = 0; first < high; first += rows) {
    const top = first * step;
    const strip = await host.readComposite(document, { x: 0, y: top, width, height: Math.min(rows * step, height - top) }, hidden);
    made = made ?? { channels: strip.channels, samples: zerosLike(strip.samples, wide * high * strip.channels) };
    average(strip, step, made.samples.subarray(first * wide * strip.channels), wide);
  }
  if (made === null) throw new CannotEdit(say("plan.no_picture"));
  return { rect: { x: 0, y: 0, width: wide, height: high }, ...made };
}

function average({ rect: { width, height }, channels, samples }: Pixels, step: number, target: Pixels["samples"], wide: number): void {
  const isWhole = !(samples instanceof Float32Array);
  for (let y = 0; y * step < height; y++) {
    for (let x = 0; x < wide; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let [sum, count] = [0, 0];
        for (let row = y * step; row < Math.min(height, (y + 1) * step); row++) {
          for (let column = x * step; column < Math.min(width, (x + 1) * step); column++) {
            sum += samples[(row * width + column) * channels + channel] ?? 0;
            count += 1;
          }
        }
        target[(y * wide + x) * channels + channel] = isWhole ? Math.round(sum / count) : sum / count;
      }
    }
  }
}
