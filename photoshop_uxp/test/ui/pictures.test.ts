/** Pictures for the screen, without a canvas. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { dataUrl, png, shrink } from "../../src/ui/picture";
import { picture } from "./scenes";

/** The IDAT of a PNG, inflated: rows of a filter byte and samples. */
function rows(file: Uint8Array): Buffer {
  const bytes = Buffer.from(file);
  const at = bytes.indexOf("IDAT");
  return inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4)));
}

test("a PNG holds every sample as it was", () => {
  const { width, height, rgb } = picture(300, 200, 77); // More than one stored block of 65,535 bytes.
  const found = rows(png({ width, height, rgb }));
  assert.equal(found.length, height * (1 + 3 * width));
  for (let y = 0; y < height; y += 1) {
    const begin = y * (1 + 3 * width) + 1;
    assert.deepEqual(found.subarray(begin, begin + 3 * width), Buffer.from(rgb.subarray(3 * y * width, 3 * (y + 1) * width)));
  }
});

test("the data URL is the PNG in base64, whatever its length", () => {
  for (const width of [1, 2, 3]) {
    const small = picture(width, 1, 5);
    assert.equal(dataUrl(small), `data:image/png;base64,${Buffer.from(png(small)).toString("base64")}`);
  }
});

test("shrinking keeps the shape and the mean colour", () => {
  const small = shrink(picture(512, 256, 90), 160);
  assert.deepEqual([small.width, small.height], [160, 80]);
  const means = [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let at = channel; at < small.rgb.length; at += 3) {
      sum += small.rgb[at] ?? 0;
    }
    return sum / (small.rgb.length / 3);
  });
  assert.ok(Math.abs((means[0] ?? 0) - 127.5) < 1.5 && Math.abs((means[1] ?? 0) - 127.5) < 1.5 && means[2] === 90);
});

test("a picture that is small enough stays as it is", () => {
  const small = picture(40, 30, 1);
  assert.equal(shrink(small, 160), small);
});
