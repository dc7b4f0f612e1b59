/** Small pictures of places in a document. */

import { intersection } from "./capture";
import type { Rect } from "./host";
import { pictureUrl, type Shades, shadesOf } from "./images";
import type { Photoshop } from "./layers";

/** How a square of a document looks. */
export interface Spot {
  /** The source of an `<img>`. */
  readonly picture: string;
  /** What of the square it covers, in shares of the square's side: less than all where the canvas ends, or pixels do. */
  readonly covers: Rect;
}

/** How the whole picture looks in a square that may reach beyond `canvas`, for a screen of `side` px; null where there is nothing to see. */
export async function spotIn(ps: Photoshop, document: number, canvas: Rect, square: Rect, side: number): Promise<Spot | null> {
  const part = intersection(square, canvas);
  const shades = part && (await shadesOf(ps, document, undefined, part).catch(() => null)); // Photoshop may throw where nothing has pixels.
  if (!shades) return null;
  const { rect } = shades;
  const [width, height] = [rect.width, rect.height].map((length) => Math.min(length, Math.max(1, Math.round((length * side) / square.width)))) as [number, number];
  const share = (length: number): number => length / square.width;
  const covers = { x: share(rect.x - square.x), y: share(rect.y - square.y), width: share(rect.width), height: share(rect.height) };
  return { picture: await pictureUrl(ps, shrunk(shades, width, height), width, height), covers };
}

/** At another size, not larger: each pixel is the mean of those that it covers. */
function shrunk({ rect, rgb }: Shades, width: number, height: number): Uint8ClampedArray {
  const made = new Uint8ClampedArray(3 * width * height);
  for (let y = 0, to = 0; y < height; y++) {
    const [top, bottom] = [Math.floor((y * rect.height) / height), Math.ceil(((y + 1) * rect.height) / height)];
    for (let x = 0; x < width; x++, to += 3) {
      const [left, right] = [Math.floor((x * rect.width) / width), Math.ceil(((x + 1) * rect.width) / width)];
      const sums = [0, 0, 0];
      for (let row = top; row < bottom; row++) {
        for (let at = 3 * (row * rect.width + left); at < 3 * (row * rect.width + right); at++) sums[at % 3] = (sums[at % 3] ?? 0) + (rgb[at] ?? 0);
      }
      made.set(sums.map((sum) => sum / ((bottom - top) * (right - left))), to);
    }
  }
  return made;
}
