/** Pixels as an uncompressed PNG in base64, for an imitation of Photoshop that runs in Node and in a browser alike. PNG: https://www.w3.org/TR/png-3/ */

/** width x height x 3 samples, 8-bit sRGB. */
export interface Rgb {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** The largest stored block of deflate, in bytes (RFC 1951, 3.2.4). */
const MAX_STORED = 65535;

/** The file in base64. */
export function png(picture: Rgb): string {
  return base64(fileOf(picture));
}

function fileOf(picture: Rgb): Uint8Array {
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

function base64(data: Uint8Array): string {
  return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
}
