/** Type that stays editable: a line of it as a text layer. Inside a modal scope. */

import type { Document } from "photoshop/dom/Document";
import type { Layer } from "photoshop/dom/Layer";

import type { LineOfType } from "./host";
import type { Photoshop } from "./layers";

/** A text layer with the line's words; null: this Photoshop has no call for it (before 24.2). */
export async function setType(ps: Photoshop, document: Document, name: string, line: LineOfType): Promise<Layer | null> {
  if (typeof document.createTextLayer !== "function") return null;
  const { x, y } = line.origin;
  const layer = await document.createTextLayer({ name, contents: line.words, fontSize: line.sizePx, position: { x, y }, textColor: colorOf(ps, line.color) });
  if (layer === null || Math.abs(line.angle) < 0.05) return layer;
  const { left, bottom } = layer.bounds;
  await layer.rotate(line.angle, ps.constants.AnchorPosition.BOTTOMLEFT);
  // It turned about a corner of its box, not about where its baseline begins.
  const [cos, sin] = [Math.cos((line.angle * Math.PI) / 180), Math.sin((line.angle * Math.PI) / 180)];
  const [across, down] = [x - left, y - bottom];
  await layer.translate(across - (cos * across - sin * down), down - (sin * across + cos * down));
  return layer;
}

function colorOf(ps: Photoshop, hex: string): InstanceType<Photoshop["app"]["SolidColor"]> {
  const color = new ps.app.SolidColor();
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  Object.assign(color.rgb, { red, green, blue });
  return color;
}
