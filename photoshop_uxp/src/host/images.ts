/** Samples in and out of Photoshop: every image object is disposed of, every rectangle is the one that Photoshop returned. */

import type { imaging } from "photoshop/dom/ImagingModule";

import type { ColorMode, Mask, Pixels, Rect } from "./host";
import { intersection, whiteOf } from "./capture";
import type { Photoshop } from "./layers";

const COLOR_SPACES: Record<ColorMode, string> = { RGB: "RGB", Gray: "Grayscale", Lab: "Lab" };
/** The profile of masks and selections where Photoshop has not said which it has. */
export const GRAY = "Gray Gamma 2.2";
/** What a panel shows pictures in. */
const SCREEN = "sRGB IEC61966-2.1";
/** How far a selection may go on beyond its bounds, in px: they may end where a soft edge is selected by half. */
const MARGIN = 1024;

export function boundsOf(rect: Rect) {
  return { left: rect.x, top: rect.y, right: rect.x + rect.width, bottom: rect.y + rect.height };
}

export function rectOf(bounds: { left: number; top: number; right: number; bottom: number }): Rect {
  return { x: bounds.left, y: bounds.top, width: bounds.right - bounds.left, height: bounds.bottom - bounds.top };
}

/** The composite, or one layer, in `rect`: at the document's own depth and in its own profile, trimmed to what has pixels. */
export async function readPixels(ps: Photoshop, document: number, rect: Rect, layer?: number): Promise<Pixels> {
  const options = { documentID: document, sourceBounds: boundsOf(rect), ...(layer !== undefined && { layerID: layer }) };
  return take(await ps.imaging.getPixels(options));
}

/** How a layer, or the whole picture, looks in `rect`, for an `<img>`, at most `side` px long; empty where it has no pixels. */
export async function thumbnailOf(ps: Photoshop, document: number, layer: number | undefined, rect: Rect, side: number): Promise<string> {
  const longer = rect.width >= rect.height ? "width" : "height";
  const shades = await shadesOf(ps, document, layer, rect, { [longer]: Math.min(side, rect[longer]) });
  return shades === null ? "" : pictureUrl(ps, shades.rgb, shades.rect.width, shades.rect.height);
}

/** What a panel shows of pixels: `rgb` of `rect`, 8-bit sRGB, three samples a pixel. */
export interface Shades {
  readonly rect: Rect;
  readonly rgb: Uint8ClampedArray;
}

/**
 * What a layer, or the whole picture, shows in `rect` on white, trimmed to what has pixels; null where it has none. The depth stays the document's, as
 * Photoshop is known to fail at changing it; a colour space that it will not convert is taken for what it looks most like. With a size
 * that it shall have, only the size of the returned rectangle is to be relied on: where it lies may be told in another scale.
 */
export async function shadesOf(ps: Photoshop, document: number, layer: number | undefined, rect: Rect, targetSize?: { readonly width?: number; readonly height?: number }): Promise<Shades | null> {
  const plain = { documentID: document, ...(layer !== undefined && { layerID: layer }), sourceBounds: boundsOf(rect), ...(targetSize && { targetSize }), applyAlpha: true };
  const inColor = { ...plain, colorSpace: "RGB" as const };
  const { rect: held, channels, samples } = await take(
    await ps.imaging.getPixels({ ...inColor, colorProfile: SCREEN }).catch(() => ps.imaging.getPixels(inColor)),
  );
  if (held.width < 1 || held.height < 1 || channels !== 3) return null;
  return { rect: held, rgb: Uint8ClampedArray.from(samples, shadeOf(samples)) };
}

/** 0 .. 255 of a sample on the screen; 32 bit is linear (IEC 61966-2-1). */
function shadeOf(samples: Pixels["samples"]): (sample: number) => number {
  const white = whiteOf(samples);
  if (!(samples instanceof Float32Array)) return (sample) => (255 * sample) / white;
  return (linear) => 255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);
}

/** 8-bit sRGB samples, three a pixel, as the source of an `<img>`: JPEG, which is all that Photoshop encodes. */
export async function pictureUrl(ps: Photoshop, rgb: ArrayLike<number>, width: number, height: number): Promise<string> {
  const options = { width, height, components: 3, colorSpace: "RGB", colorProfile: SCREEN, chunky: true };
  const image = ps.imaging.createImageDataFromBuffer(Uint8Array.from(rgb), options);
  return disposing(image, async (imageData) => `data:image/jpeg;base64,${String(await ps.imaging.encodeImageData({ imageData, base64: true }))}`);
}

/** Puts pixels on a pixel layer in place of all it had. They are the document's own samples, so they carry no profile. */
export function writePixels(ps: Photoshop, document: number, layer: number, mode: ColorMode, { rect, channels, samples }: Pixels): Promise<void> {
  const options = { width: rect.width, height: rect.height, components: channels, colorSpace: COLOR_SPACES[mode], chunky: true };
  return disposing(ps.imaging.createImageDataFromBuffer(samples, options), (imageData) =>
    ps.imaging.putPixels({ documentID: document, layerID: layer, imageData, replace: true, targetBounds: corner(rect) }),
  );
}

/** The selection that has `bounds`, all of its soft edge; null where it lies outside the canvas. */
export async function readSelection(ps: Photoshop, document: number, canvas: Rect, bounds: Rect): Promise<Mask | null> {
  const inside = intersection(bounds, canvas);
  if (inside === null) return null;
  const image = await ps.imaging.getSelection({ documentID: document, sourceBounds: boundsOf(intersection(grown(inside, MARGIN), canvas) ?? inside) });
  return takeMask(image);
}

/** Selects exactly `mask`. */
export function writeSelection(ps: Photoshop, document: number, mask: Mask): Promise<void> {
  return disposing(maskImage(ps, mask), (imageData) =>
    ps.imaging.putSelection({ documentID: document, imageData, replace: true, targetBounds: corner(mask.region) }),
  );
}

/** A layer's mask inside `rect`; null where it has none. */
export async function readLayerMask(ps: Photoshop, document: number, layer: number, rect: Rect): Promise<Mask | null> {
  let image: imaging.GetLayerMaskResult;
  try {
    image = await ps.imaging.getLayerMask({ documentID: document, layerID: layer, kind: "user", sourceBounds: boundsOf(rect) });
  } catch {
    return null; // Photoshop throws where a layer has no mask, and says no more than that.
  }
  return takeMask(image);
}

/** Tagged with the profile that such masks were read with, so that Photoshop has nothing to convert. */
export function maskImage(ps: Photoshop, { region, samples, profile = GRAY }: Mask) {
  const options = { width: region.width, height: region.height, components: 1, colorSpace: "Grayscale", chunky: true };
  return ps.imaging.createImageDataFromBuffer(samples, { ...options, ...(profile !== "" && { colorProfile: profile }) });
}

/** Hands an image on, and lets go of its memory. */
async function disposing<T>(image: Promise<imaging.PhotoshopImageData>, work: (image: imaging.PhotoshopImageData) => Promise<T>): Promise<T> {
  const made = await image;
  try {
    return await work(made);
  } finally {
    await made.dispose();
  }
}

function take({ imageData, sourceBounds: { left, top } }: { imageData: imaging.PhotoshopImageData; sourceBounds: imaging.Bounds }): Promise<Pixels> {
  return disposing(Promise.resolve(imageData), async ({ width, height, components }) => {
    const rect = { x: left, y: top, width, height };
    return { rect, channels: components, samples: await imageData.getData({ chunky: true }) };
  });
}

async function takeMask(image: imaging.GetLayerMaskResult): Promise<Mask> {
  const profile = image.imageData.colorProfile;
  const { rect, samples } = await take(image);
  return { region: rect, samples, profile };
}

export function grown(rect: Rect, by: number): Rect {
  return { x: rect.x - by, y: rect.y - by, width: rect.width + 2 * by, height: rect.height + 2 * by };
}

/** The typings ask for all four numbers; Photoshop takes the first two and ignores the size. */
function corner(rect: Rect) {
  return { left: rect.x, top: rect.y, width: rect.width, height: rect.height };
}
