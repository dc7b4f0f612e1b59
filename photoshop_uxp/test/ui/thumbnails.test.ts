/** Thumbnails of a document's own samples. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Samples } from "../../src/host/host";
import { thumbnailOf } from "../../src/ui/thumbnail";

const rect = { x: 5, y: 6, width: 2, height: 1 };

function bytes(samples: Samples, channels: number): number[] {
  return Array.from(thumbnailOf({ rect, channels, samples }, channels < 3 ? "Gray" : "RGB", 56)?.rgb ?? []);
}

test("black, half and white are the same at every depth, Photoshop's 32768 included", () => {
  assert.deepEqual(bytes(Uint8Array.of(0, 128, 255, 255, 128, 0), 3), [0, 128, 255, 255, 128, 0]);
  assert.deepEqual(bytes(Uint16Array.of(0, 16384, 32768, 32768, 16384, 0), 3), [0, 128, 255, 255, 128, 0]);
  assert.deepEqual(bytes(Float32Array.of(-1, 0.2159, 1, 8, 0.2159, 0), 3), [0, 128, 255, 255, 128, 0]);
});

test("alpha is left out, and gray is gray", () => {
  assert.deepEqual(bytes(Uint8Array.of(1, 2, 3, 99, 4, 5, 6, 99), 4), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(bytes(Uint8Array.of(7, 99, 8, 99), 2), [7, 7, 7, 8, 8, 8]);
});

test("Lab has no simple look", () => {
  assert.equal(thumbnailOf({ rect, channels: 3, samples: new Uint8Array(6) }, "Lab", 56), null);
});

test("a large one is made small", () => {
  const large = { rect: { x: 0, y: 0, width: 400, height: 100 }, channels: 3, samples: new Uint16Array(120000).fill(32768) };
  const small = thumbnailOf(large, "RGB", 56);
  assert.deepEqual([small?.width, small?.height], [56, 14]);
  assert.ok(small?.rgb.every((sample) => sample === 255));
});
