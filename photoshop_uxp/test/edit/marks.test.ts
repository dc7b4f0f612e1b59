/** Marks: what is drawn on a layer is painted, each colour on a layer with its mask; the drawing is in nothing that is read or made. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import type { Kind } from "../../self_test/stage";
import { cropMask } from "../../src/host/capture";
import type { DocumentHandle, Pixels } from "../../src/host/host";
import { FieldKind, Needs } from "../../src/gen/inlay/v1/verbs_pb";
import type { Wish } from "../../src/wish";
import { Inlay } from "../client/inlay";
import { field, form, wish } from "../forms";
import { type Desk, deskAt, placed } from "./desk";

const KIND: Kind = { mode: "RGB", depth: 8, profile: "sRGB IEC61966-2.1" };
const CANVAS = { x: 0, y: 0, width: 200, height: 150 };
const [RED, GREEN] = [[230, 20, 20] as const, [20, 200, 60] as const];

let server: Inlay;
let desk: Desk;

before(async () => {
  server = await Inlay.start();
  desk = await deskAt(server.url);
});
after(async () => {
  desk.server.stop();
  await server.end();
});

/** A grey picture: what has a colour was drawn. */
function grey(): Pixels {
  const samples = new Uint8Array(CANVAS.width * CANVAS.height * 4);
  for (let at = 0; at < samples.length; at += 4) {
    const [x, y] = [(at / 4) % CANVAS.width, Math.floor(at / 4 / CANVAS.width)];
    const value = 90 + ((x * 7 + y * 13 + ((x * y) % 11)) % 60);
    samples.set([value, value, value, 255], at);
  }
  return { rect: CANVAS, channels: 4, samples };
}

/** A red ring around (60, 60) and a green one around (150, 90), of radius 30. */
function drawing(): Pixels {
  const samples = new Uint8Array(CANVAS.width * CANVAS.height * 4);
  for (let at = 0; at < samples.length; at += 4) {
    const [x, y] = [(at / 4) % CANVAS.width, Math.floor(at / 4 / CANVAS.width)];
    if (Math.abs(Math.hypot(x - 60, y - 60) - 30) <= 2.5) samples.set([...RED, 255], at);
    if (Math.abs(Math.hypot(x - 150, y - 90) - 30) <= 2.5) samples.set([...GREEN, 255], at);
  }
  return { rect: CANVAS, channels: 4, samples };
}

function marks(layer: number, then = "paint"): Wish {
  const fields = [field("inputs.marks", FieldKind.LAYER, { required: true, isAside: true, lack: "Draw something." })];
  const asked = wish({ verb: "marks", count: 1, more: { "inputs.marks": layer, "options.then": then } });
  return { ...asked, form: form("marks", { needs: Needs.NOTHING, fields }) };
}

async function drawnOn(): Promise<{ document: DocumentHandle; layer: number }> {
  const document = await desk.stage.create(KIND, CANVAS.width, CANVAS.height, "transparent");
  await desk.stage.addLayer(document, "Original", grey());
  return { document, layer: await desk.stage.addLayer(document, "Inlay marks", drawing()) };
}

/** How many pixels have a colour. */
const colorful = ({ samples, channels }: Pixels): number =>
  Array.from({ length: samples.length / channels }, (_, at) => Array.from(samples.subarray(at * channels, at * channels + 3)))
    .filter((rgb) => Math.max(...rgb) - Math.min(...rgb) > 20).length;

test("each colour becomes a layer with its mask, nothing else of the picture changes, and one undo takes it all away", async () => {
  const { document, layer } = await drawnOn();
  const { stage, fake } = desk;
  const states = stage.states(document);
  await placed(desk.server.begin(document, marks(layer)));

  assert.equal(stage.states(document), states + 1);
  const [group, drawn] = stage.tree(document);
  assert.deepEqual(group?.layers.map(({ name }) => name), ["Mark 2", "Mark 1"]);
  assert.equal(drawn?.name, "Inlay marks");
  const masks = group?.layers.map(({ id }) => fake.layer(fake.open(document), id).mask) ?? [];
  assert.ok(masks.every((mask) => mask !== null), "a layer without a mask");
  const without = await desk.host.readComposite(document, CANVAS, [layer]);
  const before = grey();
  const isOpen = (at: number): boolean => {
    const [x, y] = [at % CANVAS.width, Math.floor(at / CANVAS.width)];
    return Math.hypot(x - 60, y - 60) < 40 || Math.hypot(x - 150, y - 90) < 40;
  };
  const changed = before.samples.filter((value, at) => value !== without.samples[at]).length;
  const beyond = before.samples.filter((value, at) => value !== without.samples[at] && !isOpen(Math.floor(at / 4))).length;
  assert.ok(changed > 3000, `${changed} samples changed`);
  assert.equal(beyond, 0);
  assert.equal(colorful(without), 0, "something of the drawing came back");
  await stage.undo(document);
  assert.deepEqual(stage.tree(document).map(({ name }) => name), ["Inlay marks", "Original", "Hintergrund"]);
  assert.deepEqual(fake.violations, []);
});

test("what is sent is the picture without the drawing, no larger than the drawing needs, and the drawing stays in sight", async () => {
  const { document, layer } = await drawnOn();
  const edit = await placed(desk.server.begin(document, marks(layer)));
  const { jobs } = await desk.server.calls.call("listJobs", { limit: 50 });
  const recipe = jobs.find(({ jobId }) => jobId === edit.jobId)?.recipe;
  const { x, y, width, height } = recipe?.canvas?.window ?? assert.fail("no window");
  const clean = grey().samples;
  const rows = Array.from({ length: height }, (_, row) => clean.subarray(4 * ((y + row) * CANVAS.width + x), 4 * ((y + row) * CANVAS.width + x + width)));
  assert.equal(recipe?.canvas?.source?.blob, createHash("sha256").update(Buffer.concat(rows as Uint8Array[])).digest("hex"));
  const { region } = recipe?.where ?? {};
  assert.deepEqual([region?.x, region?.y, region?.width, region?.height], [28, 28, 155, 95], "the drawing's own bounds");
  assert.equal(desk.stage.tree(document).find(({ name }) => name === "Inlay marks")?.visible, true);
});

test("the marks can be looked at as a selection first", async () => {
  const { document, layer } = await drawnOn();
  await placed(desk.server.begin(document, marks(layer, "select")));
  const { samples } = cropMask(await desk.host.readSelection(document), CANVAS);
  const at = (x: number, y: number): number => samples[y * CANVAS.width + x] ?? -1;
  assert.deepEqual([at(60, 60), at(150, 90), at(5, 5), at(105, 60)], [255, 255, 0, 0]);
});
