/** Pictures go up and come back through an engine that paints nothing: what differs, the way there and back changed. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { whiteOf } from "../../src/host/capture";
import type { Mask, Pixels, Rect } from "../../src/host/host";
import type { Kind } from "../../self_test/stage";
import { Inlay } from "../client/inlay";
import { deskAt, open, turned } from "./desk";
import { wish } from "../forms";

const CANVAS: Rect = { x: 0, y: 0, width: 192, height: 128 };
const REGION: Rect = { x: 50, y: 30, width: 90, height: 60 };
/** One step of Photoshop's 16 bit. */
const STEP = 1 / 32768;

let server: Inlay;

before(async () => {
  server = await Inlay.start({ painter: "still:nothing" });
});
after(() => server.end());

/** Opaque RGB: `value(x, y, channel)` is 0 .. 1. */
function painted(kind: Kind, value: (x: number, y: number, channel: number) => number): Pixels {
  const samples = kind.depth === 8 ? new Uint8Array(4 * 192 * 128) : kind.depth === 16 ? new Uint16Array(4 * 192 * 128) : new Float32Array(4 * 192 * 128);
  const white = whiteOf(samples);
  for (let at = 0; at < samples.length; at += 1) {
    const [x, y] = [Math.floor(at / 4) % CANVAS.width, Math.floor(at / 4 / CANVAS.width)];
    const sample = at % 4 === 3 ? white : value(x, y, at % 4) * white;
    samples[at] = kind.depth === 32 ? sample : Math.round(sample);
  }
  return { rect: CANVAS, channels: 4, samples };
}

/** From the document's darkest to its lightest value, in other directions for each channel. */
function ramp(x: number, y: number, channel: number): number {
  const at = x + CANVAS.width * y;
  const last = CANVAS.width * CANVAS.height - 1;
  return channel === 0 ? at / last : channel === 1 ? 1 - at / last : ((at * 61) % last) / last;
}

/**
 * Saturated hills and dark valleys, with grain, over nearly the whole gamut: a channel at exactly 0 beside a bright one moves
 * by two steps of 32768 in ProPhoto RGB, because its curve is infinitely steep there (docs/color.md).
 */
function photograph(x: number, y: number, channel: number): number {
  const hill = 0.5 + 0.5 * Math.sin(x / (9 + 4 * channel) + channel * 2) * Math.cos(y / (13 - 3 * channel));
  const grain = (((x * 7919 + y * 104729 + channel * 31) % 97) - 48) / 2000;
  return Math.min(1, Math.max(0.002, hill + grain));
}

/** A soft ellipse. */
function selection(): Mask {
  const samples = new Uint8Array(REGION.width * REGION.height);
  for (let at = 0; at < samples.length; at += 1) {
    const [x, y] = [(at % REGION.width) / REGION.width - 0.5, Math.floor(at / REGION.width) / REGION.height - 0.5];
    samples[at] = Math.min(255, Math.max(0, Math.round((0.5 - Math.hypot(x, y)) * 900)));
  }
  return { region: REGION, samples };
}

const PICTURES: readonly (readonly [name: string, kind: Kind, pixels: Pixels])[] = (
  [
    ["a 16-bit ramp", { mode: "RGB", depth: 16, profile: "sRGB IEC61966-2.1" }, ramp],
    ["a 16-bit picture in Adobe RGB", { mode: "RGB", depth: 16, profile: "Adobe RGB (1998)" }, photograph],
    ["a 16-bit picture in ProPhoto RGB", { mode: "RGB", depth: 16, profile: "ProPhoto RGB" }, photograph],
    ["an 8-bit picture in Adobe RGB", { mode: "RGB", depth: 8, profile: "Adobe RGB (1998)" }, photograph],
    ["a 32-bit picture", { mode: "RGB", depth: 32, profile: "sRGB IEC61966-2.1" }, photograph],
  ] as const
).map(([name, kind, value]) => [name, kind, painted(kind, value)]);

for (const [name, kind, pixels] of PICTURES) {
  test(`${name} comes back as it was: 0 outside the mask, at most one step of 32768 inside`, async () => {
    const desk = await deskAt(server.url);
    try {
      const document = await open(desk, kind, pixels, selection());
      const before = (await desk.stage.read(document, CANVAS)).samples;

      const edit = await turned(desk.server.begin(document, wish({ count: 1 })));
      assert.equal(edit.phase, "placed", edit.message);

      const after = (await desk.stage.read(document, CANVAS)).samples;
      const mask = selection();
      let [outside, inside] = [0, 0];
      before.forEach((sample, at) => {
        const [x, y] = [Math.floor(at / 4) % CANVAS.width - REGION.x, Math.floor(at / 4 / CANVAS.width) - REGION.y];
        const isInside = x >= 0 && y >= 0 && x < REGION.width && y < REGION.height && (mask.samples[y * REGION.width + x] ?? 0) > 0;
        const error = Math.abs(sample - (after[at] ?? NaN)) / whiteOf(before);
        if (isInside) {
          inside = Math.max(inside, error);
        } else {
          outside = Math.max(outside, error);
        }
      });
      assert.equal(outside, 0);
      assert.ok(inside <= STEP, `${inside / STEP} steps inside`);
      const placed = desk.placements[0]?.layers[0]?.pixels.samples;
      assert.ok(placed && placed.length > 1000, "a layer of its own was placed");
    } finally {
      desk.server.stop();
    }
  });
}
