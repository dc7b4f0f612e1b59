/** The colour probe on the strict Photoshop in memory and the real server. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { CANVAS, REGION } from "../../self_test/expect";
import type { DocumentHandle, Mask, Pixels, Rect, Samples } from "../../src/host/host";
import type { Kind } from "../../self_test/stage";
import type { ProbeRegionResponse } from "../../src/gen/inlay/v1/inlay_pb";
import { measure, type Reading, subjectOf } from "../../src/probe";
import { Calls } from "../../src/client/connect";
import { Inlay } from "../client/inlay";
import { type Desk, deskAt, open, RGB16 } from "./desk";

const SRGB16: Kind = { ...RGB16, profile: "sRGB IEC61966-2.1" };
const COLOR = [20000, 9000, 3000] as const;

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

async function newDesk(): Promise<Desk> {
  const desk = await deskAt(server.url);
  desks.push(desk);
  return desk;
}

/** One colour everywhere, opaque. */
function flat(samples: Samples, color: readonly number[], white: number, rect: Rect = CANVAS): Pixels {
  const channels = color.length + 1;
  samples.forEach((_, at) => {
    samples[at] = [...color, white][at % channels] ?? 0;
  });
  return { rect, channels, samples };
}

function flat16(color: readonly number[], rect: Rect = CANVAS): Pixels {
  return flat(new Uint16Array(rect.width * rect.height * (color.length + 1)), color, 32768, rect);
}

function whole(region: Rect = REGION): Mask {
  return { region, samples: new Uint16Array(region.width * region.height).fill(32768) };
}

/** A line to the server that keeps what it answered. */
class Heard extends Calls {
  answer: ProbeRegionResponse | null = null;
  constructor() {
    super(server.url, "", fetch);
  }
  override async call(...asked: Parameters<Calls["call"]>): Promise<never> {
    const answer = await super.call(...asked);
    if (asked[0] === "probeRegion") this.answer = answer as ProbeRegionResponse;
    return answer as never;
  }
}

/** What is told, and what the server measured in the document's own values. */
interface Read extends Reading {
  readonly mean: readonly number[];
  readonly spread: readonly number[];
  readonly lab: readonly number[];
  readonly pixels: number;
}

async function readUnder(desk: Desk, document: DocumentHandle, mask: Mask, target = "", mostPx?: number, host = desk.host): Promise<Read> {
  const line = new Heard();
  const reading = await measure(line, host, document, mask, target, mostPx);
  const { documentMean = [], documentSpread = [], labMean = [], pixels = 0n } = line.answer ?? {};
  const colors = desk.host.facts(document).mode === "Gray" ? 1 : 3;
  return { ...reading, mean: documentMean.slice(0, colors), spread: documentSpread.slice(0, colors), lab: labMean, pixels: Number(pixels) };
}

async function subjectIn(desk: Desk, document: DocumentHandle): Promise<Mask> {
  const glance = desk.host.glance();
  assert.ok(glance);
  const [result = null] = await desk.host.results(document);
  return subjectOf(desk.host, glance, result);
}

async function read(desk: Desk, document: DocumentHandle, target = ""): Promise<Read> {
  return readUnder(desk, document, await subjectIn(desk, document), target);
}

/** CIEDE2000 between colours that differ in lightness alone. */
function deltaOfLightness(one: number, other: number): number {
  const square = ((one + other) / 2 - 50) ** 2;
  return Math.abs(one - other) / (1 + (0.015 * square) / Math.sqrt(20 + square));
}

function close(got: readonly number[], wanted: readonly number[], tolerance: number): void {
  assert.equal(got.length, wanted.length);
  got.forEach((value, at) => {
    assert.ok(Math.abs(value - (wanted[at] ?? NaN)) <= tolerance, `${got.join()} instead of ${wanted.join()}`);
  });
}

test("a flat patch of 16 bit has its own values as mean, no spread, and its distance to a target", async () => {
  const desk = await newDesk();
  const document = await open(desk, SRGB16, flat16(COLOR), whole());
  const states = desk.stage.states(document);
  const reading = await read(desk, document);
  close(reading.mean, COLOR, 0.01);
  close(reading.spread, [0, 0, 0], 0.01);
  assert.equal(reading.pixels, REGION.width * REGION.height);
  assert.equal(reading.hex, "#9C4617"); // 20000, 9000 and 3000 of 32768 are 155.6, 70.04 and 23.3 of 255.
  assert.equal(reading.deltaE, null);
  const [L = 0, a = 0, b = 0] = reading.lab;
  const target = `lab(${L + 2}, ${a}, ${b})`;
  const compared = await read(desk, document, target);
  close([compared.deltaE ?? NaN], [deltaOfLightness(L, L + 2)], 0.01);
  assert.equal(desk.stage.states(document), states, "measuring leaves no history");
  assert.deepEqual(desk.fake.violations, []);
  assert.equal(desk.fake.images, 0);
});

test("white is 100 in Lab, and as far from 90 as CIEDE2000 has it", async () => {
  const desk = await newDesk();
  const document = await open(desk, SRGB16, flat16([32768, 32768, 32768]), whole());
  const reading = await read(desk, document, "lab(90, 0, 0)");
  close(reading.lab, [100, 0, 0], 0.02);
  close([reading.deltaE ?? NaN], [deltaOfLightness(100, 90)], 0.02);
  assert.equal(reading.hex, "#FFFFFF");
});

for (const [kind, color] of [
  [{ mode: "RGB", depth: 8, profile: "sRGB IEC61966-2.1" }, [200, 90, 30]],
  [{ mode: "RGB", depth: 32, profile: "sRGB IEC61966-2.1" }, [0.5, 0.25, 0.125]],
  [{ mode: "Gray", depth: 16, profile: "Gray Gamma 2.2" }, [12345]],
  [{ mode: "Lab", depth: 16, profile: "" }, [16384, 20000, 12000]],
] as const) {
  test(`the values of ${kind.mode} with ${kind.depth} bit are the document's`, async () => {
    const desk = await newDesk();
    const length = CANVAS.width * CANVAS.height * (color.length + 1);
    const samples = kind.depth === 8 ? new Uint8Array(length) : kind.depth === 16 ? new Uint16Array(length) : new Float32Array(length);
    const pixels = flat(samples, color, { 8: 255, 16: 32768, 32: 1 }[kind.depth]);
    const document = await open(desk, kind, pixels);
    const reading = await read(desk, document);
    close(reading.mean, color, 0.01);
    close(reading.spread, color.map(() => 0), 0.01);
  });
}

test("mean and spread are those of what the selection opens", async () => {
  const desk = await newDesk();
  const pixels = flat16([10000, 0, 0]);
  pixels.samples.forEach((_, at) => {
    if (at % 4 === 0 && (at / 4) % 2 === 1) {
      pixels.samples[at] = 10600;
    }
  });
  const document = await open(desk, SRGB16, pixels, whole());
  const reading = await read(desk, document);
  close(reading.mean, [10300, 0, 0], 0.01);
  close(reading.spread, [300, 0, 0], 0.01);
});

/** The sample of 16 bit that has this L* in sRGB, by CIE 15 and IEC 61966-2-1. */
function greyOf(lightness: number): number {
  const linear = ((lightness + 16) / 116) ** 3;
  return Math.round(32768 * (1.055 * linear ** (1 / 2.4) - 0.055));
}

test("what is selected by half is held against the colours of a style: the share within dE 2 of one, and the nearest by name", async () => {
  const desk = await newDesk();
  const kit = `[styles.greys]\ncolors = [{ name = "House grey", color = "lab(60, 0, 0)" }, { name = "Ink", color = "lab(20, 0, 0)" }]\n[styles.words]\nprompt_after = "soft"\n`;
  writeFileSync(join(server.folder, "data/styles.toml"), kit);
  const pixels = flat16([greyOf(63), greyOf(63), greyOf(63)]);
  const inRow = (row: number, lightness: number): void => {
    for (let x = REGION.x; x < REGION.x + REGION.width; x += 1) pixels.samples.fill(greyOf(lightness), 4 * (row * CANVAS.width + x), 4 * (row * CANVAS.width + x) + 3);
  };
  assert.ok(deltaOfLightness(60, 62) < 2 && deltaOfLightness(60, 63) > 2, "CIEDE2000 itself says which count");
  inRow(REGION.y, 60);
  inRow(REGION.y + 1, 62);
  inRow(REGION.y + 2, 20);
  inRow(REGION.y + 3, 60);
  const half = whole();
  half.samples.fill(16000, 3 * REGION.width, 4 * REGION.width); // Not quite half.
  const document = await open(desk, SRGB16, pixels, half);
  const states = desk.stage.states(document);
  const share = (100 * 3) / (REGION.height - 1);
  const said = await desk.server.checkBrand(document, await subjectIn(desk, document), "greys");
  assert.match(said, new RegExp(`^${share.toFixed(1).replace(".", "\\.")} % of the pixels are within dE 2 of a colour of the brand; \\d+\\.\\d % #[0-9a-f]{6}: nearest is House grey, dE \\d\\.\\d$`));
  assert.equal(desk.stage.states(document), states, "it leaves no history");
  await assert.rejects(desk.server.checkBrand(document, await subjectIn(desk, document), "words"), /style is words; it names no colours/);
  assert.deepEqual(desk.fake.violations, []);
  assert.equal(desk.fake.images, 0);
});

test("measuring the same again sends no pixels", async () => {
  const desk = await newDesk();
  const document = await open(desk, SRGB16, flat16([1, 2, 3]), whole());
  await desk.server.measure(document, await subjectIn(desk, document), "");
  assert.ok(desk.asked.includes("PutBlob"));
  desk.asked.length = 0;
  await desk.server.measure(document, await subjectIn(desk, document), "#102030");
  assert.deepEqual(desk.asked.filter((method) => !["GetServerInfo", "ListModels", "DescribeVerbs"].includes(method)), ["HasBlobs", "ProbeRegion"]);
});

test("without a selection the result is measured: its visible variation through its mask", async () => {
  const desk = await newDesk();
  const { host, stage } = desk;
  const document = await open(desk, SRGB16, flat16(COLOR), whole());
  const variations = [[30000, 0, 0], [0, 25000, 0]];
  await host.place(document, {
    name: "Recolor",
    mask: whole(),
    layers: variations.map((color, at) => ({ name: `Variation ${at + 1}`, load: () => Promise.resolve(flat16(color, REGION)), memory: "{}", blend: "", visible: at === 0 })),
    origin: { jobId: "job", documentId: await host.identify(document), region: REGION, reads: "picture" },
    replaces: [],
    lands: "top",
  });
  await stage.select(document, null);
  close((await read(desk, document)).mean, [30000, 0, 0], 0.01);
  const [result] = await host.results(document);
  assert.ok(result);
  await host.show(result, 1);
  close((await read(desk, document)).mean, [0, 25000, 0], 0.01);
  await stage.select(document, { region: { x: 0, y: 0, width: 5, height: 5 }, samples: new Uint16Array(25).fill(32768) });
  close((await read(desk, document)).mean, COLOR, 0.01);
});

test("of a large region every n-th row is measured, and what is transparent has no colour and is not counted", async () => {
  const desk = await newDesk();
  const pixels = flat16([0, 0, 0]);
  pixels.samples.forEach((_, at) => {
    if (at % 4 === 0) pixels.samples[at] = 100 * Math.floor(at / 4 / CANVAS.width);
  });
  const document = await open(desk, SRGB16, pixels, whole(CANVAS)); // 40 x 32
  const reading = await readUnder(desk, document, whole(CANVAS), "", 430); // Every third row: 0, 3, .. 30.
  close(reading.mean.slice(0, 1), [1500], 0.01);
  assert.equal(reading.pixels, 11 * CANVAS.width);

  const half = { ...CANVAS, height: CANVAS.height / 2 };
  const trimmed = await desk.stage.create(SRGB16, CANVAS.width, CANVAS.height, "transparent");
  await desk.stage.addLayer(trimmed, "Upper half", flat16(COLOR, half));
  for (const [mostPx, step] of [[400, 4], [undefined, 1]] as const) {
    const { mean, spread, pixels: count } = await readUnder(desk, trimmed, whole(CANVAS), "", mostPx);
    close(mean, COLOR, 0.01);
    close(spread, [0, 0, 0], 0.01);
    assert.equal(step * count, half.width * half.height);
  }
  assert.deepEqual(desk.fake.violations, []);
});

test("what was measured is a target that stands for it, where sRGB does not have the colour too", async () => {
  const desk = await newDesk();
  const outside = await open(desk, RGB16, flat16([8000, 32768, 8000]), whole());
  const { color } = await read(desk, outside);
  assert.match(color, /^lab\(\d+\.\d\d, -\d+\.\d\d, \d+\.\d\d\)$/);
  assert.ok(((await read(desk, outside, color)).deltaE ?? 9) < 0.1);
});

test("the foreground colour that is taken is the one that Photoshop paints with, in a working space that is not sRGB too", async () => {
  const desk = await newDesk();
  const painted = await open(desk, RGB16, flat16([8192, 24576, 8192]), whole());
  const target = desk.host.foregroundColor();
  const { deltaE } = await read(desk, painted, target);
  assert.match(target, /^lab\(\d+\.\d\d, -\d+\.\d\d, \d+\.\d\d\)$/);
  assert.ok((deltaE ?? 9) < 0.1, `${target} is ${deltaE} away`);
});

test("what cannot be measured says why", async () => {
  const desk = await newDesk();
  const document = await open(desk, SRGB16, flat16(COLOR), whole());
  await assert.rejects(read(desk, document, "#12"), /target_color/);
  await desk.stage.select(document, null);
  await assert.rejects(read(desk, document), { message: "Select what to measure." });
  const strange = await open(desk, { ...RGB16, profile: "Scanner 7" }, flat16(COLOR), whole());
  await assert.rejects(desk.server.measure(strange, whole(), ""), /does not know the profile “Scanner 7”.* Convert to Profile, and try again\.$/);
});
