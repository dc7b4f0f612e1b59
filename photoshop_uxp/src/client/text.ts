/**
 * TextEncoder and TextDecoder for UTF-8 (https://encoding.spec.whatwg.org), which UXP lacks: what the contract's libraries use of
 * them, and no streaming.
 */

const REPLACEMENT = 0xfffd;
const BYTE_ORDER_MARK = 0xfeff;
/** Characters that are put together at a time: fromCharCode takes no more arguments than the stack holds. */
const PIECE = 8192;

export class Utf8Encoder {
  readonly encoding = "utf-8";

  encode(text = ""): Uint8Array {
    const bytes = new Uint8Array(3 * text.length);
    return bytes.slice(0, this.encodeInto(text, bytes).written);
  }

  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    let written = 0;
    let read = 0;
    while (read < text.length) {
      const point = pointAt(text, read);
      const length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (written + length > target.length) {
        break;
      }
      target[written] = length === 1 ? point : ((0xf00 >> length) & 0xff) | (point >> (6 * (length - 1)));
      for (let at = 1; at < length; at += 1) {
        target[written + at] = 0x80 | ((point >> (6 * (length - 1 - at))) & 0x3f);
      }
      written += length;
      read += point > 0xffff ? 2 : 1;
    }
    return { read, written };
  }
}

/** The code point at `index`; half a surrogate pair is no text. */
function pointAt(text: string, index: number): number {
  const point = text.codePointAt(index) ?? REPLACEMENT;
  return point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point;
}

export class Utf8Decoder {
  readonly encoding = "utf-8";
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;

  constructor(_label = "utf-8", options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    this.fatal = options.fatal ?? false;
    this.ignoreBOM = options.ignoreBOM ?? false;
  }

  /** Throws TypeError for bytes that are no UTF-8 where `fatal` is set. */
  decode(data: ArrayBuffer | ArrayBufferView = new Uint8Array()): string {
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
    const pieces: string[] = [];
    let points: number[] = [];
    let at = 0;
    while (at < bytes.length) {
      const [point, length] = sequenceAt(bytes, at);
      if (point === null && this.fatal) {
        throw new TypeError(`Byte ${at} is no UTF-8.`);
      }
      if (this.ignoreBOM || point !== BYTE_ORDER_MARK || at > 0) {
        points.push(point ?? REPLACEMENT);
      }
      at += length;
      if (points.length === PIECE) {
        pieces.push(String.fromCodePoint(...points));
        points = [];
      }
    }
    return pieces.join("") + String.fromCodePoint(...points);
  }
}

/** The code point that begins at `at`, and its bytes; null: none does, and so many bytes are skipped. */
function sequenceAt(bytes: Uint8Array, at: number): [point: number | null, length: number] {
  const first = bytes[at] ?? 0;
  if (first < 0x80) {
    return [first, 1];
  }
  const length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (length === 0) {
    return [null, 1];
  }
  let point = first & (0x7f >> length);
  for (let index = 1; index < length; index += 1) {
    const next = bytes[at + index] ?? 0;
    const [low, high] = index === 1 ? secondByte(first) : [0x80, 0xbf];
    if (next < low || next > high) {
      return [null, index];
    }
    point = (point << 6) | (next & 0x3f);
  }
  return [point, length];
}

/** What may follow: no overlong forms, no surrogates, nothing above U+10FFFF (the Encoding Standard's table). */
function secondByte(first: number): [low: number, high: number] {
  return [first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80, first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf];
}
