/** Several regions: each reaches its own run with its own words, one after the other; one job, one undo step, nothing else changes. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import type { Kind } from "../../self_test/stage";
import { FieldKind, Needs } from "../../src/gen/inlay/v1/verbs_pb";
import { bytesOf } from "../../src/host/capture";
import type { DocumentHandle, Mask, Pixels, Rect } from "../../src/host/host";
import { Planning } from "../../src/ui/planning";
import { lackOf, type Region, type Wish } from "../../src/wish";
import { Inlay } from "../client/inlay";
import { field, form, wish } from "../forms";
import { type Desk, deskAt, placed, turned } from "./desk";

const KIND: Kind = { mode: "RGB", depth: 16, profile: "sRGB IEC61966-2.1" };
const CANVAS: Rect = { x: 0, y: 0, width: 200, height: 150 };
const [LEFT, RIGHT, VASE]: readonly [Rect, Rect, Rect] = [
  { x: 20, y: 30, width: 50, height: 40 },
  { x: 50, y: 50, width: 60, height: 30 },
  { x: 140, y: 100, width: 20, height: 16 },
];
const WHITE = 32768;
const EDGE = 6;
const LACK = "Draw something.";

let server: Inlay;
let desk: Desk;

before(async () => {
  server = await Inlay.start({ engines: "support.looking:registry_of" });
  desk = await deskAt(server.url);
});
after(async () => {
  desk.server.stop();
  await server.end();
});

function grainy(): Pixels {
  const samples = new Uint16Array(CANVAS.width * CANVAS.height * 4);
  for (let at = 0; at < samples.length; at += 4) samples.set([9000 + ((at * 7) % 4001), 12000 + ((at * 3) % 1999), 15000, WHITE], at);
  return { rect: CANVAS, channels: 4, samples };
}

/** Wholly selected, but for a column of a quarter at its left. */
function maskOf(region: Rect): Mask {
  const samples = new Uint16Array(region.width * region.height).fill(WHITE);
  for (let row = 0; row < region.height; row += 1) samples[row * region.width] = WHITE / 4;
  return { region, samples };
}

/** A picture with a layer "Vase", and what lies elsewhere selected; and the three regions with their words. */
async function opened(): Promise<{ document: DocumentHandle; vase: number; regions: readonly Region[] }> {
  const { stage } = desk;
  const document = await stage.create(KIND, CANVAS.width, CANVAS.height, "transparent");
  await stage.addLayer(document, "Original", grainy());
  const shape = { rect: VASE, channels: 4, samples: new Uint16Array(4 * VASE.width * VASE.height).fill(WHITE) };
  const vase = await stage.addLayer(document, "Vase", shape);
  const regions: Region[] = [];
  for (const [mask, words] of [[maskOf(LEFT), "0.9"], [maskOf(RIGHT), "half"]] as const) {
    await stage.select(document, mask);
    regions.push({ ...(await desk.server.region(document, 0)), words });
  }
  regions.push({ ...(await desk.server.region(document, vase)), words: "0.1" });
  await stage.select(document, maskOf({ x: 180, y: 5, width: 10, height: 10 }));
  return { document, vase, regions };
}

function marks(regions: readonly Region[]): Wish {
  const fields = [field("inputs.marks", FieldKind.LAYER, { required: true, isAside: true, lack: LACK }), field("inputs.region", FieldKind.REGIONS)];
  const asked = wish({ verb: "marks", count: 1, more: { "inputs.marks": 0, "inputs.region": regions, "options.then": "paint" } });
  return { ...asked, form: form("marks", { needs: Needs.NOTHING, fields }) };
}

const hashOf = ({ samples }: Pick<Mask, "samples">): string => createHash("sha256").update(bytesOf(samples)).digest("hex");

function isIn({ x, y, width, height }: Rect, at: number): boolean {
  const [column, row] = [at % CANVAS.width, Math.floor(at / CANVAS.width)];
  return column >= x && column < x + width && row >= y && row < y + height;
}

/** Where the edge, which is made to match its surroundings, is done. */
function isWellInside({ x, y, width, height }: Rect, at: number): boolean {
  return isIn({ x: x + EDGE, y: y + EDGE, width: width - 2 * EDGE, height: height - 2 * EDGE }, at);
}

test("each region is painted with its own words and sees those before it, and pixels outside of all of them stay as they are", async () => {
  const { document, vase, regions } = await opened();
  assert.deepEqual(regions.map(({ name, layer }) => [name, layer > 0]), [["50 × 40 px", false], ["60 × 30 px", false], ["Vase", true]]);
  const { stage, fake } = desk;
  const [states, tree] = [stage.states(document), stage.tree(document)];
  const edit = await placed(desk.server.begin(document, marks(regions)));

  const { jobs } = await desk.server.calls.call("listJobs", { limit: 50 });
  const recipe = jobs.find(({ jobId }) => jobId === edit.jobId)?.recipe ?? assert.fail("no job");
  assert.deepEqual(recipe.inputs.map(({ role, name }) => [role, name]), [["region", "0.9"], ["region", "half"], ["region", "0.1"]]);
  assert.deepEqual(recipe.inputs.slice(0, 2).map(({ raster }) => raster?.blob), [maskOf(LEFT), maskOf(RIGHT)].map(hashOf), "sample for sample");
  const around = recipe.where?.region;
  assert.deepEqual([around?.x, around?.y, around?.width, around?.height], [20, 30, 140, 86], "what holds all of them");
  assert.equal(stage.states(document), states + 1, "one undo step");
  const [group] = stage.tree(document);
  assert.deepEqual(group?.layers.map(({ name }) => name), ["0.1", "half", "0.9"]);

  const clean = grainy().samples;
  const after = (await desk.host.readComposite(document, CANVAS, [vase])).samples;
  const zones = new Map<string, number[]>();
  for (let at = 0; at < CANVAS.width * CANVAS.height; at += 1) {
    const inside = [LEFT, RIGHT, VASE].map((rect) => (isWellInside(rect, at) ? "in" : isIn(rect, at) ? "edge" : "out")).join(" ");
    if (inside === "out out out") assert.deepEqual(after.subarray(4 * at, 4 * at + 4), clean.subarray(4 * at, 4 * at + 4), `${at} changed`);
    if (!zones.has(inside)) zones.set(inside, []);
    zones.get(inside)?.push((after[4 * at] ?? NaN) / WHITE);
  }
  const near = (zone: string, wanted: number, why: string): void => {
    const levels = zones.get(zone) ?? [];
    const mean = levels.reduce((one, other) => one + other, 0) / levels.length;
    assert.ok(Math.abs(mean - wanted) < 0.02, `${why}: ${mean}, not ${wanted}`);
  };
  const before = 0.33; // The picture's red, on average.
  near("in out out", 0.9, "its own words");
  near("in in out", 0.45, "half of what the first one became");
  near("out in out", before / 2, "half of the picture");
  near("out out in", 0.1, "its own words");
  await stage.undo(document);
  assert.deepEqual(stage.tree(document), tree);
  assert.deepEqual(fake.violations, []);
  assert.equal(fake.images, 0);
});

test("regions stand for a drawing, and are planned and refused as what holds all of them", async () => {
  const { document, regions } = await opened();
  assert.equal(lackOf(marks([])), LACK);
  assert.equal(lackOf(marks(regions)), "");
  const questions: unknown[] = [];
  const { host, locale } = desk.server;
  const answered = new Promise<void>((resolve) => {
    const asked = { host, locale, view: desk.server.view, plan: (question: { readonly region?: unknown }) => (questions.push(question.region), resolve(), desk.server.plan(question as never)) };
    new Planning(asked, () => undefined).look(host.glance(), marks(regions));
  });
  await answered;
  assert.deepEqual(questions, [{ x: 20, y: 30, width: 140, height: 86 }]);
  const [lost, ...others] = regions;
  assert.ok(lost);
  const beyond = { ...lost, place: { ...lost.place, x: 180 } };
  const edit = await turned(desk.server.begin(document, marks([...others, beyond])));
  assert.match(edit.message, /A region is no longer there/);
});

test("without a selection marks are planned in the box of what is drawn", async () => {
  const { stage, host, server: line } = desk;
  const document = await stage.create(KIND, CANVAS.width, CANVAS.height, "transparent");
  await stage.addLayer(document, "Original", grainy());
  const stroke = { rect: VASE, channels: 4, samples: new Uint16Array(4 * VASE.width * VASE.height).fill(WHITE) };
  const drawn = await stage.addLayer(document, "Inlay marks", stroke);
  await stage.select(document, null);
  const asked = marks([]);
  const wanted = { ...asked, values: { ...asked.values, "inputs.marks": drawn } };
  const region = await new Promise((resolve) => {
    const asking = { host, locale: "", view: line.view, plan: (question: { readonly region?: unknown }) => (resolve(question.region), line.plan(question as never)) };
    new Planning(asking, () => undefined).look(host.glance(), wanted);
  });
  assert.deepEqual(region, VASE);
  const planning = new Planning({ host, locale: "", view: line.view, plan: () => Promise.reject(new Error("not asked")) }, () => undefined);
  const told = new Promise<void>((resolve) => void Object.assign(planning, { changed: resolve }));
  planning.look(host.glance(), { ...wanted, values: { ...wanted.values, "inputs.marks": drawn + 1000 } });
  await told;
  assert.equal(planning.plan, LACK, "a layer that is not there says what to do");
});
