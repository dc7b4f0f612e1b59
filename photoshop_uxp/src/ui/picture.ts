/**
 * Pixels as an `<img>` source that needs neither a canvas nor a codec of the host: a stored (uncompressed) PNG in a data URL.
 * UXP's canvas cannot draw images, and its image blobs are unproven. PNG: https://www.w3.org/TR/png-3/
 */

import type { Picture } from "./model";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The largest stored block of deflate, in bytes (RFC 1951, 3.2.4). */
const MAX_STORED = 65535;

/** At most `side` px on the longer side, each pixel the mean of those it stands for; the same picture if it is small enough. */
export function shrink(picture: Picture, side: number): Picture {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  if (scale === 1) {
    return picture;
  }
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const rgb = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y += 1) {
    const top = Math.floor((y * picture.height) / height);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * picture.height) / height));
    for (let x = 0; x < width; x += 1) {
      const left = Math.floor((x * picture.width) / width);
      const right = Math.max(left + 1, Math.floor(((x + 1) * picture.width) / width));
      rgb.set(mean(picture, left, top, right, bottom), 3 * (y * width + x));
    }
  }
  return { width, height, rgb };
}

function mean(picture: Picture, left: number, top: number, right: number, bottom: number): [number, number, number] {
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let at = 3 * (y * picture.width + left); at < 3 * (y * picture.width + right); at += 3) {
      red += picture.rgb[at] ?? 0;
      green += picture.rgb[at + 1] ?? 0;
      blue += picture.rgb[at + 2] ?? 0;
    }
  }
  const count = (right - left) * (bottom - top);
  return [Math.round(red / count), Math.round(green / count), Math.round(blue / count)];
}

/** A data URL that shows the picture. */
export function dataUrl(picture: Picture): string {
  return `data:image/png;base64,${base64(png(picture))}`;
}

/** The picture as a PNG file: 8-bit RGB, sRGB, not compressed. */
export function png(picture: Picture): Uint8Array {
  const { width, height, rgb } = picture;
  const rows = new Uint8Array(height * (1 + 3 * width));
  for (let y = 0; y < height; y += 1) {
    rows.set(rgb.subarray(3 * y * width, 3 * (y + 1) * width), y * (1 + 3 * width) + 1);
  }
  const header = [...bigEndian(width), ...bigEndian(height), 8, 2, 0, 0, 0];
  const parts = [SIGNATURE, chunk("IHDR", header), chunk("sRGB", [0]), chunk("IDAT", stored(rows)), chunk("IEND", [])];
  return join(parts);
}

function stored(data: Uint8Array): Uint8Array {
  const parts: ArrayLike<number>[] = [[0x78, 0x01]];
  for (let at = 0; at === 0 || at < data.length; at += MAX_STORED) {
    const block = data.subarray(at, at + MAX_STORED);
    const isLast = at + MAX_STORED >= data.length ? 1 : 0;
    const { length } = block;
    parts.push([isLast, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255], block);
  }
  parts.push(bigEndian(adler32(data)));
  return join(parts);
}

function chunk(type: string, data: ArrayLike<number>): Uint8Array {
  const body = join([Array.from(type, (letter) => letter.charCodeAt(0)), data]);
  return join([bigEndian(data.length), body, bigEndian(crc32(body))]);
}

function join(parts: readonly ArrayLike<number>[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function bigEndian(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function adler32(data: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const value of data) {
    low = (low + value) % 65521;
    high = (high + low) % 65521;
  }
  return ((high << 16) | low) >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) {
    value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  }
  return value >>> 0;
});

function crc32(data: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of data) {
    value = (CRC_TABLE[(value ^ byte) & 255] ?? 0) ^ (value >>> 8);
  }
  return (value ^ 0xffffffff) >>> 0;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function base64(data: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < data.length; at += 3) {
    const left = data.length - at;
    const word = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
    parts.push(
      LETTERS.charAt(word >> 18),
      LETTERS.charAt((word >> 12) & 63),
      left > 1 ? LETTERS.charAt((word >> 6) & 63) : "=",
      left > 2 ? LETTERS.charAt(word & 63) : "=",
    );
  }
  return parts.join("");
}
