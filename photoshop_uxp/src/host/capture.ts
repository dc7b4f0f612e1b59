/** Samples in rectangles, as an edit needs them, without what Photoshop does to rectangles on the way: trimming, clipping, changing depth. Pure. */

import { say } from "../words";
import type { ColorMode, Facts, Mask, Pixels, Rect, Samples } from "./host";

const COLOR_CHANNELS: Record<ColorMode, number> = { RGB: 3, Gray: 1, Lab: 3 };

/** The sample that means 1.0: 255, 32768 (Photoshop's 16 bit) or 1. */
export function whiteOf(samples: Samples): number {
  return samples instanceof Uint8Array ? 255 : samples instanceof Uint16Array ? 32768 : 1;
}

/** The same memory as bytes: little-endian, as every machine that runs Photoshop is. */
export function bytesOf(samples: Samples): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** Samples of the type of `like` from bytes. */
export function samplesOf(bytes: Uint8Array, like: Samples): Samples {
  if (like instanceof Uint8Array) return bytes;
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % like.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice(); // Aligned.
  const length = byteLength / like.BYTES_PER_ELEMENT;
  return like instanceof Uint16Array ? new Uint16Array(buffer, byteOffset, length) : new Float32Array(buffer, byteOffset, length);
}

/** `length` zeros of the type of `like`. */
export function zerosLike(like: Samples, length: number): Samples {
  return samplesOf(new Uint8Array(length * like.BYTES_PER_ELEMENT), like);
}

export function sameRect(one: Rect, other: Rect): boolean {
  return one.x === other.x && one.y === other.y && one.width === other.width && one.height === other.height;
}

/** What both rectangles cover; null where that is nothing. */
export function intersection(one: Rect, other: Rect): Rect | null {
  const x = Math.max(one.x, other.x);
  const y = Math.max(one.y, other.y);
  const width = Math.min(one.x + one.width, other.x + other.width) - x;
  const height = Math.min(one.y + one.height, other.y + other.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** Half of the 600 MB after which Photoshop warns that a plugin uses too much memory: an image is there twice while it is handed over. */
const MAX_PATCH_BYTES = 300 * 1024 * 1024;

/** Why a rectangle of a document is too large for a plugin to handle; empty where it is not. */
export function tooLarge({ width, height }: { readonly width: number; readonly height: number }, { mode, depth }: Pick<Facts, "mode" | "depth">): string {
  const bytes = (width * height * (COLOR_CHANNELS[mode] + 1) * depth) / 8;
  if (bytes <= MAX_PATCH_BYTES) return "";
  const megabytes = (count: number): number => Math.round(count / 1024 / 1024);
  return say("plan.too_large", { width, height, depth, size: megabytes(bytes), most: megabytes(MAX_PATCH_BYTES) });
}

/** The share of pixels, 0 .. 1, in which two images of the same layout differ. */
export function differingShare({ channels, samples }: Pixels, other: Samples): number {
  const count = samples.length / channels;
  let differing = 0;
  for (let pixel = 0, at = 0; pixel < count; pixel++) {
    let isSame = true;
    for (let channel = 0; channel < channels; channel++, at++) isSame = isSame && samples[at] === other[at];
    if (!isSame) differing++;
  }
  return count === 0 ? 0 : differing / count;
}

/** `pixels` in exactly `rect`: transparent where they do not reach, without what lies outside. */
export function padded(pixels: Pixels, rect: Rect, mode: ColorMode): Pixels {
  if (sameRect(pixels.rect, rect)) return pixels;
  const common = intersection(pixels.rect, rect);
  const fills = common !== null && sameRect(common, rect);
  const source = fills || pixels.channels > COLOR_CHANNELS[mode] ? pixels : withAlpha(pixels);
  return copyRect(source, rect);
}

/** The part of `pixels` inside `rect`, 0 in every channel where they do not reach. */
export function copyRect(pixels: Pixels, rect: Rect): Pixels {
  if (sameRect(pixels.rect, rect)) return pixels;
  const samples = zerosLike(pixels.samples, rect.width * rect.height * pixels.channels);
  const common = intersection(pixels.rect, rect);
  if (common !== null) copyRows(pixels.samples, pixels.rect, samples, rect, common, pixels.channels);
  return { rect, channels: pixels.channels, samples };
}

/** The same pixels with an opaque alpha channel. */
function withAlpha({ rect, channels, samples }: Pixels): Pixels {
  const count = rect.width * rect.height;
  const target = zerosLike(samples, count * (channels + 1));
  const white = whiteOf(samples);
  for (let from = 0, to = 0; to < target.length; ) {
    for (let channel = 0; channel < channels; channel++) target[to++] = samples[from++] ?? 0;
    target[to++] = white;
  }
  return { rect, channels: channels + 1, samples: target };
}

/** The part of a mask inside `rect`, 0 where the mask does not reach. */
export function cropMask(mask: Mask, rect: Rect): Mask {
  if (sameRect(mask.region, rect)) return mask;
  const { samples } = copyRect({ rect: mask.region, channels: 1, samples: mask.samples }, rect);
  return { region: rect, samples };
}

/** The mask in the smallest rectangle that holds every value above 0; null where there is none. */
export function tighten(mask: Mask): Mask | null {
  const { region, samples } = mask;
  let left = region.width;
  let right = -1;
  let top = region.height;
  let bottom = -1;
  for (let y = 0, at = 0; y < region.height; y++) {
    for (let x = 0; x < region.width; x++, at++) {
      if ((samples[at] ?? 0) <= 0) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  if (right < 0) return null;
  return cropMask(mask, { x: region.x + left, y: region.y + top, width: right - left + 1, height: bottom - top + 1 });
}

/** The largest difference of two masks in units of white, wherever their rectangles end. */
export function maskDistance(one: Mask, other: Mask): number {
  const x = Math.min(one.region.x, other.region.x);
  const y = Math.min(one.region.y, other.region.y);
  const width = Math.max(one.region.x + one.region.width, other.region.x + other.region.width) - x;
  const height = Math.max(one.region.y + one.region.height, other.region.y + other.region.height) - y;
  const [a, b] = [one, other].map((mask) => cropMask(mask, { x, y, width, height }).samples) as [Samples, Samples];
  const [scaleA, scaleB] = [1 / whiteOf(a), 1 / whiteOf(b)];
  let furthest = 0;
  for (let at = 0; at < a.length; at++) {
    const distance = Math.abs((a[at] ?? 0) * scaleA - (b[at] ?? 0) * scaleB);
    if (distance > furthest) furthest = distance;
  }
  return furthest;
}

function copyRows(source: Samples, from: Rect, target: Samples, to: Rect, common: Rect, channels: number): void {
  const length = common.width * channels;
  for (let y = common.y; y < common.y + common.height; y++) {
    const start = ((y - from.y) * from.width + common.x - from.x) * channels;
    target.set(source.subarray(start, start + length), ((y - to.y) * to.width + common.x - to.x) * channels);
  }
}
