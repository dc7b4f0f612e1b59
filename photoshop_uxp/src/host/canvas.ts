/** Makes room around a picture, and selects it: what Expand paints on. */

import type { Mask, Rect } from "./host";

export const RATIOS: readonly (readonly [width: number, height: number])[] = [[16, 9], [9, 16], [4, 5], [1, 1]];
export const PERCENT = 10;

/**
 * The canvas around a picture in its own coordinates: of a ratio, or PERCENT wider and higher. anchor: where the old picture lies in it,
 * across and down: 0 at the beginning, 1 in the middle, 2 at the end.
 */
export function grownCanvas(width: number, height: number, ratio: readonly [number, number] | null, anchor: readonly [number, number]): Rect {
  const share = (100 + PERCENT) / 100;
  const [wide, high] =
    ratio === null
      ? [Math.round(width * share), Math.round(height * share)]
      : [Math.max(width, Math.ceil((height * ratio[0]) / ratio[1])), Math.max(height, Math.ceil((width * ratio[1]) / ratio[0]))];
  return { x: 0 - Math.floor(((wide - width) * anchor[0]) / 2), y: 0 - Math.floor(((high - height) * anchor[1]) / 2), width: wide, height: high };
}

/** How Photoshop names where the old canvas lies in the new one, and what is new of it as a mask. */
export function growth(old: Rect, { width, height }: Pick<Rect, "width" | "height">): { readonly name: "MIDDLECENTER"; readonly mask: Mask } {
  const at = (shift: number, room: number): number => (room === 0 ? 1 : Math.round((2 * shift) / room));
  const row = ["TOP", "MIDDLE", "BOTTOM"][at(old.y, height - old.height)] ?? "MIDDLE";
  const column = ["LEFT", "CENTER", "RIGHT"][at(old.x, width - old.width)] ?? "CENTER";
  return { name: `${row}${column}` as "MIDDLECENTER", mask: freshOf(old, { width, height }) };
}

/** What of a canvas an older one does not cover, as a mask of all of it. `old`: in px of the canvas. */
export function freshOf(old: Rect, { width, height }: Pick<Rect, "width" | "height">): Mask {
  const samples = new Uint8Array(width * height).fill(255);
  const [left, right] = [Math.max(0, old.x), Math.min(width, old.x + old.width)];
  for (let y = Math.max(0, old.y); y < Math.min(height, old.y + old.height); y++) samples.fill(0, y * width + left, y * width + right);
  return { region: { x: 0, y: 0, width, height }, samples };
}
