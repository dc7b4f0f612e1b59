/** One result, many deliverables, on the real server: its edit in other documents, and rows that differ in one thing. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { smaller } from "../../src/carry";
import { unpacked } from "../../src/client/messages";
import { COLOR } from "../../src/like";
import { type Cell, Many } from "../../src/many";
import type { DocumentHandle, Mask, Pixels, Rect, Result } from "../../src/host/host";
import type { Kind } from "../../self_test/stage";
import { Inlay } from "../client/inlay";
import { PLUGIN } from "../ui/room";
import { type Desk, deskAt, open, placed } from "./desk";
import { compositeOf, differences } from "./pictures";
import { wish } from "../forms";

const PYTHON = process.env["INLAY_PYTHON"] ?? join(PLUGIN, "..", ".venv/bin/python");
const RGB8: Kind = { mode: "RGB", depth: 8, profile: "sRGB IEC61966-2.1" };
/** Of the badge on the astronaut's suit. */
const BADGE: Rect = { x: 343, y: 129, width: 81, height: 81 };
/** What the sibling shows of the master. */
const CROP: Rect = { x: 50, y: 20, width: 440, height: 400 };

let server: Inlay;
let desk: Desk;
const desks: Desk[] = [];

before(async () => {
  server = await Inlay.start();
  desk = await deskAt(server.url);
  desks.push(desk);
});
after(async () => {
  for (const one of desks) one.server.stop();
  await server.end();
});

/** A photograph of scikit-image, opaque. */
function photo(name: string): Pixels {
  const code = `import sys, numpy, skimage.data as d; p = d.${name}(); sys.stdout.buffer.write(numpy.dstack([p, numpy.full(p.shape[:2], 255, p.dtype)]).tobytes())`;
  const samples = Uint8Array.from(execFileSync(PYTHON, ["-c", code], { maxBuffer: 2 ** 24 }));
  const width = name === "coffee" ? 600 : 512;
  return { rect: { x: 0, y: 0, width, height: samples.length / 4 / width }, channels: 4, samples };
}

function cropped({ rect: { width }, samples }: Pixels, { x, y, width: wide, height }: Rect): Pixels {
  const made = new Uint8Array(wide * height * 4);
  for (let row = 0; row < height; row += 1) made.set(samples.subarray(((y + row) * width + x) * 4, ((y + row) * width + x + wide) * 4), row * wide * 4);
  return { rect: { x: 0, y: 0, width: wide, height }, channels: 4, samples: made };
}

function disc({ x, y, width, height }: Rect): Mask {
  const samples = new Uint8Array(width * height).map((_, at) => Math.max(0, Math.min(255, 40 * (width / 2 - Math.hypot((at % width) - width / 2 + 0.5, Math.floor(at / width) - height / 2 + 0.5)))));
  return { region: { x, y, width, height }, samples };
}

async function resultIn(document: DocumentHandle): Promise<Result> {
  const [result] = await desk.host.results(document);
  assert.ok(result);
  return result;
}

function many(document: DocumentHandle): Many {
  return new Many(desk.host, desk.server, () => resultIn(document), () => undefined, () => undefined);
}

test("an edit is done where the same thing lies in another document, and where it does not nothing is painted", async () => {
  const [master, other] = [photo("astronaut"), photo("coffee")];
  const document = await open(desk, RGB8, master, disc(BADGE));
  const sibling = await open(desk, RGB8, cropped(master, CROP), disc({ x: 0, y: 0, width: 9, height: 9 }));
  const stranger = await open(desk, RGB8, other, disc({ x: 0, y: 0, width: 9, height: 9 }));
  await desk.stage.bringToFront(document);
  await placed(desk.server.begin(document, wish({ count: 1, seed: 11 })));
  const seen = { sibling: await compositeOf(desk.host, sibling), stranger: await compositeOf(desk.host, stranger) };
  const states = desk.stage.states(sibling);

  const work = many(document);
  await work.apply([sibling, stranger]);

  assert.deepEqual(work.view.cells.map(({ state }) => state), ["done", "flagged"]);
  assert.match(work.view.cells[1]?.said ?? "", /run the edit yourself/);
  assert.deepEqual(await desk.host.results(stranger), []);
  assert.deepEqual((await compositeOf(desk.host, stranger)).samples, seen.stranger.samples);
  assert.equal(desk.stage.states(sibling), states + 1);

  const result = await resultIn(sibling);
  const mask = await desk.host.readMask(sibling, result.group);
  assert.ok(mask);
  const truth = disc({ ...BADGE, x: BADGE.x - CROP.x, y: BADGE.y - CROP.y });
  assert.ok(overlap(mask, truth) > 0.95, String(overlap(mask, truth)));
  const { outside, inside } = differences(seen.sibling, await compositeOf(desk.host, sibling), mask);
  assert.equal(outside, 0);
  assert.ok(inside > 0.2, "the badge is gone");
  const [theirs, ours] = [result, await resultIn(document)].map(({ variations }) => unpacked(variations[0]?.memory ?? "")?.recipe);
  assert.deepEqual([theirs?.verb, theirs?.sampling.seed, theirs?.words.prompt], [ours?.verb, ours?.sampling.seed, ours?.words.prompt]);
  for (const handle of [document, sibling, stranger]) await desk.stage.close(handle);
});

test("a bad line costs an edit in other documents nothing but the time, and each row says so meanwhile", async () => {
  const lost = new Map([["HasBlobs", 1], ["PutBlob", 6], ["CarryMask", 2], ["FrameFormats", 1]]);
  let isBad = false;
  const bad = await deskAt(server.url, {}, (method, send) => {
    const left = isBad ? (lost.get(method) ?? 0) : 0;
    if (left > 0) lost.set(method, left - 1);
    return left > 0 ? Promise.reject(new TypeError("lost")) : send();
  });
  desks.push(bad);
  const master = photo("astronaut");
  master.samples[(200 * 512 + 200) * 4] = 7; // The server has not seen it.
  const document = await open(bad, RGB8, master, disc(BADGE));
  const sibling = await open(bad, RGB8, cropped(master, CROP), disc({ x: 0, y: 0, width: 9, height: 9 }));
  await bad.stage.bringToFront(document);
  await placed(bad.server.begin(document, wish({ count: 1, seed: 11 })));
  isBad = true;
  const told: Cell[] = [];
  const inHand = async (): Promise<Result> => (await bad.host.results(document))[0] ?? assert.fail();
  const work: Many = new Many(bad.host, bad.server, inHand, () => undefined, () => told.push(...work.view.cells));

  await work.apply([sibling]);

  assert.deepEqual(work.view.cells.map(({ state, said }) => [state, said]), [["done", ""]]);
  const meanwhile = told.filter(({ said }) => /Trying again/.test(said)).map(({ state }) => state);
  assert.deepEqual(new Set(meanwhile), new Set(["waiting", "working"]));
  assert.equal((await work.formats()).length, 7);
  assert.deepEqual(Array.from(lost.values()), [0, 0, 0, 0]);

  lost.set("CarryMask", Infinity);
  const stopped = new Many(bad.host, bad.server, inHand, () => undefined, () => {
    if (/Trying again/.test(stopped.view.cells[0]?.said ?? "")) stopped.stop();
  });
  await stopped.apply([sibling]);
  assert.deepEqual(stopped.view.cells.map(({ state, said }) => [state, said]), [["cancelled", ""]]);
});

/** Intersection over union of what is selected by half. */
function overlap(one: Mask, other: Mask): number {
  const at = ({ region, samples }: Mask, x: number, y: number): boolean =>
    x >= region.x && y >= region.y && x < region.x + region.width && y < region.y + region.height && (samples[(y - region.y) * region.width + x - region.x] ?? 0) > 127;
  let [both, either] = [0, 0];
  for (let y = 0; y < CROP.height; y += 1) {
    for (let x = 0; x < CROP.width; x += 1) {
      const [first, second] = [at(one, x, y), at(other, x, y)];
      both += first && second ? 1 : 0;
      either += first || second ? 1 : 0;
    }
  }
  return both / either;
}

test("rows become variations in the result's own group, named for what differs, with the seed and all else as it was", async () => {
  const document = await open(desk);
  await placed(desk.server.begin(document, wish({ verb: "recolor", count: 1, seed: 21, targetColor: "#808020" })));
  const states = desk.stage.states(document);
  const work = many(document);
  await work.vary(COLOR, ["#c02020", "not a colour", "#2020c0"]);
  assert.deepEqual(work.view.cells.map(({ name, state }) => [name, state]), [["#c02020", "done"], ["not a colour", "failed"], ["#2020c0", "done"]]);
  assert.equal(desk.stage.states(document), states + 2);
  const result = await resultIn(document);
  assert.deepEqual(result.variations.map(({ name }) => name), ["#2020c0", "#c02020", "Variation 1 (seed 21)"]);
  const recipes = result.variations.map(({ memory }) => unpacked(memory)?.recipe);
  assert.deepEqual(recipes.map((recipe) => [recipe?.words.targetColor, recipe?.sampling.seed, recipe?.sampling.resolved?.model]), [
    ["#2020c0", 21, "classic"],
    ["#c02020", 21, "classic"],
    ["#808020", 21, "classic"],
  ]);
  await desk.stage.close(document);
});

test("what is stopped is taken back, and what comes after it is not begun", async () => {
  const document = await open(desk);
  await placed(desk.server.begin(document, wish({ verb: "recolor", count: 1, targetColor: "#808020" })));
  const work: Many = new Many(desk.host, desk.server, () => resultIn(document), () => work.stop(), () => undefined);
  await work.vary(COLOR, ["#c02020", "#2020c0"]);
  assert.deepEqual(work.view.cells.map(({ state }) => state), ["cancelled", "cancelled"]);
  assert.equal((await resultIn(document)).variations.length, 1);
  await desk.stage.close(document);
});

test("what another server made is not done again by one that does not offer it, and that is said", async () => {
  const document = await open(desk);
  await placed(desk.server.begin(document, wish({ verb: "recolor", count: 1, targetColor: "#808020" })));
  const { view } = desk.server;
  const verbs = view.description?.verbs.filter(({ id }) => id !== "recolor") ?? [];
  const poorer = Object.create(desk.server, { view: { value: { ...view, description: { ...view.description, verbs } } } }) as typeof desk.server;
  const work = new Many(desk.host, poorer, () => resultIn(document), () => assert.fail("nothing is begun"), () => undefined);
  await assert.rejects(work.paths(), /does not offer what made/);
  const other = await open(desk);
  await work.apply([other]);
  assert.deepEqual(work.view.cells.map(({ state, said }) => [state, /does not offer what made/.test(said)]), [["failed", true]]);
  await desk.stage.close(document);
  await desk.stage.close(other);
});

test("a large picture is looked at small, each pixel the mean of those that it stands for", async () => {
  const width = 2050;
  const samples = new Uint8Array(width * 5 * 4).map((_, at) => (at % 4 === 3 ? 255 : (Math.floor(at / 4) * 7) % 256));
  const document = await open(desk, RGB8, { rect: { x: 0, y: 0, width, height: 5 }, channels: 4, samples });
  const small = await smaller(desk.host, document, []);
  assert.deepEqual(small.rect, { x: 0, y: 0, width: 684, height: 2 });
  const mean = (x: number, y: number): number => {
    const found: number[] = [];
    for (let row = 3 * y; row < Math.min(5, 3 * y + 3); row += 1) for (let column = 3 * x; column < Math.min(width, 3 * x + 3); column += 1) found.push(samples[(row * width + column) * 4] ?? 0);
    return Math.round(found.reduce((sum, value) => sum + value, 0) / found.length);
  };
  for (const [x, y] of [[0, 0], [1, 0], [683, 0], [400, 1], [683, 1]] as const) assert.equal(small.samples[(y * 684 + x) * 4], mean(x, y), `${x}, ${y}`);
  await desk.stage.close(document);
});
