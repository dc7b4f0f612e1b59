/** A draft is finished by the server: from what the layer shows, in the place of the drafts, which stay. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { CANVAS, expectSame, sameMask } from "../../self_test/expect";
import { packed } from "../../src/client/messages";
import type { RunningEdit } from "../../src/client/standing";
import { FinishVariationRequestSchema, type FinishVariationRequest } from "../../src/gen/inlay/v1/memory_pb";
import { create } from "@bufbuild/protobuf";
import { ModelSchema } from "../../src/gen/inlay/v1/inlay_pb";
import { tighten } from "../../src/host/capture";
import type { DocumentHandle, Mask, Result } from "../../src/host/host";
import { canFinish } from "../../src/ui/shown";
import { Inlay } from "../client/inlay";
import { weather, wish } from "../forms";
import { type Desk, deskAt, memoryIn, only, open, placed, SAME, turned } from "./desk";

let server: Inlay;
let desk: Desk;
const asked: FinishVariationRequest[] = [];

before(async () => {
  server = await Inlay.start({ engines: "support.invented_verb:registry_of" });
  desk = await deskAt(server.url, {}, (method, send, init) => {
    if (method === "FinishVariation") asked.push(fromBinary(FinishVariationRequestSchema, init?.body as Uint8Array));
    return send();
  });
});
after(async () => {
  desk.server.stop();
  await server.end();
});

async function drafted(): Promise<{ document: DocumentHandle; result: Result }> {
  const document = await open(desk);
  await placed(desk.server.begin(document, weather()));
  return { document, result: await only(desk, document) };
}

/** The right half of a result's mask is brushed away. */
function refine(document: DocumentHandle, group: number): Mask {
  const layer = desk.fake.layer(desk.fake.open(document), group);
  assert.ok(layer.mask);
  const { region } = layer.mask;
  const samples = layer.mask.samples.slice().map((value, at) => (at % region.width < region.width / 2 ? value : 0)) as Uint16Array;
  layer.mask = { ...layer.mask, samples };
  return tighten({ region, samples }) ?? { region, samples };
}

test("the variation that shows is finished from its own pixels and seed, and the drafts stay below it, hidden", async () => {
  const { document, result } = await drafted();
  await desk.host.show(result, 1);
  const states = desk.stage.states(document);

  await placed(desk.server.finish(await only(desk, document)));

  assert.equal(desk.stage.states(document), states + 1);
  const final = await only(desk, document);
  assert.deepEqual(final.variations.map(({ visible }) => visible), [true, false, false]);
  const [draft, { recipe, jobId }] = [memoryIn(result, 1), memoryIn(final)];
  assert.deepEqual([recipe.sampling.tier, recipe.sampling.seed, recipe.sampling.count], ["final", 6, 1]);
  assert.deepEqual([recipe.canvas.window, recipe.where], [draft.recipe.canvas.window, draft.recipe.where]);
  assert.equal(jobId, final.origin.jobId);
  assert.deepEqual(recipe.inputs.map(({ role, place }) => [role, place?.width]), [["draft", draft.patch.bounds.width]]);
  assert.deepEqual(desk.fake.violations, []);

  const more = await placed(desk.server.more(final, SAME));
  assert.equal(more.message, "");
  const rolled = memoryIn(await only(desk, document)).recipe;
  assert.deepEqual(rolled.inputs[0]?.raster?.blob, recipe.inputs[0]?.raster?.blob, "more of a finished result comes from the same draft");
});

test("what was painted on the draft by hand is part of what is finished, sample for sample", async () => {
  const { document, result } = await drafted();
  const [draft] = result.variations;
  const { pixels } = desk.placements.at(-1)?.layers[0] ?? {};
  assert.ok(draft && pixels);
  const painted = { ...pixels, samples: pixels.samples.slice() };
  const row = painted.samples.subarray(0, 8 * pixels.channels);
  row.forEach((_, at) => (row[at] = at % pixels.channels === 3 ? 32768 : 12345));
  desk.fake.layer(desk.fake.open(document), draft.layer).pixels = painted;
  asked.length = 0;

  await placed(desk.server.finish(result));

  const { blob = "" } = asked[0]?.pixels ?? {};
  const { sha256 } = await import("@noble/hashes/sha2.js");
  const read = await desk.stage.read(document, pixels.rect, draft.layer);
  assert.equal(blob, Buffer.from(sha256(new Uint8Array(read.samples.buffer))).toString("hex"));
  expectSame(read.samples.subarray(0, 3), new Uint16Array(3).fill(12345), "the stroke");
});

test("a mask that was painted on stays through another roll, more of it and a finish, and the edit says so", async () => {
  const ways: Record<string, (document: DocumentHandle, result: Result) => RunningEdit> = {
    "another roll": (document) => desk.server.begin(document, weather({ seed: 77 })),
    "more of it": (_, result) => desk.server.more(result, { seed: 78, count: 1 }),
    "a finish": (_, result) => desk.server.finish(result),
  };
  for (const [name, way] of Object.entries(ways)) {
    const { document, result } = await drafted();
    const mine = refine(document, result.group);

    const edit = await placed(way(document, result));

    assert.match(edit.message, /mask is yours/, name);
    const again = await only(desk, document);
    assert.notEqual(again.group, result.group);
    const there = await desk.stage.readMask(document, again.group, CANVAS);
    assert.ok(there && sameMask(there, mine), name);
  }
});

test("only a draft of a model that can finish it, and that is here, can be finished", async () => {
  const { result } = await drafted();
  const here = ["sdxl", "classic"].map((id) => create(ModelSchema, { id, promotes: id === "sdxl" }));
  const by = (engine: string, tier: string): Result => {
    const memory = memoryIn(result);
    memory.recipe.sampling.tier = tier;
    const text = packed({ ...memory, receiptJson: JSON.stringify({ engine }) });
    return { ...result, variations: result.variations.map((variation) => ({ ...variation, memory: text })) };
  };
  assert.equal(canFinish(by("sdxl", "draft"), here), true);
  assert.equal(canFinish(by("sdxl", "standard"), here), true);
  assert.equal(canFinish(by("sdxl", "final"), here), false);
  assert.equal(canFinish(by("classic", "draft"), here), false);
  assert.equal(canFinish(by("sdxl", "draft"), []), false);
});

test("what cannot be finished says why; the layers stay as they are", async () => {
  const document = await open(desk);
  await placed(desk.server.begin(document, wish()));
  const states = desk.stage.states(document);
  const result = await only(desk, document);
  const edit = await turned(desk.server.finish(result));
  assert.equal(edit.phase, "failed");
  assert.match(edit.message, /cannot finish a draft/);
  assert.equal(desk.stage.states(document), states);
  assert.deepEqual(await only(desk, document), result);
});
