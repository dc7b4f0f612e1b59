/** Reads 8-bit RGB and RGBA PNGs, such as Chromium's screenshots: https://www.w3.org/TR/png-3/ */

import { inflateSync } from "node:zlib";

/** width x height pixels, each an [r, g, b]. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  at(x: number, y: number): readonly [number, number, number];
}

export function readPng(file: Uint8Array): Pixels {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const parts: Uint8Array[] = [];
  let [width, height, channels] = [0, 0, 3];
  for (let at = 8; at < file.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (type === "IHDR") [width, height, channels] = [view.getUint32(at + 8), view.getUint32(at + 12), view.getUint8(at + 17) === 6 ? 4 : 3];
    if (type === "IDAT") parts.push(file.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const samples = unfiltered(inflateSync(Buffer.concat(parts)), width * channels, height, channels);
  const of = (index: number): number => samples[index] ?? 0;
  return {
    width,
    height,
    at: (x, y) => {
      const index = (y * width + x) * channels;
      return [of(index), of(index + 1), of(index + 2)];
    },
  };
}

/** Part 9 of the standard: each row says in its first byte how it is to be added to what stands before and above. */
function unfiltered(data: Uint8Array, stride: number, height: number, channels: number): Uint8Array {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = data[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const left = x >= channels ? (out[y * stride + x - channels] ?? 0) : 0;
      const up = y > 0 ? (out[(y - 1) * stride + x] ?? 0) : 0;
      const corner = y > 0 && x >= channels ? (out[(y - 1) * stride + x - channels] ?? 0) : 0;
      const added = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
      out[y * stride + x] = (data[y * (stride + 1) + 1 + x] ?? 0) + added;
    }
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}
