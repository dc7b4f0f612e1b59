/** A whole edit on the real server with the classic engine: what it leaves in a document, at every depth and whatever Photoshop does. */

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { SampleType } from "../../src/gen/inlay/v1/raster_pb";
import { CANVAS, expectSame, REGION, sameMask, softMask } from "../../self_test/expect";
import type { Kind } from "../../self_test/stage";
import type { RunningEdit } from "../../src/client/standing";
import { Inlay } from "../client/inlay";
import { LIKELY, type Switches, VALUES } from "../fake/switches";
import { type Desk, deskAt, memoryIn, only, open, placed, RGB16, turned, WISH } from "./desk";
import { compositeOf, differences, original } from "./pictures";
import { wish } from "../forms";

const KINDS: readonly Kind[] = [
  { mode: "RGB", depth: 8, profile: "sRGB IEC61966-2.1" },
  { mode: "RGB", depth: 16, profile: "Adobe RGB (1998)" },
  { mode: "RGB", depth: 16, profile: "ProPhoto RGB" },
  { mode: "RGB", depth: 32, profile: "sRGB IEC61966-2.1" },
  { mode: "Gray", depth: 8, profile: "Gray Gamma 2.2" },
  { mode: "Gray", depth: 16, profile: "Gray Gamma 2.2" },
  { mode: "Lab", depth: 8, profile: "" },
  { mode: "Lab", depth: 16, profile: "" },
];
/** White and number format of a depth, in the contract's terms. */
const WIRE = { 8: [255, SampleType.U8], 16: [32768, SampleType.U16], 32: [1, SampleType.F32] } as const;

let server: Inlay;
const desks: Desk[] = [];

before(async () => {
  server = await Inlay.start();
});
afterEach(() => {
  desks.splice(0).forEach((desk) => {
    desk.server.stop();
  });
});
after(() => server.end());

async function deskWith(switches: Partial<Switches> = {}): Promise<Desk> {
  const desk = await deskAt(server.url, switches);
  desks.push(desk);
  return desk;
}

/** Erases the selection of a new document, and expects all that Inlay promises. */
async function eraseIn(desk: Desk, kind: Kind): Promise<void> {
  const { fake, host, stage } = desk;
  const document = await open(desk, kind, original(kind));
  const [earlier, states, active] = [await compositeOf(host, document), stage.states(document), stage.active(document)];
  const selection = await host.readSelection(document);

  const edit = await placed(desk.server.begin(document, WISH));

  const result = await only(desk, document);
  assert.equal(stage.states(document), states + 1);
  assert.deepEqual([edit.group, edit.jobId, result.name], [result.group, result.origin.jobId, "Erase"]);
  assert.deepEqual(
    result.variations.map(({ name, visible }) => [name, visible]),
    [["Variation 1 (seed 5)", true], ["Variation 2 (seed 6)", false]],
  );
  assert.deepEqual(stage.tree(document).slice(0, 2).map(({ name }) => name), ["Erase", "Original"]);
  const bottom = stage.tree(document).find(({ name }) => name === "Original");
  expectSame((await stage.read(document, CANVAS, bottom?.id)).samples, original(kind).samples, "the original layer");
  const { outside, inside } = differences(earlier, await compositeOf(host, document), softMask(kind.depth));
  assert.equal(outside, 0);
  assert.ok(inside > 0.1);

  const mask = await stage.readMask(document, result.group, CANVAS);
  assert.ok(mask && sameMask(mask, selection) && sameMask(mask, softMask(kind.depth)));
  assert.ok(sameMask(await host.readSelection(document), selection));
  assert.deepEqual(stage.active(document), active);

  const { canvas: { source }, sampling: { seed, count } } = memoryIn(result).recipe;
  assert.deepEqual([seed, count, source.profile], [5, 2, host.facts(document).profile]);
  assert.deepEqual([source.whiteLevel, source.sampleType], WIRE[kind.depth]);
  assert.deepEqual(result.origin.region, REGION);
  const receipts = result.variations.map((_, at) => JSON.parse(memoryIn(result, at).receiptJson) as { engine: string; recipe: { sampling: { seed: number } } });
  assert.deepEqual(receipts.map(({ engine, recipe }) => [engine, recipe.sampling.seed]), [["classic", 5], ["classic", 6]]);

  await stage.undo(document);
  expectSame((await compositeOf(host, document)).samples, earlier.samples, "after one undo");
  assert.deepEqual(fake.violations, []);
  assert.equal(fake.images, 0);
}

for (const kind of KINDS) {
  test(`an edit of ${kind.mode} with ${kind.depth} bit in ${kind.profile || "Lab"}`, async () => {
    await eraseIn(await deskWith(), kind);
  });
}

/** The likely Photoshop and the one that is unlike it in everything, and each with every single switch turned. */
function neighbours(): Switches[] {
  const names = Object.keys(VALUES) as (keyof Switches)[];
  const turn = (switches: Switches, name: keyof Switches): Switches => {
    const other = (VALUES[name] as readonly string[]).find((value) => value !== switches[name]);
    return { ...switches, [name]: other };
  };
  return [LIKELY, names.reduce(turn, LIKELY)].flatMap((all) => [all, ...names.map((name) => turn(all, name))]);
}

test("an edit is the same whatever Photoshop does where nobody knows", async () => {
  for (const switches of neighbours()) {
    await eraseIn(await deskWith(switches), RGB16).catch((error: unknown) => {
      assert.fail(`${JSON.stringify(switches)}: ${String(error)}`);
    });
  }
});

test("a document without colour management is taken for sRGB, and its numbers stay", async () => {
  const desk = await deskWith();
  const kind: Kind = { mode: "RGB", depth: 8, profile: "None" };
  const document = await open(desk, kind, original(kind));
  const earlier = await compositeOf(desk.host, document);
  await placed(desk.server.begin(document, WISH));
  const { source } = memoryIn(await only(desk, document)).recipe.canvas;
  assert.equal(source.profile, "sRGB IEC61966-2.1");
  assert.equal(differences(earlier, await compositeOf(desk.host, document), softMask(8)).outside, 0);
});

test("an edit that was grown and feathered finds its earlier result by what was selected, not by its larger mask", async () => {
  const desk = await deskWith();
  const document = await open(desk, RGB16, original(RGB16));
  const grown = { count: 1, growPx: 3, featherPx: 4 };
  await placed(desk.server.begin(document, wish(grown)));
  const first = memoryIn(await only(desk, document)).recipe;

  await placed(desk.server.begin(document, wish({ ...grown, seed: 8 })));

  const result = await only(desk, document);
  assert.deepEqual(result.variations.map(({ name }) => name), ["Variation 1 (seed 8)", "Variation 1 (seed 5)"]);
  assert.equal(memoryIn(result).recipe.canvas.source.blob, first.canvas.source.blob);
  const mask = await desk.stage.readMask(document, result.group, CANVAS);
  assert.ok(mask?.samples.some((value, at) => value > 0 && Math.floor(at / CANVAS.width) < REGION.y - 1));
});

test("a selection that is larger than an earlier grown one takes that one's place, from what the server was sent", async () => {
  const desk = await deskWith();
  const document = await open(desk, RGB16, original(RGB16));
  await placed(desk.server.begin(document, wish({ count: 1, growPx: 3 })));
  const region = { x: REGION.x - 1, y: REGION.y - 1, width: REGION.width + 2, height: REGION.height + 2 };
  await desk.stage.select(document, { region, samples: new Uint8Array(region.width * region.height).fill(255) });
  await placed(desk.server.begin(document, wish({ count: 1, seed: 8 })));
  assert.deepEqual((await only(desk, document)).variations.map(({ name }) => name), ["Variation 1 (seed 8)"]);
});

test("two edits of one selection that arrive together become one result", async () => {
  const desk = await deskWith();
  const place = desk.host.place.bind(desk.host);
  const edits: RunningEdit[] = [];
  Object.assign(desk.host, {
    place: async (...given: Parameters<typeof place>) => {
      await Promise.all(edits.map((edit) => turned(edit, "placing"))); // The other has arrived too, and waits for its turn.
      return place(...given);
    },
  });
  const document = await open(desk, RGB16, original(RGB16));
  edits.push(...[5, 6].map((seed) => desk.server.begin(document, wish({ count: 1, seed }))));
  await Promise.all(edits.map(placed));
  const { variations } = await only(desk, document);
  assert.deepEqual(variations.map(({ visible }) => visible), [true, false]);
});

test("more of a result that was built on another comes without taking that one's place", async () => {
  const desk = await deskWith();
  const document = await open(desk, RGB16, original(RGB16));
  await placed(desk.server.begin(document, wish({ count: 1 })));
  await placed(desk.server.begin(document, wish({ count: 1, seed: 8, landing: { buildsOn: true } })));
  const [upper, lower] = await desk.host.results(document);
  assert.ok(upper && lower);
  await placed(desk.server.more(upper, { seed: 9, count: 1 }));
  const results = await desk.host.results(document);
  assert.deepEqual(results.map(({ variations }) => variations.length), [2, 1]);
  assert.equal(results[1]?.group, lower.group);
});

test("more of a result at a server that forgot the picture says so where it changed since", async () => {
  const other = await Inlay.start();
  const elsewhere = await deskAt(other.url);
  try {
    const desk = await deskWith();
    const document = await open(desk, RGB16, original(RGB16));
    await placed(desk.server.begin(document, wish({ count: 1 })));
    const result = await only(desk, document);
    const pixels = original(RGB16);
    pixels.samples[0] = 12345;
    await desk.stage.addLayer(document, "Retouched", pixels);
    Object.assign(elsewhere.host, desk.host);

    const again = await placed(elsewhere.server.more(result, { seed: 9, count: 1 }));

    assert.match(again.message, /^The picture below changed since/);
  } finally {
    elsewhere.server.stop();
    await other.end();
  }
});

test("more of a grown edit at a server that forgot its selection says what to do", async () => {
  const other = await Inlay.start();
  const elsewhere = await deskAt(other.url);
  try {
    const desk = await deskWith();
    const document = await open(desk, RGB16, original(RGB16));
    await placed(desk.server.begin(document, wish({ count: 1, growPx: 3 })));
    const result = await only(desk, document);
    Object.assign(elsewhere.host, desk.host);
    const again = await turned(elsewhere.server.more(result, { seed: 9, count: 1 }));
    assert.equal(again.phase, "failed");
    assert.match(again.message, /forgotten this result's selection\. Select the region/);
  } finally {
    elsewhere.server.stop();
    await other.end();
  }
});
