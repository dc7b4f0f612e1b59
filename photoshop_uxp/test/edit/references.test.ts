/** References: layers and what was selected go along with their roles and weights, sample for sample, and are sent once. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { CANVAS, picture, REGION, RGB16 } from "../../self_test/expect";
import { planOf } from "../../src/client/messages";
import type { DocumentHandle, Pixels, Rect } from "../../src/host/host";
import type { Reference, Wish } from "../../src/wish";
import { Inlay } from "../client/inlay";
import { wish } from "../forms";
import { type Desk, deskAt, memoryIn, open, placed, turned } from "./desk";

let server: Inlay;
let desk: Desk;
let sent = 0;

before(async () => {
  server = await Inlay.start({ engines: "support.onlooking:registry_of" });
  desk = await deskAt(server.url, {}, (method, send, init) => {
    if (method === "PutBlob") sent += (init?.body as Uint8Array).byteLength;
    return send();
  });
});
after(async () => {
  desk.server.stop();
  await server.end();
});

const SHOE: Rect = { x: 3, y: 5, width: 7, height: 4 };

/** A picture, its layer "Shoe" that shows something inside SHOE alone, and that layer's pixels. */
async function opened(seed: number): Promise<{ document: DocumentHandle; shoe: number; pixels: Pixels }> {
  const document = await open(desk, RGB16, picture(RGB16, CANVAS, seed));
  const pixels = picture(RGB16, SHOE, seed + 40);
  const shoe = await desk.stage.addLayer(document, "Shoe", pixels);
  return { document, shoe, pixels };
}

function look(references: readonly Reference[], seed = 5, model = "here"): Wish {
  return wish({ verb: "look", count: 1, seed, more: { "inputs.references": references, "sampling.model": model }, landing: { buildsOn: true } });
}

async function ran(document: DocumentHandle, asked: Wish) {
  await placed(desk.server.begin(document, asked));
  const [result] = await desk.host.results(document);
  assert.ok(result);
  const { recipe, receiptJson } = memoryIn(result);
  return { inputs: recipe.inputs, receipt: receiptJson };
}

function hashOf({ samples }: Pixels): string {
  return createHash("sha256").update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)).digest("hex");
}

/** The opaque pixels of a picture in a rectangle. */
function cut({ rect, samples }: Pixels, { x, y, width, height }: Rect): Pixels {
  const rows = Array.from({ length: height }, (_, row) => Array.from(samples.subarray(4 * ((y + row) * rect.width + x), 4 * ((y + row) * rect.width + x + width))));
  return { rect: { x, y, width, height }, channels: 4, samples: Uint16Array.from(rows.flat()) };
}

test("a layer goes along trimmed, sample for sample and without a place, and the engine is shown its role and weight", async () => {
  const { document, shoe, pixels } = await opened(1);
  const { inputs, receipt } = await ran(document, look([
    { ...(await desk.server.reference(document, shoe)), role: "product", weight: 0.4 },
    { ...(await desk.server.reference(document, shoe)), role: "style", weight: 0 },
  ]));
  const [one, ...others] = inputs;
  assert.deepEqual(others, [], "what counts nothing stays at home");
  assert.deepEqual([one?.role, one?.name, one?.place, one?.raster?.blob], ["product", "Shoe", undefined, hashOf(pixels)]);
  assert.deepEqual([one?.raster?.width, one?.raster?.height, one?.raster?.whiteLevel, one?.raster?.profile], [7, 4, 32768, RGB16.profile]);
  assert.match(receipt, /product 0\.40 7x4 False/);
});

test("a layer is read when the run begins, what is selected when it is added", async () => {
  const { document, shoe } = await opened(2);
  await desk.stage.activate(document, [shoe]);
  const whole = await desk.stage.read(document, CANVAS);
  const both = [
    { ...(await desk.server.reference(document, shoe)), role: "product" },
    { ...(await desk.server.reference(document, 0)), role: "style", weight: 0.75 },
  ];
  const painted = picture(RGB16, SHOE, 90);
  await desk.stage.paint(document, shoe, painted);
  await desk.stage.addLayer(document, "Over it", picture(RGB16, CANVAS, 77));
  const { thumbnail } = await desk.server.reference(document, shoe);
  assert.equal(thumbnail, await desk.host.thumbnail(document, SHOE, shoe, 64), "the layer alone is shown");
  assert.notEqual(thumbnail, await desk.host.thumbnail(document, SHOE, undefined, 64));
  const { inputs, receipt } = await ran(document, look(both));
  assert.deepEqual(inputs.map(({ raster }) => raster?.blob), [hashOf(painted), hashOf(cut(whole, REGION))]);
  assert.match(receipt, /product 1\.00 7x4 False; style 0\.75 12x9 False/);
});

test("another roll with the same references sends nothing", async () => {
  const { document, shoe } = await opened(3);
  const both = [{ ...(await desk.server.reference(document, shoe)), role: "product" }, { ...(await desk.server.reference(document, 0)), role: "style" }];
  await ran(document, { ...look(both), buildsOn: false });
  assert.ok(sent > 0);
  sent = 0;
  await ran(document, { ...look(both, 6), buildsOn: false });
  assert.equal(sent, 0);
  const [result] = await desk.host.results(document);
  assert.ok(result);
  await placed(desk.server.more(result, { seed: 9, count: 1 }));
  assert.equal(sent, 0);
});

test("how many pictures leave and how large they are is known before the run; a palette and what counts nothing stay", async () => {
  const { document, shoe } = await opened(4);
  const one = { ...(await desk.server.reference(document, shoe)), role: "product" };
  const seen = { ...(await desk.server.reference(document, 0)), role: "style" };
  const leaving = async (references: readonly Reference[]) => (await desk.server.plan(planOf(look(references, 5, "there"), CANVAS, REGION, ""))).leaving;
  const [none, two] = [await leaving([]), await leaving([one, seen])];
  assert.doesNotMatch(none?.sentence ?? "", /reference/);
  assert.match(two?.sentence ?? "", /and 2 references to example\.org/);
  const grown = Number(two?.bytes) - Number((await leaving([one]))?.bytes);
  const head = Number((await leaving([one]))?.bytes) - Number(none?.bytes) - 3 * 8 * 5; // Each row of a file has one byte more, and one row more.
  assert.equal(grown - head, 3 * 13 * 10);
  const others = await leaving([{ ...one, role: "palette" }, { ...seen, weight: 0 }]);
  assert.equal(others?.sentence, none?.sentence);
});

test("a layer that shows nothing or is gone, and a picture that the server has forgotten, are refused by name", async () => {
  const { document, shoe } = await opened(6);
  const { layer, ...facts } = await desk.server.reference(document, shoe);
  const empty = await desk.stage.addLayer(document, "Nothing", { ...picture(RGB16, SHOE, 1), samples: new Uint16Array(4 * 28) });
  await assert.rejects(desk.server.reference(document, empty), /Nothing: A picture that was to go along is no longer there/);
  const edit = await turned(desk.server.begin(document, look([{ ...facts, layer: layer + 1000 }])));
  assert.match(edit.message, /Shoe: A picture that was/);
  const seen = await desk.server.reference(document, 0);
  const other = await Inlay.start({ engines: "support.onlooking:registry_of" });
  const elsewhere = await deskAt(other.url);
  try {
    const there = await open(elsewhere, RGB16);
    const lost = await turned(elsewhere.server.begin(there, look([{ ...seen, role: "style" }])));
    assert.match(lost.message, /What is selected: A picture that was/);
  } finally {
    elsewhere.server.stop();
    await other.end();
  }
});
