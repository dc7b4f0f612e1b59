/** What an edit reads, where and when its result lands, and how it is placed again later: on the real server. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CANVAS, expectSame, picture, RGB16 } from "../../self_test/expect";
import { PhotoshopSession } from "../../src/session";
import { Inlay } from "../client/inlay";
import { until } from "../client/lines";
import { weather, wish } from "../forms";
import { type Desk, deskAt, memoryIn, only, open, placed, turned } from "./desk";

let server: Inlay;
let desk: Desk;

before(async () => {
  server = await Inlay.start({ engines: "support.invented_verb:registry_of" });
  desk = await deskAt(server.url);
});
after(async () => {
  desk.server.stop();
  await server.end();
});

/** A picture with a grade above its layer, which is active. */
async function graded(): Promise<{ document: number; original: number }> {
  const document = await open(desk);
  const { picture: state } = desk.fake.open(document);
  const original = state.layers[0]?.id ?? 0;
  desk.fake.addLayer(desk.fake.open(document), "adjustment", "Grade");
  await desk.stage.activate(document, [original]);
  return { document, original };
}

test("what reads the layer and below sends the picture without the grade, lands below it, and so do more of it and a finish", async () => {
  const { document } = await graded();
  await placed(desk.server.begin(document, weather({ landing: { reads: "below", lands: "above" } })));
  const result = await only(desk, document);
  const { get } = await import("../../src/client/blobs");
  const { source, window } = memoryIn(result).recipe.canvas;
  assert.deepEqual([window.width, window.height], [CANVAS.width, CANVAS.height]);
  const sent = await get(desk.server.calls, source.blob);
  expectSame(new Uint16Array(sent.buffer), picture(RGB16, CANVAS, 1).samples, "what was sent");
  const names = (): string[] => desk.stage.tree(document).map(({ name }) => name);
  assert.deepEqual(names().slice(0, 3), ["Grade", "weather", "Original"]);
  assert.equal(result.origin.reads, "below");

  for (const way of ["more", "finish"] as const) {
    const edit = await placed(way === "more" ? desk.server.more(await only(desk, document), { seed: 9, count: 1 }) : desk.server.finish(await only(desk, document)));
    assert.equal(edit.message, "", `${way}: the grade above is not taken for a change below`);
    assert.deepEqual(names().slice(0, 3), ["Grade", "weather", "Original"], way);
    assert.equal((await only(desk, document)).origin.reads, "below");
  }
});

test("what reads the picture sends the grade with it, and lands on top of it", async () => {
  const { document } = await graded();
  const edit = await placed(desk.server.begin(document, weather()));
  assert.equal(edit.message, "");
  assert.deepEqual(desk.stage.tree(document).slice(0, 3).map(({ name }) => name), ["weather", "Grade", "Original"]);
});

test("a result that is to be called for waits at hand, changes nothing, and is placed when it is called or taken back", async () => {
  const document = await open(desk);
  const states = desk.stage.states(document);
  const waiting = await turned(desk.server.begin(document, weather({ landing: { isAtOnce: false } })), "finished");
  assert.deepEqual([waiting.phase, waiting.hasEnded, desk.stage.states(document)], ["finished", false, states]);
  waiting.place();
  await placed(waiting);
  assert.equal(desk.stage.states(document), states + 1);

  const other = await turned(desk.server.begin(document, weather({ seed: 8, landing: { isAtOnce: false } })), "finished");
  other.cancel();
  await turned(other);
  assert.deepEqual([other.phase, desk.stage.states(document)], ["cancelled", states + 1]);
});

test("without a panel a dialog says that a result is ready, and the command for waiting results places it", async () => {
  const document = await open(desk);
  const session = new PhotoshopSession(desk.host, desk.server);
  session.start();
  try {
    assert.equal(await session.run(weather({ landing: { isAtOnce: false } })), true);
    await until("it is told", () => desk.fake.alerts.length > 0);
    assert.deepEqual(desk.fake.alerts.splice(0), ["weather: A result is ready."]);
    await session.accept();
    await until("it is placed", async () => (await desk.host.results(document)).length === 1);
  } finally {
    session.stop();
  }
});

test("what was made is in the picture's history with what became of it, and is placed again sample for sample after its group is gone", async () => {
  const inHand = await deskAt(server.url);
  const document = await open(inHand);
  const session = new PhotoshopSession(inHand.host, inHand.server);
  session.panelIsShown();
  session.start();
  try {
    await placed(inHand.server.begin(document, weather({ prompt: "a summer storm" })));
    await placed(inHand.server.begin(document, wish({ prompt: "nothing else", seed: 99, count: 1, landing: { buildsOn: true } })));
    const [, storm] = await inHand.host.results(document);
    assert.ok(storm);
    const [, wanted] = inHand.placements[0]?.layers ?? [];
    await inHand.stage.activate(document, [storm.group]);
    await inHand.host.show(storm, 1);
    await session.inHand.keep();
    const ratings = async (): Promise<unknown> =>
      (await session.history("storm", "")).entries.map(({ variation, prompt, seed, rating, thumbnail }) => [variation, prompt, seed, rating, thumbnail.length > 50]);
    await until("the server has heard", async () => JSON.stringify(await ratings()) === JSON.stringify([[1, "a summer storm", 6, 1, true], [0, "a summer storm", 5, 2, true]]));
    assert.equal((await session.history("", "")).entries.length, 3);

    await session.inHand.discard();
    await until("it is gone", async () => (await inHand.host.results(document)).every(({ group }) => group !== storm.group));
    const [entry] = (await session.history("storm", "")).entries;
    assert.ok(entry);
    await session.again(entry);
    await until("it is back", async () => (await inHand.host.results(document)).some(({ name }) => name === "a summer storm"));
    const back = (await inHand.host.results(document)).find(({ name }) => name === "a summer storm");
    assert.deepEqual(back?.variations.map(({ name }) => name), ["Variation 2 (seed 6)"]);
    const pixels = await inHand.stage.read(document, wanted?.pixels.rect ?? CANVAS, back.variations[0]?.layer);
    expectSame(pixels.samples, wanted?.pixels.samples ?? pixels.samples, "the variation");
    assert.equal(session.state.trouble, "");
  } finally {
    session.stop();
  }
});
