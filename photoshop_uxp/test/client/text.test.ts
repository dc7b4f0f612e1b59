/** UTF-8 for a UXP that has none: the same as Node's, for every kind of sequence, whole or broken. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Utf8Decoder, Utf8Encoder } from "../../src/client/text";

const TEXTS = ["", "plain", "„gemütlich“", "日本語", "🏮 lantern", "\u0000\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}", "x".repeat(20_000), "é🏮".repeat(9_000)];
const BROKEN = [
  [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xc3, 0x28], [0xe0, 0x9f, 0xbf], [0xe2, 0x82], [0xe2, 0x82, 0x41], [0xed, 0xa0, 0x80],
  [0xf0, 0x8f, 0xbf, 0xbf], [0xf0, 0x9f, 0x8f], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff, 0xfe], [0x41, 0xe2, 0x28, 0xa1, 0x42],
];

test("text goes to bytes and back as it does in Node", () => {
  for (const text of TEXTS) {
    const bytes = new Utf8Encoder().encode(text);
    assert.deepEqual(bytes, Uint8Array.from(new TextEncoder().encode(text)));
    assert.equal(new Utf8Decoder("utf-8", { fatal: true }).decode(bytes), text);
  }
});

test("half a surrogate pair becomes the replacement character", () => {
  for (const text of ["\ud83c", "a\udfee", "\udfee\ud83c"]) {
    assert.deepEqual(new Utf8Encoder().encode(text), Uint8Array.from(new TextEncoder().encode(text)));
  }
});

test("bytes that are no UTF-8 are replaced as in Node, and refused where that is asked for", () => {
  for (const bytes of BROKEN.map((list) => Uint8Array.from(list))) {
    assert.equal(new Utf8Decoder().decode(bytes), new TextDecoder().decode(bytes), String(bytes));
    assert.throws(() => new Utf8Decoder("utf-8", { fatal: true }).decode(bytes), TypeError, String(bytes));
  }
});

test("a byte order mark is kept only where that is asked for", () => {
  const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, 0x41]);
  assert.equal(new Utf8Decoder().decode(bytes), "A");
  assert.equal(new Utf8Decoder("utf-8", { ignoreBOM: true }).decode(bytes), "\ufeffA");
  assert.equal(new Utf8Decoder().decode(bytes.buffer), "A");
});

test("encoding into a buffer stops where the next character does not fit", () => {
  const target = new Uint8Array(5);
  assert.deepEqual(new Utf8Encoder().encodeInto("aé🏮", target), { read: 2, written: 3 });
});
