/** A fake document's pixels: layers, masks, what they look like together, and how samples change depth. */

import { copyRect, cropMask, intersection, tighten, whiteOf, zerosLike } from "../../src/host/capture";
import type { ColorMode, Depth, Mask, Pixels, Rect, Samples } from "../../src/host/host";

export interface FakeMask extends Mask {
  /** The value wherever `region` does not reach. */
  readonly outside: number;
}

/** An adjustment layer inverts the colours below it. */
export type FakeKind = "pixel" | "group" | "artboard" | "adjustment" | "smartObject" | "text";

export interface FakeType {
  readonly contents: string;
  readonly fontSize: number;
  readonly lab: { readonly l: number; readonly a: number; readonly b: number };
  /** Where its baseline begins. */
  readonly at: { readonly x: number; readonly y: number };
  /** Clockwise. */
  readonly angle: number;
  /** Of its character style. */
  style: Partial<Record<"font" | "fauxBold" | "fauxItalic" | "horizontalScale", string | number | boolean>>;
}

export interface FakeLayer {
  readonly id: number;
  readonly kind: FakeKind;
  readonly isBackground: boolean;
  name: string;
  visible: boolean;
  locked: boolean;
  /** Whether it shows only where the next unclipped layer below it does. */
  clipped: boolean;
  blend: "normal" | "passThrough" | "multiply" | "screen" | "linearDodge";
  /** An artboard's rectangle. */
  readonly board: Rect | null;
  /** Colour and alpha, trimmed; null where the layer is empty. Never written into: replaced. */
  pixels: Pixels | null;
  mask: FakeMask | null;
  /** A text layer's; its bounds follow from it, and it shows no pixels. */
  type?: FakeType;
  layers: FakeLayer[];
  notes: ReadonlyMap<string, string>;
}

export interface Picture {
  width: number;
  height: number;
  mode: ColorMode;
  depth: Depth;
  profile: string;
  /** The document's XMP packet. */
  xmp: string;
  layers: FakeLayer[];
  selection: Mask | null;
  active: number[];
  /** What a brush would paint on: the active layer's mask, or its pixels. */
  target: "pixels" | "mask";
}

export function canvasOf({ width, height }: { width: number; height: number }): Rect {
  return { x: 0, y: 0, width, height };
}

export function copyPicture(picture: Picture): Picture {
  const copyLayer = (layer: FakeLayer): FakeLayer => ({ ...layer, layers: layer.layers.map(copyLayer) });
  return { ...picture, layers: picture.layers.map(copyLayer), active: [...picture.active] };
}

/** All layers, top to bottom, outer before inner. */
export function allLayers(layers: readonly FakeLayer[]): FakeLayer[] {
  return layers.flatMap((layer) => [layer, ...allLayers(layer.layers)]);
}

export function colorChannels(mode: ColorMode): number {
  return mode === "Gray" ? 1 : 3;
}

export function samplesOfDepth(depth: Depth, length: number): Samples {
  return depth === 8 ? new Uint8Array(length) : depth === 16 ? new Uint16Array(length) : new Float32Array(length);
}

/** The same values at another depth. */
export function atDepth(samples: Samples, depth: Depth): Samples {
  const target = samplesOfDepth(depth, samples.length);
  if (target.constructor === samples.constructor) return samples.slice();
  const scale = whiteOf(target) / whiteOf(samples);
  for (let at = 0; at < samples.length; at++) {
    const value = (samples[at] ?? 0) * scale;
    target[at] = depth === 32 ? value : Math.round(Math.min(whiteOf(target), Math.max(0, value)));
  }
  return target;
}

/** The part of `pixels` that is not wholly transparent; null where nothing is. The last channel is alpha. */
export function trimmed(pixels: Pixels): Pixels | null {
  const { rect, channels, samples } = pixels;
  const alpha = zerosLike(samples, rect.width * rect.height).map((_, at) => samples[at * channels + channels - 1] ?? 0);
  const held = tighten({ region: rect, samples: alpha });
  return held === null ? null : copyRect(pixels, held.region);
}

/** What the visible layers look like together in `rect`: colour and alpha. */
export function composite(picture: Picture, rect: Rect): Pixels {
  const channels = colorChannels(picture.mode) + 1;
  const result: Pixels = { rect, channels, samples: samplesOfDepth(picture.depth, rect.width * rect.height * channels) };
  paint(result, picture.layers, []);
  return result;
}

function paint(result: Pixels, layers: readonly FakeLayer[], masks: readonly Samples[]): void {
  const { rect, channels, samples } = result;
  const empty = (): Pixels => ({ rect, channels, samples: zerosLike(samples, samples.length) });
  let base: FakeLayer | null = null;
  for (const layer of [...layers].reverse()) {
    if (!layer.clipped) base = layer;
    const holder = layer.clipped ? base : null;
    if (!layer.visible || holder?.visible === false) continue;
    const through = [...masks];
    for (const mask of [layer.mask, holder?.mask ?? null]) if (mask !== null) through.push(coverage(mask, rect));
    if (holder !== null) through.push(alphaOf(holder.pixels === null ? empty() : copyRect(holder.pixels, rect)));
    if (layer.kind === "adjustment") {
      invert(result, through);
    } else if (isGroup(layer) && layer.blend === "passThrough") {
      paint(result, layer.layers, through);
    } else if (isGroup(layer)) {
      const own = empty();
      paint(own, layer.layers, []);
      blend(result, layer.board === null ? own : copyRect(copyRect(own, intersection(layer.board, rect) ?? NOWHERE), rect), through);
    } else if (layer.pixels !== null) {
      blend(result, copyRect(layer.pixels, rect), through, MIXES[layer.blend]);
    }
  }
}

const NOWHERE: Rect = { x: 0, y: 0, width: 0, height: 0 };

export function isGroup({ kind }: FakeLayer): boolean {
  return kind === "group" || kind === "artboard";
}

export function alphaOf({ rect, channels, samples }: Pixels): Samples {
  return zerosLike(samples, rect.width * rect.height).map((_, pixel) => samples[pixel * channels + channels - 1] ?? 0);
}

function invert({ channels, samples }: Pixels, masks: readonly Samples[]): void {
  const white = whiteOf(samples);
  for (let at = 0; at < samples.length; at++) {
    if (at % channels === channels - 1) continue;
    const opacity = masks.reduce((product, mask) => product * ((mask[Math.floor(at / channels)] ?? 0) / whiteOf(mask)), 1);
    const value = samples[at] ?? 0;
    if (opacity > 0) samples[at] = value + (white - 2 * value) * opacity;
  }
}

/** A mask's values in `rect`. */
export function coverage(mask: FakeMask, rect: Rect): Samples {
  const inside = cropMask(mask, rect).samples.slice();
  const { region } = mask;
  for (let y = 0, at = 0; y < rect.height; y++) {
    for (let x = 0; x < rect.width; x++, at++) {
      const [column, row] = [rect.x + x - region.x, rect.y + y - region.y];
      if (column < 0 || row < 0 || column >= region.width || row >= region.height) inside[at] = mask.outside;
    }
  }
  return inside;
}

/** What two values, 0 .. 1, become together where both are opaque. */
const MIXES: Partial<Record<FakeLayer["blend"], (old: number, now: number) => number>> = {
  multiply: (old, now) => old * now,
  screen: (old, now) => old + now - old * now,
  linearDodge: (old, now) => Math.min(1, old + now),
};

/** Blend mode Normal, or `mix` where both are there. Where nothing shows, not a sample is touched. */
function blend(below: Pixels, above: Pixels, masks: readonly Samples[], mix?: (old: number, now: number) => number): void {
  const { channels, samples } = below;
  const white = whiteOf(samples);
  const round = white === 1 ? (value: number) => value : Math.round;
  const last = channels - 1;
  for (let pixel = 0, at = 0; at < samples.length; pixel++, at += channels) {
    let opacity = (above.samples[at + last] ?? 0) / white;
    for (const mask of masks) opacity *= (mask[pixel] ?? 0) / whiteOf(mask);
    if (opacity === 0) continue;
    const backdrop = (samples[at + last] ?? 0) / white;
    const alpha = opacity + backdrop * (1 - opacity);
    for (let channel = 0; channel < last; channel++) {
      const [old, plain] = [samples[at + channel] ?? 0, above.samples[at + channel] ?? 0];
      const now = mix ? plain * (1 - backdrop) + mix(old / white, plain / white) * white * backdrop : plain;
      samples[at + channel] = opacity === 1 ? now : round((now * opacity + old * backdrop * (1 - opacity)) / alpha);
    }
    samples[at + last] = round(alpha * white);
  }
}

/** `pixels` without their alpha. */
export function withoutAlpha({ rect, channels, samples }: Pixels): Pixels {
  const target = zerosLike(samples, rect.width * rect.height * (channels - 1));
  for (let from = 0, to = 0; from < samples.length; from++) {
    if (from % channels !== channels - 1) target[to++] = samples[from] ?? 0;
  }
  return { rect, channels: channels - 1, samples: target };
}

/** The list that a layer stands in. */
export function siblingsOf(layers: FakeLayer[], id: number): FakeLayer[] | undefined {
  if (layers.some((layer) => layer.id === id)) return layers;
  for (const layer of layers) {
    const found = siblingsOf(layer.layers, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Takes a layer out of wherever it stands. */
export function take(layers: FakeLayer[], id: number): void {
  const siblings = siblingsOf(layers, id) ?? [];
  siblings.splice(siblings.findIndex((layer) => layer.id === id), 1);
}

/** A Background's pixels: white, in any mode. */
export function whitePixels(picture: Picture) {
  const rect = canvasOf(picture);
  const channels = picture.mode === "Gray" ? 2 : 4;
  const length = rect.width * rect.height * channels;
  const { depth, mode } = picture;
  const samples = depth === 8 ? new Uint8Array(length).fill(255) : depth === 16 ? new Uint16Array(length).fill(32768) : new Float32Array(length).fill(1);
  if (mode === "Lab") {
    const middle = depth === 8 ? 128 : 16384;
    samples.forEach((_, at) => { if (at % 4 === 1 || at % 4 === 2) samples[at] = middle; });
  }
  return { rect, channels, samples };
}

/** The bounds of what a mask selects by `least` or more, as the DOM gives them. */
export function boundsAbove({ region, samples }: { region: Rect; samples: ArrayLike<number> & { BYTES_PER_ELEMENT: number } }, least: number): object | null {
  const white = samples.BYTES_PER_ELEMENT === 1 ? 255 : samples.BYTES_PER_ELEMENT === 2 ? 32768 : 1;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < samples.length; at++) {
    if ((samples[at] ?? 0) / white < least) continue;
    const [x, y] = [region.x + (at % region.width), region.y + Math.floor(at / region.width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  return right < left ? null : { left, top, right, bottom, width: right - left, height: bottom - top };
}

/** A point turned about another, clockwise as seen. */
export function turned(point: { x: number; y: number }, about: { x: number; y: number }, degrees: number): { x: number; y: number } {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const [across, down] = [point.x - about.x, point.y - about.y];
  return { x: about.x + cos * across - sin * down, y: about.y + sin * across + cos * down };
}

/** The box around type: it begins right of its baseline's beginning, and letters hang below it. */
export function boxOf({ contents, fontSize, at, angle }: FakeType): Rect {
  const [left, right, top, bottom] = [0.1, 0.5 * contents.length, -0.7, 0.2].map((share) => share * fontSize) as [number, number, number, number];
  const corners = [[left, top], [right, top], [right, bottom], [left, bottom]].map(([x = 0, y = 0]) => turned({ x: at.x + x, y: at.y + y }, at, angle));
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
