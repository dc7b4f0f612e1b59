/**
 * Type that stays editable: a line of it as a text layer. Inside a modal scope. Source: Adobe's reference of UXP for Photoshop
 * (TextLayerCreateOptions: sizes and places in px, a place is where the Type tool would click); CIE 15 (Lab), IEC 61966-2-1 (sRGB).
 */

import type { Document } from "photoshop/dom/Document";
import type { Layer } from "photoshop/dom/Layer";

import type { LineOfType } from "./host";
import type { Photoshop } from "./layers";

const LEVEL_DEGREES = 0.05;
/** The contract's whole numbers lie on the middles of pixels, Photoshop's between them. */
const TO_MIDDLE = 0.5;
/** From here on lettering is set in (faux) italics: Photoshop's type leans one way only. */
const LEANS_DEGREES = 6;
/** What Windows and macOS have of a kind. */
const FAMILIES: Readonly<Record<string, readonly string[] | undefined>> = { serif: ["Times New Roman", "Times", "Georgia"], monospace: ["Courier New", "Courier", "Menlo"] };
const UPRIGHT: ReadonlySet<string> = new Set(["Regular", "Roman", "Book"]);
/** From linear sRGB to XYZ under D50, adapted by Bradford, each row by its white: what Photoshop's Lab is of. */
const TO_XYZ = [
  [0.4522564, 0.3993538, 0.1483898],
  [0.2225045, 0.7168786, 0.0606169],
  [0.0168832, 0.1176725, 0.8654443],
] as const;

/** A text layer with the line's words; null: this Photoshop has no call for it (before 24.2). */
export async function setType(ps: Photoshop, document: Document, name: string, line: LineOfType): Promise<Layer | null> {
  if (typeof document.createTextLayer !== "function") return null;
  const { x, y } = { x: line.origin.x + TO_MIDDLE, y: line.origin.y + TO_MIDDLE };
  const layer = await document.createTextLayer({ name, contents: line.words, fontSize: line.sizePx, position: { x, y }, textColor: colorOf(ps, line.color) });
  if (layer !== null) dress(ps, layer, line);
  if (layer === null || Math.abs(line.angle) < LEVEL_DEGREES) return layer;
  const { left, bottom } = layer.bounds;
  await layer.rotate(line.angle, ps.constants.AnchorPosition.BOTTOMLEFT);
  // It turned about a corner of its box, not about where its baseline begins.
  const [cos, sin] = [Math.cos((line.angle * Math.PI) / 180), Math.sin((line.angle * Math.PI) / 180)];
  const [across, down] = [x - left, y - bottom];
  await layer.translate(across - (cos * across - sin * down), down - (sin * across + cos * down));
  return layer;
}

/** Its face, of the fonts that there are. */
function dress(ps: Photoshop, layer: Layer, line: LineOfType): void {
  const { characterStyle: style } = layer.textItem;
  const families = FAMILIES[line.font] ?? (line.font === "" ? [] : [line.font]);
  const ofFamily = families.map((wanted) => ps.app.fonts.filter(({ family }) => family === wanted)).find(({ length }) => length > 0) ?? [];
  const font = ofFamily.find(({ style: kind }) => UPRIGHT.has(kind)) ?? ofFamily[0];
  if (font) style.font = font.postScriptName;
  if (line.bold) style.fauxBold = true;
  if (line.slant >= LEANS_DEGREES) style.fauxItalic = true;
  if (line.stretch > 0) style.horizontalScale = 100 * line.stretch;
}

/** By its Lab: what a colour's `rgb` means depends on the user's colour settings. */
function colorOf(ps: Photoshop, hex: string): InstanceType<Photoshop["app"]["SolidColor"]> {
  const linear = [1, 3, 5].map((at) => decoded(Number.parseInt(hex.slice(at, at + 2), 16) / 255));
  const [x = 0, y = 0, z = 0] = TO_XYZ.map((row) => bent(row.reduce((sum, factor, at) => sum + factor * (linear[at] ?? 0), 0)));
  const color = new ps.app.SolidColor();
  Object.assign(color.lab, { l: 116 * y - 16, a: 500 * (x - y), b: 200 * (y - z) });
  return color;
}

function decoded(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function bent(share: number): number {
  return share > (6 / 29) ** 3 ? Math.cbrt(share) : share / (3 * (6 / 29) ** 2) + 4 / 29;
}
