/** A document's samples as a small picture for the screen. For looking at only: profiles are taken for sRGB. */

import type { ColorMode, Pixels } from "../host/host";
import type { Picture } from "./model";

/** White of 8 and 16 bit; 32 bit is linear with white 1.0. */
const WHITE_8 = 255;
const WHITE_16 = 32768;

/** At most `side` px on the longer side, nearest pixels; null for what has no simple look (Lab). */
export function thumbnailOf(pixels: Pixels, mode: ColorMode, side: number): Picture | null {
  const { rect, channels, samples } = pixels;
  if (mode === "Lab" || rect.width < 1 || rect.height < 1) {
    return null;
  }
  const scale = Math.min(1, side / Math.max(rect.width, rect.height));
  const width = Math.max(1, Math.round(rect.width * scale));
  const height = Math.max(1, Math.round(rect.height * scale));
  const rgb = new Uint8Array(3 * width * height);
  const toByte = byteOf(samples);
  const offsets = channels >= 3 ? [0, 1, 2] : [0, 0, 0];
  for (let y = 0; y < height; y += 1) {
    const line = Math.floor(((y + 0.5) * rect.height) / height) * rect.width;
    for (let x = 0; x < width; x += 1) {
      const from = channels * (line + Math.floor(((x + 0.5) * rect.width) / width));
      offsets.forEach((offset, channel) => {
        rgb[3 * (y * width + x) + channel] = toByte(samples[from + offset] ?? 0);
      });
    }
  }
  return { width, height, rgb };
}

function byteOf(samples: Pixels["samples"]): (sample: number) => number {
  if (samples instanceof Float32Array) {
    return (sample) => Math.round(255 * encoded(Math.min(1, Math.max(0, sample))));
  }
  const white = samples instanceof Uint16Array ? WHITE_16 : WHITE_8;
  return (sample) => Math.min(255, Math.round((255 * sample) / white));
}

/** The sRGB transfer curve (IEC 61966-2-1). */
function encoded(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}
