/** What the retoucher did since: to a result, to its mask, to the picture below. None of it is lost, and none is painted over in silence. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { picture, REGION } from "../../self_test/expect";
import type { DocumentHandle, Result } from "../../src/host/host";
import { Inlay } from "../client/inlay";
import { type Desk, deskAt, open, placed, RGB16, turned, WISH } from "./desk";
import { wish } from "../forms";

let server: Inlay;
let desk: Desk;

before(async () => {
  server = await Inlay.start({ painter: "noise:paint" });
  desk = await deskAt(server.url);
});
after(async () => {
  desk.server.stop();
  await server.end();
});

async function first(document: DocumentHandle): Promise<Result> {
  const [result] = await desk.host.results(document);
  assert.ok(result);
  return result;
}

test("a mask that nobody painted on is the selection's again, without a word", async () => {
  const document = await open(desk);
  await placed(desk.server.begin(document, WISH));
  const edit = await placed(desk.server.begin(document, wish({ seed: 78 })));
  assert.doesNotMatch(edit.message, /mask|below|earlier/);
});

test("a clean-up layer in a result is no variation, and survives another roll in its group, which is hidden", async () => {
  const document = await open(desk);
  await placed(desk.server.begin(document, WISH));
  const result = await first(document);
  await desk.stage.activate(document, [result.variations[0]?.layer ?? 0]);
  const own = await desk.stage.addLayer(document, "Clean-up", picture(RGB16, REGION, 9));
  assert.deepEqual((await first(document)).variations, result.variations);

  const edit = await placed(desk.server.begin(document, wish({ seed: 79 })));

  assert.match(edit.message, /layers of yours/);
  const earlier = desk.stage.tree(document).find(({ id }) => id === result.group);
  assert.equal(earlier?.visible, false);
  assert.deepEqual(earlier.layers.map(({ name }) => name), ["Clean-up", "Variation 1 (seed 5)", "Variation 2 (seed 6)"]);
  assert.equal(earlier.layers.find(({ id }) => id === own)?.visible, true);
});

test("a retouched variation survives an edit of a larger selection", async () => {
  const document = await open(desk);
  await placed(desk.server.begin(document, wish({ count: 1 })));
  const result = await first(document);
  await desk.stage.paint(document, result.variations[0]?.layer ?? 0, picture(RGB16, REGION, 9));
  const region = { x: REGION.x - 2, y: REGION.y - 2, width: REGION.width + 4, height: REGION.height + 4 };
  await desk.stage.select(document, { region, samples: new Uint8Array(region.width * region.height).fill(255) });

  await placed(desk.server.begin(document, wish({ count: 1, seed: 8 })));

  const tree = desk.stage.tree(document);
  assert.equal(tree.find(({ id }) => id === result.group)?.visible, false, "the larger one takes its place");
  assert.deepEqual(tree.find(({ id }) => id === result.group)?.layers.map(({ id }) => id), result.variations.map(({ layer }) => layer));
});

test("a stroke below while the edit runs is mentioned, and the result is placed", async () => {
  const document = await open(desk);
  const edit = desk.server.begin(document, WISH);
  await turned(edit, "painting");
  await desk.stage.addLayer(document, "Stroke", picture(RGB16, { x: 2, y: 2, width: 9, height: 3 }, 4));
  await placed(edit);
  assert.match(edit.message, /picture below was painted on since/);
});

test("a picture that was mirrored while the edit ran is not covered: the result waits, and says why", async () => {
  const document = await open(desk);
  const edit = desk.server.begin(document, WISH);
  await turned(edit, "painting");
  const { layers } = desk.fake.open(document).picture;
  const original = layers.find(({ name }) => name === "Original");
  assert.ok(original?.pixels);
  const { rect, channels, samples } = original.pixels;
  const mirrored = samples.slice();
  for (let at = 0; at < samples.length; at += channels) {
    const [x, row] = [(at / channels) % rect.width, Math.floor(at / channels / rect.width)];
    mirrored.set(samples.subarray(at, at + channels), (row * rect.width + rect.width - 1 - x) * channels);
  }
  original.pixels = { rect, channels, samples: mirrored };
  await turned(edit);
  assert.equal(edit.phase, "waiting");
  assert.match(edit.message, /shows nothing any more of what the edit saw\. Undo/);
  assert.equal((await desk.host.results(document)).length, 0);

  original.pixels = { rect, channels, samples };
  const [job] = (await desk.server.jobs(edit.documentId)).filter(({ jobId }) => jobId === edit.jobId);
  assert.ok(job);
  await placed(desk.server.adopt(job));
});

test("a document that was cropped while the edit ran gets no result, and both sizes are named", async () => {
  const document = await open(desk);
  const edit = desk.server.begin(document, WISH);
  await turned(edit, "painting");
  desk.fake.open(document).picture.width -= 4;
  await turned(edit);
  assert.equal(edit.phase, "waiting");
  assert.match(edit.message, /is 36 × 32 px now and was 40 × 32 px when the edit began/);
});
