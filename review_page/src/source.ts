/** The review's pictures, as the server gives them. */

import { type Draft, ReviewService, Side } from "../../photoshop_uxp/src/gen/inlay/v1/review_pb";
import { gamut } from "./color";
import { type Picture, TILE_PX } from "./layer";
import type { Line } from "./line";
import type { Fetch } from "./pictures";

const { readPicture } = ReviewService.method;
const PREVIEW_PX = 2048;
const LARGE_PX = 4096;

/** The preview's longest side that this screen can make use of. */
export function previewPx(): number {
  return Math.max(screen.width, screen.height) * devicePixelRatio > PREVIEW_PX ? LARGE_PX : PREVIEW_PX;
}

/** One side of a version of a draft; null where its size is not told. fit: the preview's longest side in px. */
export function pictureOf(line: Line, { draft, version, window }: Draft, side: Side, fit: number): Picture | null {
  if (!window) return null;
  const { width, height } = window;
  const colors = gamut();
  const read = (more: { fitPx: number } | { tile: { column: number; row: number } }): Fetch => async (signal) => {
    const { data, mediaType } = await line.call(readPicture, { draft, version, side, gamut: colors, ...more }, signal);
    return new Blob([data as Uint8Array<ArrayBuffer>], { type: mediaType });
  };
  return {
    key: `${draft} ${version} ${side} ${colors} ${fit}`,
    width,
    height,
    previewPx: Math.min(fit, Math.max(width, height)),
    preview: read({ fitPx: fit }),
    tile: ({ x, y }) => read({ tile: { column: x / TILE_PX, row: y / TILE_PX } }),
  };
}
