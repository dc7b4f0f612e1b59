/** Rectangles and masks, without an editor. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { sameMask } from "../../self_test/expect";

import { orderOf } from "../../src/client/messages";
import { ChannelOrder } from "../../src/gen/inlay/v1/raster_pb";
import { bytesOf, cropMask, padded, samplesOf, tighten, whiteOf } from "../../src/host/capture";

const rect = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });

test("pixels without alpha get one where they do not fill the rectangle", () => {
  const pixels = { rect: rect(1, 0, 1, 1), channels: 3, samples: Uint16Array.from([7, 8, 9]) };
  assert.deepEqual([...padded(pixels, rect(0, 0, 2, 1), "RGB").samples], [0, 0, 0, 0, 7, 8, 9, 32768]);
});

test("pixels that reach beyond the rectangle are cut, and stay without alpha", () => {
  const pixels = { rect: rect(0, 0, 2, 2), channels: 1, samples: Uint8Array.from([1, 2, 3, 4]) };
  const cut = padded(pixels, rect(1, 1, 1, 1), "Gray");
  assert.deepEqual([cut.channels, ...cut.samples], [1, 4]);
});

test("a mask is tightened to its last value above zero, however faint", () => {
  const mask = { region: rect(10, 20, 3, 3), samples: Uint8Array.from([0, 0, 0, 0, 1, 9, 0, 0, 0]) };
  assert.deepEqual(tighten(mask), { region: rect(11, 21, 2, 1), samples: Uint8Array.from([1, 9]) });
  assert.equal(tighten({ region: rect(0, 0, 1, 1), samples: new Uint8Array(1) }), null);
});

test("masks are the same wherever their rectangles end, and at whatever depth", () => {
  const small = { region: rect(1, 1, 1, 1), samples: Uint8Array.from([128]) };
  assert.ok(sameMask(small, cropMask(small, rect(0, 0, 5, 5))));
  assert.ok(sameMask(small, { region: small.region, samples: Uint16Array.from([Math.round((128 * 32768) / 255)]) }));
  assert.ok(!sameMask(small, { region: small.region, samples: Uint8Array.from([127]) }));
  assert.ok(!sameMask(small, { region: rect(1, 1, 2, 1), samples: Uint8Array.from([128, 1]) }));
});

test("samples go to bytes and back at every depth", () => {
  for (const samples of [Uint8Array.from([0, 255]), Uint16Array.from([1, 32768]), Float32Array.from([-0.5, 1.25])]) {
    const shifted = new Uint8Array([9, ...bytesOf(samples)]).subarray(1);
    assert.deepEqual(samplesOf(shifted, samples), samples);
  }
  assert.deepEqual([new Uint8Array(1), new Uint16Array(1), new Float32Array(1)].map(whiteOf), [255, 32768, 1]);
});

test("channel orders are spelled as the contract spells them", () => {
  assert.deepEqual([orderOf("RGB", 3), orderOf("RGB", 4), orderOf("Gray", 1), orderOf("Gray", 2), orderOf("Lab", 4)], [ChannelOrder.RGB, ChannelOrder.RGBA, ChannelOrder.Y, ChannelOrder.YA, ChannelOrder.LABA]);
});
