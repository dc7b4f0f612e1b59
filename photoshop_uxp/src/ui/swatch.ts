/** A target colour as a style sheet has it, so that a swatch can show it. Source: CIE 15 (Lab), ICC.1 (D50), IEC 61966-2-1 (sRGB). */

const HEX = /^#?([0-9a-f]{6})$/i;
const RGB = /^rgb\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\)$/i;
const LAB = /^lab\(\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*\)$/i;
/** D50, as Photoshop's Lab has it. */
const WHITE = [0.9642, 1, 0.8249] as const;
/** From XYZ under D50 to linear sRGB, adapted by Bradford. */
const TO_SRGB = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const;

/** `#RRGGBB` with its # or without, `rgb(R, G, B)`, `lab(L, a, b)` in the sRGB that comes nearest channel by channel, or `transparent` where it is no colour. */
export function swatchOf(target: string): string {
  const hex = HEX.exec(target);
  if (hex) return `#${hex[1]}`;
  if (RGB.test(target)) return target;
  const [lightness, a, b] = (LAB.exec(target) ?? []).slice(1).map(Number);
  if (lightness === undefined || a === undefined || b === undefined) return "transparent";
  const y = (lightness + 16) / 116;
  const xyz = [y + a / 500, y, y - b / 200].map((value, at) => (WHITE[at] ?? 1) * linearOf(value));
  const channels = TO_SRGB.map((row) => encoded(row.reduce((sum, factor, at) => sum + factor * (xyz[at] ?? 0), 0)));
  return `rgb(${channels.join(", ")})`;
}

function linearOf(value: number): number {
  return value > 6 / 29 ? value ** 3 : 3 * (6 / 29) ** 2 * (value - 4 / 29);
}

/** 0 .. 255. */
function encoded(linear: number): number {
  const clipped = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055));
}
