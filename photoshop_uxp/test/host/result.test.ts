/** What may be done to a result that was placed: compared with what is below it, discarded, looked at. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "../../src/host/host";
import type { Host } from "../../src/host/photoshop";
import { CANVAS, picture, placementFor, REGION, RGB16, softMask } from "../../self_test/expect";
import type { Kind } from "../../self_test/stage";
import { fakeHost } from "../fake/host";
import type { Switches } from "../fake/switches";

async function placed(kind: Kind = RGB16, switches: Partial<Switches> = {}) {
  const room = fakeHost(switches);
  const document = await room.stage.create(kind, CANVAS.width, CANVAS.height, "transparent");
  await room.stage.addLayer(document, "Original", picture(kind, CANVAS, 1));
  await room.stage.select(document, softMask(kind.depth));
  await room.host.place(document, await placementFor(room.host, document, kind, await room.host.readSelection(document), 2));
  const seen = (): ReturnType<typeof room.stage.read> => room.stage.read(document, CANVAS);
  return { ...room, document, seen, result: await only(room.host, document) };
}

async function only(host: Host, document: number): Promise<Result> {
  const [result] = await host.results(document);
  assert.ok(result);
  return result;
}

test("before and after: the picture without the result, and the same result again, with no step in the history", async () => {
  const { host, stage, document, result, seen } = await placed();
  const states = stage.states(document);
  const after = await seen();
  await host.reveal(result, false);
  assert.deepEqual((await seen()).samples, picture(RGB16, CANVAS, 1).samples);
  await host.reveal(await only(host, document), true);
  assert.deepEqual((await seen()).samples, after.samples);
  assert.equal(stage.states(document), states);
});

for (const selectionEdges of ["inside modal scopes", "outside modal scopes"] as const) {
  test(`the marching ants are hidden while the picture before shows, and come back with the result: ${selectionEdges}`, async () => {
    const { fake, host, stage, document, result } = await placed(RGB16, { selectionEdges });
    const [states, picture] = [stage.states(document), fake.open(document).picture];
    const selection = structuredClone(picture.selection);
    assert.equal(fake.showsEdges(fake.open(document)), true);
    await host.reveal(result, false);
    assert.equal(fake.showsEdges(fake.open(document)), false);
    await host.reveal(result, false); // By the command, while they are hidden already.
    await host.reveal(result, true);
    assert.equal(fake.showsEdges(fake.open(document)), true);
    assert.deepEqual(picture.selection, selection);
    assert.equal(stage.states(document), states);
  });

  test(`marching ants that the retoucher hid stay hidden, and those of a new selection show: ${selectionEdges}`, async () => {
    const { fake, host, stage, document, result } = await placed(RGB16, { selectionEdges });
    fake.open(document).edgeless = fake.open(document).picture.selection;
    await host.reveal(result, false);
    await host.reveal(result, true);
    assert.equal(fake.showsEdges(fake.open(document)), false);
    await stage.select(document, softMask(16));
    await host.reveal(result, false);
    await stage.select(document, softMask(16));
    await host.reveal(result, true);
    assert.equal(fake.showsEdges(fake.open(document)), true);
  });
}

test("a Photoshop that does not tell how its marching ants are keeps them, and the picture before shows", async () => {
  const { fake, host, document, result, seen } = await placed(RGB16, { selectionEdges: "untold" });
  await host.reveal(result, false);
  assert.equal(fake.showsEdges(fake.open(document)), true);
  assert.deepEqual((await seen()).samples, picture(RGB16, CANVAS, 1).samples);
});

test("the marching ants of another document are its own", async () => {
  const { fake, host, stage, result } = await placed();
  const other = await stage.create(RGB16, CANVAS.width, CANVAS.height, "white");
  await stage.select(other, softMask(16));
  await host.reveal(result, false);
  assert.equal(fake.showsEdges(fake.open(other)), true);
});

test("a discarded result is gone in one step, which can be undone", async () => {
  const { host, stage, document, result, seen } = await placed();
  const states = stage.states(document);
  assert.equal(await host.discard(result), "");
  assert.deepEqual(await host.results(document), []);
  assert.deepEqual((await seen()).samples, picture(RGB16, CANVAS, 1).samples);
  assert.equal(stage.states(document), states + 1);
  await stage.undo(document);
  assert.equal((await host.results(document)).length, 1);
});

test("a discarded result that the retoucher added to, or painted on, is hidden with all of it, and that is said", async () => {
  for (const added of ["a layer", "a stroke"]) {
    const { host, stage, document, result, seen } = await placed();
    if (added === "a layer") {
      await stage.activate(document, [result.variations[0]?.layer ?? 0]);
      await stage.addLayer(document, "Clean-up", picture(RGB16, REGION, 9));
    } else {
      await stage.paint(document, result.variations[0]?.layer ?? 0, picture(RGB16, REGION, 9));
    }
    assert.match(await host.discard(result), /yours/, added);
    assert.deepEqual((await seen()).samples, picture(RGB16, CANVAS, 1).samples);
    const kept = stage.tree(document).find(({ id }) => id === result.group);
    assert.equal(kept?.visible, false);
    assert.equal(kept.layers.length, added === "a layer" ? 3 : 2);
  }
});

for (const kind of [
  RGB16,
  { mode: "RGB", depth: 8, profile: "ProPhoto RGB" },
  { mode: "RGB", depth: 32, profile: "sRGB IEC61966-2.1" },
  { mode: "Gray", depth: 16, profile: "Gray Gamma 2.2" },
  { mode: "Lab", depth: 16, profile: "" },
] as const) {
  test(`${kind.mode} with ${kind.depth} bit: the variations of a file that was just opened can be looked at, hidden ones too`, async () => {
    const { fake, host, stage, document } = await placed(kind);
    const reopened = await stage.saveAndReopen(document);
    const result = await only(host, reopened);
    const looks = [];
    for (const { layer } of result.variations) looks.push(await host.thumbnail(reopened, result.origin.region, layer, 8));
    assert.equal(new Set(looks).size, 2, "they look different");
    for (const look of looks) {
      const file = Buffer.from(look.replace("data:image/jpeg;base64,", ""), "base64"); // The fake encodes as PNG.
      assert.equal(file.toString("latin1", 1, 4), "PNG");
      assert.ok(Math.max(file.readUInt32BE(16), file.readUInt32BE(20)) <= 8);
    }
    assert.equal(fake.images, 0);
    assert.deepEqual(fake.violations, []);
  });
}
