/** One picture laid out on paper: a preview of the whole, and over it lossless tiles of what is seen where it is looked at closely. */

import { h, set } from "./dom";
import type { Fetch, Pictures, Use } from "./pictures";

/** Tiles' side in picture pixels. */
export const TILE_PX = 512;
/** More than a large screen shows at 1:1; where more would be needed the preview is fine enough to judge. */
const MOST_TILES = 64;
/** Screen pixels for one of the picture, from which on it is looked at closely: a lossy preview will not do. */
const FULL = 0.99;

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
/** A picture that can be shown. Sizes in its own pixels. */
export interface Picture {
  /** The same text for the same pixels. */
  readonly key: string;
  readonly width: number;
  readonly height: number;
  /** The longest side of what `preview` fetches. */
  readonly previewPx: number;
  readonly preview: Fetch;
  tile(at: Rect): Fetch;
}

/** CSS pixels of a position in the picture, on the screen's own grid: neighbouring tiles leave no seam. */
export function onGrid(px: number, scale: number): number {
  return Math.round(px * scale * devicePixelRatio) / devicePixelRatio;
}

export class Layer {
  readonly root = h("div", { class: "layer" });
  picture: Picture | null = null;
  private readonly preview = h("img", { alt: "", draggable: "false", class: "preview" });
  private readonly tiles = new Map<string, { image: HTMLImageElement; use: Use; at: Rect }>();
  private whole: Use | null = null;

  constructor(
    private readonly pictures: Pictures,
    private readonly failed: (error: unknown) => void,
  ) {
    this.root.append(this.preview);
  }

  show(picture: Picture | null): void {
    if (picture?.key === this.picture?.key) return;
    this.clear();
    this.picture = picture;
    if (picture) this.whole = this.fill(this.preview, picture.key, picture.preview);
  }

  /** Lays the tiles of what is seen (in picture pixels) at a scale in CSS pixels; null: none is seen. */
  look(seen: Rect | null, scale: number): void {
    const { picture } = this;
    const wanted = picture && seen ? this.wanted(picture, seen, scale) : [];
    const keys = new Set(wanted.map(({ x, y }) => `${x} ${y}`));
    this.tiles.forEach(({ image, use }, key) => {
      if (keys.has(key)) return;
      image.remove();
      use.release();
      this.tiles.delete(key);
    });
    wanted.forEach((at) => this.lay(picture as Picture, at));
    this.tiles.forEach(({ image, at }) => place(image, at, scale));
  }

  clear(): void {
    this.look(null, 1);
    this.whole?.release();
    this.whole = null;
    this.picture = null;
    this.preview.removeAttribute("src");
  }

  private wanted({ width, height, previewPx }: Picture, seen: Rect, scale: number): Rect[] {
    const screenPx = scale * devicePixelRatio * (visualViewport?.scale ?? 1);
    if (screenPx < Math.min(FULL, (previewPx / Math.max(width, height)) * 1.01)) return [];
    const found: Rect[] = [];
    for (let y = Math.floor(seen.y / TILE_PX) * TILE_PX; y < Math.min(height, seen.y + seen.height); y += TILE_PX) {
      for (let x = Math.floor(seen.x / TILE_PX) * TILE_PX; x < Math.min(width, seen.x + seen.width); x += TILE_PX) {
        found.push({ x, y, width: Math.min(TILE_PX, width - x), height: Math.min(TILE_PX, height - y) });
      }
    }
    return found.length > MOST_TILES ? [] : found;
  }

  private lay(picture: Picture, at: Rect): void {
    const key = `${at.x} ${at.y}`;
    if (this.tiles.has(key)) return;
    const image = h("img", { alt: "", draggable: "false", class: "tile" });
    const use = this.fill(image, `${picture.key} ${key}`, picture.tile(at));
    this.tiles.set(key, { image, use, at });
    this.root.append(image);
  }

  private fill(image: HTMLImageElement, key: string, fetch: Fetch): Use {
    const use = this.pictures.use(key, fetch);
    set(image, "data-waits", true);
    use.url.then(
      async (url) => {
        image.src = url;
        await image.decode().catch(() => undefined); // Another one was put in its place.
        set(image, "data-waits", false);
      },
      (error: unknown) => use.isReleased || this.failed(error), // What nobody waits for any more was called off.
    );
    return use;
  }
}

function place({ style }: HTMLElement, { x, y, width, height }: Rect, scale: number): void {
  const left = onGrid(x, scale);
  const top = onGrid(y, scale);
  style.left = `${left}px`;
  style.top = `${top}px`;
  style.width = `${onGrid(x + width, scale) - left}px`;
  style.height = `${onGrid(y + height, scale) - top}px`;
}
