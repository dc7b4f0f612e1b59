/** Results that are no patch: layers, a selection and a picture come into the document by what they are, each as one step. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CANVAS, expectSame, REGION, RGB16 } from "../../self_test/expect";
import type { Kind } from "../../self_test/stage";
import { cropMask } from "../../src/host/capture";
import type { DocumentHandle } from "../../src/host/host";
import { Inlay } from "../client/inlay";
import { othersOf } from "../../src/others";
import { wish } from "../forms";
import { type Desk, deskAt, open, placed } from "./desk";
import { original } from "./pictures";

const RGB8: Kind = { mode: "RGB", depth: 8, profile: "sRGB IEC61966-2.1" };
const SRGB16: Kind = { ...RGB16, profile: RGB8.profile };

let server: Inlay;
let desk: Desk;

before(async () => {
  server = await Inlay.start({ engines: "support.answers:registry_of" });
  desk = await deskAt(server.url);
});
after(async () => {
  desk.server.stop();
  await server.end();
});

/** Has an invented verb done in a new picture whose whole canvas is the window: it is small. */
async function done(verb: string, kind: Kind, count = 1): Promise<{ document: DocumentHandle; states: number }> {
  const document = await open(desk, kind, original(kind));
  const states = desk.stage.states(document);
  const edit = await placed(desk.server.begin(document, wish({ verb, count })));
  assert.equal(edit.group, null);
  return { document, states };
}

test("layers become layers in a group, in their order, with their blend modes and pixels, and one undo takes them away", async () => {
  const { document, states } = await done("take_apart", RGB16);
  const { stage, fake, host } = desk;

  assert.equal(stage.states(document), states + 1);
  const [group, below] = stage.tree(document);
  assert.deepEqual([group?.name, group?.layers.map(({ name, visible }) => [name, visible]), below?.name], ["take apart", [["veil", true], ["left", true]], "Original"]);
  const [veil, left] = group?.layers ?? [];
  assert.deepEqual([veil, left].map((layer) => fake.layer(fake.open(document), layer?.id ?? 0).blend), ["multiply", "normal"]);
  assert.equal(fake.layer(fake.open(document), group?.id ?? 0).mask, null);
  const source = original(RGB16).samples;
  const half = { ...CANVAS, width: CANVAS.width / 2 };
  const lifted = await stage.read(document, half, left?.id);
  lifted.samples.forEach((value, at) => {
    const [x, y, channel] = [Math.floor(at / 4) % half.width, Math.floor(at / 4 / half.width), at % 4];
    const wanted = source[4 * (y * CANVAS.width + x) + channel] ?? 0;
    assert.ok(Math.abs(value - wanted) <= 1, `${x}, ${y}: ${value} instead of ${wanted}`);
  });
  const shown = await stage.read(document, { ...CANVAS, y: 20, height: 1 });
  shown.samples.forEach((value, at) => assert.ok(Math.abs(value - (source[4 * 20 * CANVAS.width + at] ?? 0)) <= 1, "below the veil it looks as before"));
  const veiled = await stage.read(document, { x: 3, y: 2, width: 1, height: 1 });
  [0, 1, 2].forEach((channel) => {
    const value = (source[4 * (2 * CANVAS.width + 3) + channel] ?? 0) / 32768;
    assert.ok(Math.abs((veiled.samples[channel] ?? 0) / 32768 - (value + value * value) / 2) < 0.001, "half of it is multiplied with itself");
  });
  assert.deepEqual(await host.results(document), [], "nothing that could be flipped, kept or finished");
  await stage.undo(document);
  assert.deepEqual(stage.tree(document).map(({ name }) => name), ["Original", "Hintergrund"]);
});

for (const kind of [RGB8, SRGB16]) {
  test(`a selection becomes the document's, value for value, at ${kind.depth} bit, and one undo brings the old one back`, async () => {
    const { document, states } = await done("find_red", kind);
    const { stage, host, fake } = desk;

    assert.equal(stage.states(document), states + 1);
    const { region, samples } = cropMask(await host.readSelection(document), CANVAS);
    const source = original(kind).samples;
    const white = kind.depth === 8 ? 255 : 32768;
    samples.forEach((value, at) => {
      const y = Math.floor(at / region.width);
      const wanted = y < CANVAS.height / 2 ? 0 : Math.round(((source[4 * at] ?? 0) / white) * 255);
      const got = samples instanceof Uint8Array ? value : Math.round((value / 32768) * 255);
      assert.ok(Math.abs(got - wanted) <= (kind.depth === 8 ? 0 : 1), `${at % region.width}, ${y}: ${got} instead of ${wanted}`);
    });
    assert.deepEqual(stage.tree(document).map(({ name }) => name), ["Original", "Hintergrund"], "no layer is made of it");
    await stage.undo(document);
    assert.deepEqual(host.glance()?.region, REGION);
    assert.deepEqual(fake.violations, []);
  });
}

test("a line of type becomes a text layer with its words, size, colour and angle, whose baseline begins where it should, and one undo takes it away", async () => {
  const { document, states } = await done("set_type", RGB16);
  const { stage, fake } = desk;
  assert.equal(stage.states(document), states + 1);
  const [group] = stage.tree(document);
  assert.deepEqual(group?.layers.map(({ name }) => name), ["Hello & hi", "paper"]);
  const { kind, type } = fake.layer(fake.open(document), group?.layers[0]?.id ?? 0);
  assert.deepEqual([kind, type?.contents, type?.fontSize, type?.angle], ["text", "Hello & hi", 40, -10]);
  assert.deepEqual(type?.style, { font: "TimesNewRomanPSMT", fauxBold: true, fauxItalic: true, horizontalScale: 90 }, "a narrow, bold, leaning one with serifs");
  // The middle of the pixel (20, 120); #991A1A as LittleCMS converts it to Lab.
  [[type?.at.x, 20.5, 1e-6], [type?.at.y, 120.5, 1e-6], [type?.lab.l, 33.7, 1], [type?.lab.a, 51, 1], [type?.lab.b, 36, 1]].forEach(([value = NaN, wanted = 0, apart = 0]) =>
    assert.ok(Math.abs(value - wanted) < apart, `${value} instead of ${wanted}`),
  );
  assert.deepEqual(fake.violations, []);
  await stage.undo(document);
  assert.deepEqual(stage.tree(document).map(({ name }) => name), ["Original", "Hintergrund"]);
});

test("a Photoshop that makes no text layers from scripts gets a line of type as pixels", async () => {
  const old = await deskAt(server.url);
  old.fake.faults.add("makes no text layers");
  const document = await open(old, RGB16, original(RGB16));
  await placed(old.server.begin(document, wish({ verb: "set_type" })));
  old.server.stop();
  const [group] = old.stage.tree(document);
  const top = old.fake.layer(old.fake.open(document), group?.layers[0]?.id ?? 0);
  assert.deepEqual([top.name, top.kind, top.pixels !== null], ["Hello & hi", "pixel", true]);
});

test("where nothing is found nothing is selected, and that is said", async () => {
  const document = await open(desk, RGB8, original(RGB8));
  const edit = await placed(desk.server.begin(document, wish({ verb: "find_nothing" })));
  assert.match(edit.message, /Nothing was found/);
  assert.equal(desk.host.glance()?.region, null);
});

for (const kind of [RGB8, SRGB16]) {
  test(`a picture becomes a document of its own in the picture's depth and profile: ${kind.depth} bit`, async () => {
    const { document, states } = await done("double", kind);
    const { stage, host, fake } = desk;

    assert.equal(stage.states(document), states, "the document that it came from is as it was");
    const made = stage.front() ?? 0;
    assert.notEqual(made, document);
    assert.deepEqual(host.facts(made), { ...host.facts(document), width: 2 * CANVAS.width, height: 2 * CANVAS.height });
    assert.deepEqual(stage.tree(made).map(({ name }) => name), ["double"]);
    const read = await stage.read(made, { x: 0, y: 0, width: 2 * CANVAS.width, height: 2 * CANVAS.height });
    const source = original(kind).samples;
    const wanted = read.samples.map((_, at) => source[4 * (Math.floor(at / 8 / CANVAS.width / 2) * CANVAS.width + (Math.floor(at / 8) % CANVAS.width)) + (at % 4)] ?? 0);
    if (kind.depth === 8) expectSame(read.samples, wanted, "the picture");
    read.samples.forEach((value, at) => assert.ok(Math.abs(value - (wanted[at] ?? 0)) <= 1, `sample ${at}: ${value} instead of ${wanted[at]}`));
    assert.deepEqual(fake.violations, []);
    assert.equal(fake.images, 0);
  });
}

test("a part that is enlarged lands at its place in the document that was enlarged before, as one step; where none is open it is a document of its own", async () => {
  const document = await open(desk, RGB8, original(RGB8));
  const { stage, host, fake } = desk;
  const whole = { x: 0, y: 0, width: CANVAS.width, height: CANVAS.height };
  await stage.select(document, { region: whole, samples: new Uint8Array(whole.width * whole.height).fill(255) });
  await placed(desk.server.begin(document, wish({ verb: "upscale", tier: "draft", count: 1 })));
  const larger = stage.front() ?? 0;
  assert.notEqual(larger, document);
  assert.equal(host.nameOf(larger), `${host.nameOf(document).replace(".psd", "")} Enlarge`, "it is told from others that were enlarged");
  assert.equal(stage.tree(larger)[0]?.name, "Enlarge");
  assert.deepEqual([host.facts(larger).width, host.facts(larger).height], [2 * CANVAS.width, 2 * CANVAS.height]);

  const region = { x: 16, y: 8, width: 24, height: 24 };
  await stage.select(document, { region, samples: new Uint8Array(region.width * region.height).fill(255) });
  const [count, states] = [host.handles().length, stage.states(larger)];
  const edit = await placed(desk.server.begin(document, wish({ verb: "upscale", tier: "draft", count: 1 })));
  assert.equal(host.handles().length, count, "no further document");
  assert.equal(stage.states(larger), states + 1);
  assert.match(edit.message, /lies as a layer in /);
  const [group] = stage.tree(larger);
  const [part] = group?.layers ?? [];
  const { rect } = fake.layer(fake.open(larger), part?.id ?? 0).pixels ?? {};
  assert.deepEqual(rect && [rect.x, rect.y, rect.width, rect.height], [32, 16, 48, 48]);
  assert.deepEqual((await othersOf(host, larger)).map(({ memory }) => memory.recipe?.verb), ["upscale", "upscale"]);
  assert.deepEqual(fake.violations, []);
});

test("a group of layers remembers the job, the recipe and the receipt that made them, as bytes inside the document", async () => {
  const { document } = await done("take_apart", RGB16);
  const [other, ...more] = await othersOf(desk.host, document);
  assert.deepEqual(more, []);
  assert.equal(other?.layer, desk.stage.tree(document)[0]?.id);
  assert.equal(other?.memory.recipe?.verb, "take_apart");
  assert.match(other?.memory.jobId ?? "", /^[0-9a-f-]{36}$/);
  assert.ok(Object.keys(JSON.parse(other?.memory.receiptJson ?? "{}") as object).length > 0);
});
