/** UTF-8 for a UXP that has none: the same as Node's. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Utf8Decoder, Utf8Encoder } from "../../src/client/polyfills";

const TEXTS = ["", "plain 100 %", "„gemütlich“", "日本語", "🏮 lantern", "\u0000\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}", "\ufeffA", "é🏮".repeat(9_000)];
const BROKEN = [[0x80], [0xc0, 0x80], [0xc3], [0xc3, 0x28], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff, 0xfe]];

test("text goes to bytes and back as it does in Node", () => {
  for (const text of TEXTS) {
    const bytes = new Utf8Encoder().encode(text);
    assert.deepEqual(bytes, Uint8Array.from(new TextEncoder().encode(text)));
    assert.equal(new Utf8Decoder().decode(bytes), text);
  }
});

test("half a surrogate pair becomes the replacement character", () => {
  for (const text of ["\ud83c", "a\udfee", "\udfee\ud83c", "🏮\ud83c"]) {
    assert.deepEqual(new Utf8Encoder().encode(text), Uint8Array.from(new TextEncoder().encode(text)));
  }
});

test("bytes that are no UTF-8 are refused", () => {
  for (const bytes of BROKEN) {
    assert.throws(() => new Utf8Decoder().decode(Uint8Array.from(bytes)), URIError, String(bytes));
  }
});
