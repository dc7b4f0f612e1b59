/** A draft is finished: what is asked of the server, what becomes of the drafts, and what a server that cannot says. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { clone, create } from "@bufbuild/protobuf";
import { Calls } from "../../src/client/connect";
import { Line } from "../../src/client/line";
import { finish, more } from "../../src/edit";
import { ModelSchema } from "../../src/gen/inlay/v1/inlay_pb";
import { type Recipe, RecipeSchema } from "../../src/gen/inlay/v1/recipe_pb";
import { canFinish } from "../../src/finishing";
import { bytesOf } from "../../src/host/capture";
import type { DocumentHandle, Result } from "../../src/host/host";
import { draftOf, packed, unpacked } from "../../src/recipe";
import { Inlay } from "../client/inlay";
import { type Desk, deskAt, open, SAME, turned, WISH } from "./desk";

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

/** A line to the real server, whose engine refuses `structure`: it is noted and taken out of what is sent. */
class Painting extends Line {
  readonly submitted: Recipe[] = [];
  forgotten = "";

  constructor() {
    super(new Calls(server.url, "", (input, init) => fetch(input, init)), () => undefined);
  }

  override submit(...[jobId, recipe, ...rest]: Parameters<Line["submit"]>): ReturnType<Line["submit"]> {
    this.submitted.push(clone(RecipeSchema, recipe));
    const without = clone(RecipeSchema, recipe);
    without.inputs = [];
    return super.submit(jobId, without, ...rest);
  }

  override async missing(...given: Parameters<Line["missing"]>): Promise<ReadonlySet<string>> {
    const missing = await super.missing(...given);
    return new Set([...missing, ...given[0].filter((name) => name === this.forgotten)]);
  }
}

async function drafted(): Promise<{ document: DocumentHandle; result: Result }> {
  const document = await open(desk);
  await turned(desk.server.begin(document, WISH));
  return { document, result: await only(document) };
}

async function only(document: DocumentHandle): Promise<Result> {
  const results = await desk.host.results(document);
  assert.equal(results.length, 1);
  return results[0] as Result;
}

test("the variation that shows is finished from its own pixels and seed, and the drafts stay below it", async () => {
  const { document, result } = await drafted();
  await desk.host.show(result, 1);
  const states = desk.stage.states(document);
  const { layers } = desk.placements.at(-1) ?? { layers: [] };
  const line = new Painting();

  const edit = await turned(finish(line, desk.host, await only(document)));

  assert.equal(edit.phase, "placed", edit.message);
  assert.equal(desk.stage.states(document), states + 1);
  const [recipe] = line.submitted;
  const draft = unpacked(result.memory.recipe);
  assert.deepEqual([recipe?.sampling?.tier, recipe?.sampling?.seed, recipe?.sampling?.count, recipe?.sampling?.model], ["final", 6, 1, draft.sampling.model]);
  assert.deepEqual([recipe?.canvas?.window, recipe?.where], [draft.canvas.window, draft.where]);
  const shown = layers[1]?.pixels;
  const finished = recipe && draftOf(recipe);
  assert.ok(shown && finished);
  assert.deepEqual([finished.width, finished.height], [shown.rect.width, shown.rect.height]);
  assert.deepEqual([finished.whiteLevel, finished.profile], [32768, "Adobe RGB (1998)"]);
  const sent = await line.nameOf(bytesOf(shown.samples));
  assert.equal(finished.blob, sent, "untouched pixels are those that the server painted");

  const final = await only(document);
  assert.deepEqual(final.variations.map(({ visible }) => visible), [true, false, false]);
  assert.equal(unpacked(final.memory.recipe).sampling.tier, "final");
  assert.equal(draftOf(unpacked(final.memory.recipe))?.blob, sent);
  assert.deepEqual(desk.fake.violations, []);

  await turned(more(line, desk.host, final, SAME));
  assert.equal(line.submitted.at(-1)?.inputs[0]?.raster?.blob, sent, "more of a finished result comes from the same draft");
  line.forgotten = sent;
  const blind = await turned(more(line, desk.host, await only(document), SAME));
  assert.equal(blind.phase, "failed");
  assert.match(blind.message, /forgotten the draft/);
});

test("what was painted on the draft by hand is part of what is finished", async () => {
  const { document, result } = await drafted();
  const [draft] = result.variations;
  const { pixels } = desk.placements.at(-1)?.layers[0] ?? {};
  assert.ok(draft && pixels);
  const painted = { ...pixels, samples: pixels.samples.slice() };
  painted.samples.fill(12345, 0, pixels.channels - 1);
  desk.fake.layer(desk.fake.open(document), draft.layer).pixels = painted;
  const line = new Painting();

  await turned(finish(line, desk.host, result));

  const finished = line.submitted[0] && draftOf(line.submitted[0]);
  assert.equal(finished?.blob, await line.nameOf(bytesOf(painted.samples)));
  assert.deepEqual(await line.get(finished?.blob ?? ""), bytesOf(painted.samples).slice());
});

test("only a draft of a model that can finish it, and that is here, can be finished", async () => {
  const { result } = await drafted();
  const here = ["sdxl", "classic"].map((id) => create(ModelSchema, { id, promotes: id === "sdxl" }));
  const by = (engine: string, tier: string): Result => {
    const recipe = unpacked(result.memory.recipe);
    recipe.sampling.tier = tier;
    const receipt = JSON.stringify({ engine, recipe: { sampling: { seed: 5 } } });
    const variations = result.variations.map((variation) => ({ ...variation, receipt }));
    return { ...result, memory: { ...result.memory, recipe: packed(recipe) }, variations };
  };
  assert.equal(canFinish(by("sdxl", "draft"), here), true);
  assert.equal(canFinish(by("sdxl", "standard"), here), true);
  assert.equal(canFinish(by("sdxl", "final"), here), false);
  assert.equal(canFinish(by("classic", "draft"), here), false);
  assert.equal(canFinish(by("sdxl", "draft"), []), false);
});

test("a server whose engine cannot finish says so, and the drafts stay as they are", async () => {
  const { document, result } = await drafted();
  const states = desk.stage.states(document);
  const edit = await turned(desk.server.finish(result));
  assert.equal(edit.phase, "failed");
  assert.match(edit.message, /cannot finish a draft/);
  assert.equal(desk.stage.states(document), states);
  assert.deepEqual(await only(document), result);
});
