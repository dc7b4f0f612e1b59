/** A table of variations in formats, on the real server: each a document of its own, and the master stays as it is. */

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { alone, COLOR, PROMPT } from "../../src/like";
import type { Format } from "../../src/formats";
import { here } from "../../src/formats";
import { whiteOf } from "../../src/host/capture";
import { Many } from "../../src/many";
import type { DocumentHandle, Mask, Pixels, Rect, Result } from "../../src/host/host";
import { picture, sameMask } from "../../self_test/expect";
import { Inlay } from "../client/inlay";
import { wish } from "../forms";
import { type Desk, deskAt, memoryIn, open, placed, RGB16 } from "./desk";
import { compositeOf, differences } from "./pictures";

const CANVAS: Rect = { x: 0, y: 0, width: 120, height: 80 };
/** What is selected, softly at its edge. */
const REGION: Rect = { x: 16, y: 24, width: 72, height: 28 };
const ROWS = ["#c02020", "no colour", "#2020c0"];

let server: Inlay;
let desk: Desk;

before(async () => {
  server = await Inlay.start();
  desk = await deskAt(server.url);
});
afterEach(async () => {
  for (const handle of desk.host.handles()) await desk.stage.close(handle);
});
after(async () => {
  desk.server.stop();
  await server.end();
});

const SOFT: Mask = {
  region: REGION,
  samples: new Uint16Array(REGION.width * REGION.height).map((_, at) => {
    const [x, y] = [at % REGION.width, Math.floor(at / REGION.width)];
    return Math.min(32768, 4096 * (1 + Math.min(x, y, REGION.width - 1 - x, REGION.height - 1 - y)));
  }),
};

/** A recolored picture, what it was before, and its result. */
async function recolored(): Promise<{ document: DocumentHandle; original: Pixels; result: Result }> {
  const original = picture(RGB16, CANVAS, 3);
  const document = await open(desk, RGB16, original, SOFT);
  await placed(desk.server.begin(document, wish({ verb: "recolor", count: 1, seed: 21, targetColor: "#808020" })));
  return { document, original, result: await newest(document) };
}

async function newest(document: DocumentHandle): Promise<Result> {
  const [result] = await desk.host.results(document);
  assert.ok(result);
  return result;
}

function many(document: DocumentHandle, changed: () => void = () => undefined): Many {
  return new Many(desk.host, desk.server, () => newest(document), () => undefined, changed);
}

/** The formats of these titles that the server knows. */
async function columns(work: Many, ...titles: readonly string[]): Promise<Format[]> {
  const known = await work.formats();
  return titles.map((title) => known.find((format) => format.title === title) ?? assert.fail(title));
}

/** What is open beside a document, by its name. */
function others(document: DocumentHandle): Map<string, DocumentHandle> {
  return new Map(desk.host.handles().filter((handle) => handle !== document).map((handle) => [desk.host.nameOf(handle), handle]));
}

function moved({ region, samples }: Mask, { x, y }: Rect): Mask {
  return { region: { ...region, x: region.x - x, y: region.y - y }, samples };
}

/** How many samples of the original are others in a copy that shows `crop` of it, outside a mask of that copy. */
function changedIn(copy: Pixels, original: Pixels, crop: Rect, { region, samples }: Mask): number {
  let changed = 0;
  for (let y = Math.max(0, crop.y); y < Math.min(CANVAS.height, crop.y + crop.height); y += 1) {
    for (let x = Math.max(0, crop.x); x < Math.min(CANVAS.width, crop.x + crop.width); x += 1) {
      const [left, top] = [x - crop.x - region.x, y - crop.y - region.y];
      if (left >= 0 && top >= 0 && left < region.width && top < region.height && (samples[top * region.width + left] ?? 0) > 0) continue;
      for (let channel = 0; channel < 4; channel += 1) {
        const [mine, theirs] = [copy.samples[((y - crop.y) * crop.width + x - crop.x) * 4 + channel], original.samples[(y * CANVAS.width + x) * 4 + channel]];
        changed += mine === theirs ? 0 : 1;
      }
    }
  }
  return changed;
}

test("a row is painted in this picture and in formats that are documents of their own, where it differs in the row alone and nothing is stretched", async () => {
  const { document, original } = await recolored();
  const work = many(document);
  const formats = await columns(work, "Square 1:1", "Story 9:16");
  const [square, story] = formats.map(({ crop }) => crop);
  assert.ok(square && story);
  assert.deepEqual([square.width, square.height], [80, 80]);
  assert.ok(story.y < 0 || story.height > CANVAS.height, "a story shows more than there is");
  const states = desk.stage.states(document);

  await work.vary(COLOR, ROWS, [here(), ...formats]);

  const outcomes = ["done", "failed", "done"];
  assert.deepEqual(work.view.cells.map(({ state }) => state), [...outcomes, ...outcomes, ...outcomes], JSON.stringify(work.view.cells));
  assert.deepEqual(work.view.cells.slice(2, 4).map(({ name }) => name), ["#2020c0", "#c02020, Square 1:1"]);
  assert.equal(desk.stage.states(document), states + 2, "formats are no steps of the master");
  assert.equal(desk.stage.front(), document);
  const made = others(document);
  assert.deepEqual([...made.keys()].sort(), ["Inlay self-test Square 1:1", "Inlay self-test Story 9:16"]);

  for (const [title, crop] of [["Square 1:1", square], ["Story 9:16", story]] as const) {
    const handle = made.get(`Inlay self-test ${title}`) ?? assert.fail(title);
    const { width, height, depth, profile } = desk.host.facts(handle);
    assert.deepEqual([width, height, depth, profile], [crop.width, crop.height, 16, RGB16.profile]);
    const [result, ...beside] = await desk.host.results(handle);
    assert.ok(result);
    assert.deepEqual(beside.map(({ variations }) => variations.length), title === "Story 9:16" ? [1] : [], "the master's own result is not in it");
    assert.deepEqual(result.variations.map(({ name }) => name), ["#2020c0", "#c02020"]);
    const [blue, red] = [memoryIn(result, 0), memoryIn(result, 1)].map(({ recipe }) => recipe);
    assert.ok(blue && red);
    assert.deepEqual([blue.words.targetColor, red.words.targetColor, blue.sampling.seed, red.sampling.seed], ["#2020c0", "#c02020", 21, 21]);
    assert.deepEqual(blue.canvas.source.blob, red.canvas.source.blob, "both rows were painted from the same pixels");
    const mask = moved(SOFT, crop);
    const there = await desk.host.readMask(handle, result.group);
    assert.ok(there && sameMask(there, mask), title);

    const shown: Pixels[] = [];
    for (const index of [0, 1]) {
      const known = (await desk.host.results(handle)).find(({ group }) => group === result.group);
      assert.ok(known);
      await desk.host.show(known, index);
      shown.push(await compositeOf(desk.host, handle));
    }
    for (const one of shown) assert.equal(changedIn(one, original, crop, mask), 0, title);
    const [first, second] = shown;
    assert.ok(first && second);
    const { outside, inside } = differences(first, second, mask);
    assert.equal(outside, 0);
    assert.ok(inside > 0.2, "the rows look alike");
    assert.ok(first.samples.every((sample, at) => at % 4 !== 3 || sample === whiteOf(first.samples)), "something is left open");
  }
});

test("a copy has what else the master has: what lay above the result lies above the row, nothing is taken for what it replaces, and the master keeps its own id", async () => {
  const original = picture(RGB16, CANVAS, 3);
  const made = await open(desk, RGB16, original, SOFT);
  const fill = (more: object) => wish({ verb: "fill", count: 1, ...more });
  await placed(desk.server.begin(made, fill({ prompt: "a box" })));
  const detail = { x: REGION.x + 2, y: REGION.y + 3, width: 50, height: 21 }; // By its numbers, what the row is about covers it in the copy, too.
  await desk.stage.select(made, { region: detail, samples: new Uint8Array(detail.width * detail.height).fill(255) });
  await placed(desk.server.begin(made, fill({ prompt: "a dot", landing: { buildsOn: true } })));
  const document = await desk.stage.saveAndReopen(made); // Whose id nobody has asked for.
  const results = await desk.host.results(document);
  const [dot, large] = results;
  assert.ok(dot && large);
  const work = new Many(desk.host, desk.server, () => Promise.resolve(large), () => undefined, () => undefined);
  const formats = await columns(work, "Square 1:1");
  await work.vary(PROMPT, ["a red box"], formats);
  assert.deepEqual(work.view.cells.map(({ state, said }) => [state, said]), [["done", ""]]);
  const [handle] = others(document).values();
  assert.ok(handle !== undefined);
  const inside = await desk.host.results(handle);
  assert.deepEqual(inside.map(({ visible, variations }) => [visible, alone(memoryIn({ variations } as Result)).words.prompt]), [[true, "a dot"], [true, "a red box"]]);
  const crop = formats[0]?.crop ?? assert.fail("no crop");
  const { left, top } = { left: detail.x - crop.x, top: detail.y - crop.y };
  const [whole, framed] = [await compositeOf(desk.host, document), await compositeOf(desk.host, handle)];
  for (let y = 0; y < detail.height; y += 1) {
    const row = (pixels: Pixels, width: number, x: number, from: number): readonly number[] => Array.from(pixels.samples.slice(((from + y) * width + x) * 4, ((from + y) * width + x + detail.width) * 4));
    assert.deepEqual(row(framed, crop.width, left, top), row(whole, CANVAS.width, detail.x, detail.y), "the later result shows as it does in the master");
  }
  const box = inside[1] ?? assert.fail("no row");
  assert.equal(box.origin.reads, "below", "a further roll of it reads no more");
  assert.equal(await desk.host.find(dot.origin.documentId), document);
  assert.notEqual(await desk.host.identify(handle), dot.origin.documentId);
  assert.deepEqual((await desk.host.results(document)).map(({ group }) => group), results.map(({ group }) => group));
  const bottom = desk.stage.tree(document).find(({ name }) => name === "Original");
  assert.deepEqual((await desk.stage.read(document, CANVAS, bottom?.id)).samples, original.samples);
});

test("a format that cannot be made fails for each of its rows with the reason, leaves no document behind, and the rest goes on", async () => {
  const { document, result } = await recolored();
  const work = many(document);
  const formats = await columns(work, "Square 1:1");
  const state = desk.fake.open(document);
  const group = state.picture.layers.find(({ id }) => id === result.group);
  assert.ok(group);
  group.locked = true;
  await work.vary(COLOR, ["#c02020", "#2020c0"], formats);
  group.locked = false;
  assert.deepEqual(work.view.cells.map(({ state: one, said }) => [one, said]), [["failed", "The layer is locked."], ["failed", "The layer is locked."]]);
  assert.deepEqual([...others(document)], []);
  assert.equal(desk.stage.front(), document);

  state.picture.active = [];
  desk.fake.addLayer(state, "artboard", "Left", { board: { x: 0, y: 0, width: 60, height: 80 } });
  await work.vary(COLOR, ["#c02020"], [...formats, here()]);
  assert.deepEqual(work.view.cells.map(({ state: one }) => one), ["failed", "done"]);
  assert.match(work.view.cells[0]?.said ?? "", /artboards/);
  assert.deepEqual([...others(document)], []);
});

test("what is stopped while a format is made ready paints nothing in it", async () => {
  const { document } = await recolored();
  const work: Many = many(document);
  const formats = await columns(work, "Story 9:16", "Square 1:1");
  const frame = desk.host.frame.bind(desk.host);
  Object.assign(desk.host, { frame: async (...asked: Parameters<typeof frame>) => { const made = await frame(...asked); work.stop(); return made; } });
  const submitted = desk.asked.filter((method) => method === "SubmitEdit").length;
  await work.vary(COLOR, ["#c02020"], formats);
  Object.assign(desk.host, { frame });
  assert.deepEqual(work.view.cells.map(({ state }) => state), ["cancelled", "cancelled"]);
  assert.equal(desk.asked.filter((method) => method === "SubmitEdit").length, submitted);
  assert.equal(others(document).size, 1, "the second was not begun");
});
