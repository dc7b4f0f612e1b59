/** An edit from its selection to its layers, on the strict Photoshop in memory and the real server, with what comes between. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CANVAS, expectSame, picture, REGION, sameMask } from "../../self_test/expect";
import type { Result } from "../../src/host/host";
import type { RunningEdit } from "../../src/client/standing";
import type { Phase } from "../../src/client/standing";
import { Inlay } from "../client/inlay";
import { until } from "../client/lines";
import { type Desk, deskAt, type Intercept, memoryIn, open, RGB16, SAME, turned, WISH } from "./desk";
import { wish } from "../forms";

let server: Inlay;
const desks: Desk[] = [];

before(async () => {
  server = await Inlay.start({ painter: "noise:paint" });
});
after(async () => {
  desks.forEach((desk) => {
    desk.server.stop();
  });
  await server.end();
});

async function deskWith(intercept?: Intercept): Promise<Desk> {
  const desk = await deskAt(server.url, {}, intercept);
  desks.push(desk);
  return desk;
}

async function resultOf({ host }: Desk, document: number): Promise<Result> {
  const [result] = await host.results(document);
  assert.ok(result, "the document has a result");
  return result;
}

/** Everything that an edit was, in the order in which it was that. */
function phasesOf(edit: RunningEdit): Phase[] {
  const phases: Phase[] = [edit.phase];
  edit.on(() => {
    if (phases.at(-1) !== edit.phase) {
      phases.push(edit.phase);
    }
  });
  return phases;
}

test("an edit goes from the selection to one history state, and its group remembers how it was made", async () => {
  const desk = await deskWith();
  const { host, server: inlay, stage, fake } = desk;
  const document = await open(desk);
  const states = stage.states(document);
  const edit = inlay.begin(document, wish({ prompt: "a red  lantern", negativePrompt: "text" }));
  const phases = phasesOf(edit);

  await turned(edit);

  assert.equal(edit.phase, "placed", edit.message);
  assert.deepEqual(phases.filter((phase) => phase !== "queued"), ["capturing", "uploading", "painting", "fetching", "placing", "placed"]);
  assert.equal(stage.states(document), states + 1);
  const result = await resultOf(desk, document);
  assert.equal(result.group, edit.group);
  assert.equal(result.name, "a red lantern");
  assert.deepEqual(result.variations.map(({ name }) => name), ["Variation 1 (seed 5)", "Variation 2 (seed 6)"]);
  assert.equal(result.origin.jobId, edit.jobId);
  assert.equal(result.origin.documentId, await host.identify(document));
  const { recipe } = memoryIn(result);
  assert.deepEqual([recipe.words?.prompt, recipe.words?.negativePrompt, recipe.canvas?.source?.whiteLevel], ["a red  lantern", "text", 32768]);
  assert.deepEqual([recipe.sampling?.seed, recipe.sampling?.count], [5, 2]);
  assert.match(edit.message, /a note/);
  assert.deepEqual(fake.violations, []);
  assert.equal(fake.images, 0);
});

test("another roll of the same selection sends no pixels, and takes the earlier one's place with its variations", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  await turned(desk.server.begin(document, WISH));
  desk.asked.length = 0;

  const edit = await turned(desk.server.begin(document, wish({ seed: 50 })));

  assert.equal(edit.phase, "placed", edit.message);
  assert.equal(desk.asked.includes("PutBlob"), false);
  const results = await desk.host.results(document);
  assert.equal(results.length, 1);
  assert.deepEqual(
    results[0]?.variations.map(({ name, visible }) => `${name} ${visible}`),
    ["Variation 1 (seed 50) true", "Variation 2 (seed 51) false", "Variation 1 (seed 5) false", "Variation 2 (seed 6) false"],
  );
});

test("building on the earlier result sends what is seen now, and leaves the earlier one where it is", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  await turned(desk.server.begin(document, WISH));
  desk.asked.length = 0;
  await turned(desk.server.begin(document, wish({ landing: { buildsOn: true } })));
  assert.ok(desk.asked.includes("PutBlob"));
  assert.equal((await desk.host.results(document)).length, 2);
});

test("more of a result comes from what its group remembers: with the same seed the same pixels, and nothing to send", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  await turned(desk.server.begin(document, WISH));
  await desk.stage.select(document, null);
  desk.asked.length = 0;

  const edit = await turned(desk.server.more(await resultOf(desk, document), SAME));

  assert.equal(edit.phase, "placed", edit.message);
  assert.equal(desk.asked.includes("PutBlob"), false);
  const [first, second] = desk.placements.map(({ layers }) => layers);
  first?.forEach(({ pixels }, at) => {
    expectSame(second?.[at]?.pixels.samples ?? new Uint16Array(), pixels.samples, `variation ${at + 1}`);
  });
});

test("more of a result comes from a server that has forgotten everything, from the document alone", async () => {
  const other = await Inlay.start({ painter: "noise:paint" });
  const desk = await deskWith();
  try {
    const document = await open(desk);
    await turned(desk.server.begin(document, WISH));
    desk.server.use({ url: other.url, token: "" });
    await until("the other server is there", () => desk.server.view.state === "ready");

    const edit = await turned(desk.server.more(await resultOf(desk, document), SAME));

    assert.equal(edit.phase, "placed", edit.message);
    assert.doesNotMatch(edit.message, /changed since/);
    const [first, second] = desk.placements.map(({ layers }) => layers);
    expectSame(second?.[0]?.pixels.samples ?? new Uint16Array(), first?.[0]?.pixels.samples ?? new Uint16Array(), "pixels");
  } finally {
    await other.end();
  }
});

test("a result lands in its own document while another is in front, and nothing is modal while the server works", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  const edit = desk.server.begin(document, wish({ count: 1 }));
  await turned(edit, "painting");
  const scopes = desk.fake.modalScopes;
  const other = await open(desk);
  const opened = desk.fake.modalScopes;
  assert.ok(opened > scopes);

  await turned(edit, "fetching");
  assert.equal(desk.fake.modalScopes, opened);
  await turned(edit);

  assert.equal(edit.phase, "placed", edit.message);
  assert.equal((await desk.host.results(document)).length, 1);
  assert.equal((await desk.host.results(other)).length, 0);
  assert.equal(desk.stage.front(), other);
});

test("a result whose document was closed waits, is offered when it is open again, and is placed then", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  await turned(desk.server.begin(document, wish({ count: 1 }))); // It holds a result now, by which it is known again.
  const edit = desk.server.begin(document, wish({ seed: 9 }));
  await turned(edit, "painting");
  const again = await desk.stage.saveAndReopen(document);
  await desk.stage.close(again);
  await turned(edit);
  assert.equal(edit.phase, "waiting");
  assert.match(edit.message, /closed/);

  const [job] = (await desk.server.jobs(edit.documentId)).filter(({ jobId }) => jobId === edit.jobId);
  assert.ok(job);
  const third = await open(desk);
  const identify = desk.host as { find(id: string): Promise<number | null> };
  identify.find = async () => third; // As if it were the same file.
  const adopted = await turned(desk.server.adopt(job));
  assert.equal(adopted.phase, "placed", adopted.message);
  assert.deepEqual((await resultOf(desk, third)).variations.map(({ name }) => name), ["Variation 1 (seed 9)", "Variation 2 (seed 10)"]);
});

test("a document that changed its depth meanwhile is not written: the result waits for it", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  const edit = desk.server.begin(document, WISH);
  await turned(edit, "painting");
  const before = desk.stage.states(document);
  const facts = desk.host.facts(document);
  desk.host.facts = () => ({ ...facts, depth: 8 });
  await turned(edit);
  assert.equal(edit.phase, "waiting");
  assert.match(edit.message, /is 8 bit now and was 16 bit when the edit began\. Undo that/);
  assert.equal(desk.stage.states(document), before);
});

test("taking an edit back while it is painted ends it here at once and at the server", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  const edit = desk.server.begin(document, wish({ prompt: "slow" }));
  await turned(edit, "painting");
  edit.cancel();
  await turned(edit);
  assert.equal(edit.phase, "cancelled");
  await until("the server has heard", async () => !(await desk.server.jobs(edit.documentId)).some(({ jobId }) => jobId === edit.jobId));
  assert.equal((await desk.host.results(document)).length, 0);
});

test("a dialog in Photoshop is waited for, and named", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  const edit = desk.server.begin(document, wish({ count: 1 }));
  await turned(edit, "fetching");
  desk.fake.busyS = 60;
  const messages = new Set<string>();
  edit.on(() => {
    messages.add(edit.message);
    if (edit.message.includes("busy")) {
      desk.fake.busyS = 0;
    }
  });
  await turned(edit);
  assert.equal(edit.phase, "placed", edit.message);
  assert.ok(Array.from(messages).some((message) => message.includes("Photoshop is busy")));
});

test("an edit survives the server's death in the middle of it", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  const edit = desk.server.begin(document, wish({ count: 4 }));
  const messages = new Set<string>();
  edit.on(() => messages.add(edit.message));
  await turned(edit, "painting");
  await server.stop("SIGKILL");
  await until("it is missed", () => Array.from(messages).some((message) => message.includes("trying again")));
  await server.start();
  await turned(edit);
  assert.equal(edit.phase, "placed", edit.message);
  assert.equal((await resultOf(desk, document)).variations.length, 4);
});

test("what the server refuses fails with its own words", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  const edit = await turned(desk.server.begin(document, wish({ verb: "recolor", targetColor: "blue-ish" })));
  assert.equal(edit.phase, "failed");
  assert.match(edit.message, /target_color/);
});

test("a profile that the server does not know is refused before anything is sent", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  const facts = desk.host.facts(document);
  desk.host.facts = () => ({ ...facts, profile: "Dot Gain 20%" });
  desk.asked.length = 0;
  const edit = await turned(desk.server.begin(document, WISH));
  assert.equal(edit.phase, "failed");
  assert.match(edit.message, /Convert to Profile/);
  assert.deepEqual(desk.asked, []);
});

test("without a selection an edit says so", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  await desk.stage.select(document, null);
  const edit = await turned(desk.server.begin(document, WISH));
  assert.equal(edit.phase, "failed");
  assert.match(edit.message, /[Ss]elect/);
});

test("the mask on the group is the selection, value for value, whatever Photoshop does about masks", async () => {
  for (const switches of [{ maskDepth: "8" }, { maskProfile: "Dot Gain 15%" }, { selectionRead: "whole" }] as const) {
    const desk = await deskAt(server.url, switches);
    desks.push(desk);
    const document = await open(desk);
    const edit = await turned(desk.server.begin(document, wish({ count: 1 })));
    assert.equal(edit.phase, "placed", `${JSON.stringify(switches)}: ${edit.message}`);
    const result = await resultOf(desk, document);
    const mask = await desk.host.readMask(document, result.group);
    const selection = await desk.host.readSelection(document);
    assert.deepEqual(selection.region, REGION);
    assert.ok(mask && sameMask(mask, selection), JSON.stringify(switches));
    const outside = await desk.stage.read(document, { ...CANVAS, height: REGION.y });
    expectSame(outside.samples, picture(RGB16, CANVAS, 1).samples.subarray(0, outside.samples.length), "outside");
  }
});
