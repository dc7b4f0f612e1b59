/** Where an edit reads and where its result lands, where there is room for it, and how it looks: on the strict Photoshop in memory. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CANVAS, expectSame, picture, placementFor, REGION, RGB16, softMask } from "../../self_test/expect";
import { grownCanvas } from "../../src/host/canvas";
import type { Lands } from "../../src/host/host";
import { fakeHost } from "../fake/host";

/** A picture with a folder of two layers, a grade above it, and one layer below; inner is active. */
async function layered() {
  const room = fakeHost();
  const { fake, stage } = room;
  const document = await stage.create(RGB16, CANVAS.width, CANVAS.height, "transparent");
  const original = await stage.addLayer(document, "Original", picture(RGB16, CANVAS, 1));
  const folder = await stage.addGroup(document, "Folder");
  const state = fake.open(document);
  const add = (name: string, into: { layers: unknown[] } | null, kind: "pixel" | "adjustment" = "pixel"): number => {
    const layer = fake.addLayer(state, kind, name);
    if (into && state.picture.layers.includes(layer)) {
      state.picture.layers.splice(state.picture.layers.indexOf(layer), 1);
      into.layers.unshift(layer);
    }
    return layer.id;
  };
  const group = fake.layer(state, folder);
  const inner = add("Inner", group);
  const upper = add("Upper", group);
  state.picture.active = [folder];
  const grade = add("Grade", null, "adjustment");
  await stage.select(document, softMask(16));
  await stage.activate(document, [inner]);
  return { ...room, document, original, folder, inner, upper, grade };
}

test("what lies above a layer is what lies above it in each of the groups around it", async () => {
  const { host, document, inner, upper, grade, original, folder } = await layered();
  assert.deepEqual([...(await host.above(document))].sort(), [upper, grade].sort());
  assert.deepEqual([...(await host.above(document, folder))], [grade]);
  assert.deepEqual([...(await host.above(document, original))].sort(), [folder, grade].sort());
  assert.ok(inner > 0);
});

test("without what lies above, the picture is read as it is below the grade, and nothing stays hidden", async () => {
  const { host, stage, document } = await layered();
  const shown = await host.readComposite(document, CANVAS, []);
  const below = await host.readComposite(document, CANVAS, await host.above(document));
  expectSame(below.samples, picture(RGB16, CANVAS, 1).samples, "below the grade");
  assert.notDeepEqual(shown.samples, below.samples);
  expectSame((await stage.read(document, CANVAS)).samples, shown.samples, "afterwards");
});

for (const [lands, wanted] of [
  ["top", ["Result", "Grade", "Folder[Upper,Inner]", "Original"]],
  ["above", ["Grade", "Folder[Upper,Result,Inner]", "Original"]],
  ["group", ["Grade", "Folder[Result,Upper,Inner]", "Original"]],
] as const satisfies readonly (readonly [Lands, readonly string[]])[]) {
  test(`a result lands ${lands}, whatever Photoshop does with new layers, and the next one beside it and never inside`, async () => {
    for (const selectNone of ["works", "fails"] as const) {
      const room = await layered();
      const { host, stage, document, inner } = room;
      Object.assign(room.fake.switches, { selectNone });
      const placement = await placementFor(host, document, RGB16, await host.readSelection(document));
      const states = stage.states(document);
      const { group } = await host.place(document, { ...placement, name: "Result", lands });
      const tree = (): string[] => {
        const spell = ({ name, layers }: { name: string; layers: readonly never[] }): string => {
          const within = name === "Folder" ? `[${layers.map(spell).join()}]` : "";
          return name + within;
        };
        return (stage.tree(document) as never[]).map(spell).filter((name) => name !== "Hintergrund");
      };
      assert.deepEqual(tree(), wanted, selectNone);
      assert.equal(stage.states(document), states + 1);
      assert.deepEqual(stage.active(document), [inner], "the active layer stays");

      const [result] = await host.results(document);
      await stage.activate(document, [result?.variations[0]?.layer ?? 0]);
      await host.place(document, { ...placement, name: "Second", lands });
      assert.equal((await host.results(document)).length, 2);
      assert.ok(stage.tree(document).flatMap(({ layers }) => layers).every(({ id, layers }) => id !== group || layers.every(({ name }) => name !== "Second")));
      assert.deepEqual(room.fake.violations, []);
    }
  });
}

test("that a result lies in a group that is hidden is said with it, and only then", async () => {
  for (const visible of [false, true]) {
    const { host, fake, document, folder } = await layered();
    fake.layer(fake.open(document), folder).visible = visible;
    const placement = await placementFor(host, document, RGB16, await host.readSelection(document));
    const notes: boolean[] = [];
    for (const lands of ["group", "top"] as const) {
      notes.push(/group that is hidden/.test((await host.place(document, { ...placement, name: "Result", lands })).note));
    }
    assert.deepEqual(notes, [!visible, false]);
  }
});

test("above a locked Background is right above it", async () => {
  const { host, stage } = fakeHost();
  const document = await stage.create(RGB16, CANVAS.width, CANVAS.height, "white");
  await stage.addLayer(document, "Upper", picture(RGB16, REGION, 3));
  await stage.select(document, softMask(16));
  await stage.activate(document, [stage.tree(document).at(-1)?.id ?? 0]);
  assert.deepEqual((await host.above(document)).length, 1);
  const placement = await placementFor(host, document, RGB16, await host.readSelection(document));
  await host.place(document, { ...placement, name: "Result", lands: "above" });
  assert.deepEqual(stage.tree(document).map(({ name }) => name), ["Upper", "Result", "Hintergrund"]);
});

const SIZES = [
  [[16, 9], [1, 1], [57, 32], [-8, 0]],
  [[9, 16], [0, 2], [40, 72], [0, -40]],
  [[4, 5], [2, 0], [40, 50], [0, 0]],
  [[1, 1], [1, 2], [40, 40], [0, -8]],
  [null, [2, 1], [44, 35], [-4, -1]],
] as const;

for (const [ratio, anchor, [width, height], [x, y]] of SIZES) {
  test(`canvas of ${ratio === null ? "+10 %" : ratio.join(":")} with the old picture at ${anchor.join()}: its pixels lie there, and what is new is selected`, async () => {
    const { fake, host, stage } = fakeHost();
    const document = await stage.create(RGB16, CANVAS.width, CANVAS.height, "transparent");
    await stage.addLayer(document, "Original", picture(RGB16, CANVAS, 1));
    const states = stage.states(document);

    const canvas = grownCanvas(CANVAS.width, CANVAS.height, ratio, anchor);
    assert.deepEqual(canvas, { x, y, width, height });
    await host.enlarge(document, canvas);

    assert.equal(stage.states(document), states + 1);
    const facts = host.facts(document);
    assert.deepEqual([facts.width, facts.height], [width, height]);
    const old = { x: -x, y: -y, width: CANVAS.width, height: CANVAS.height };
    expectSame((await stage.read(document, old)).samples, picture(RGB16, CANVAS, 1).samples, "the old picture");
    const { region, samples } = await host.readSelection(document);
    const white = samples instanceof Uint8Array ? 255 : 32768;
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) {
        const isOld = column >= old.x && row >= old.y && column < old.x + old.width && row < old.y + old.height;
        const at = (row - region.y) * region.width + column - region.x;
        const isWithin = column >= region.x && row >= region.y && column < region.x + region.width && row < region.y + region.height;
        assert.equal(isWithin ? samples[at] : 0, isOld ? 0 : white, `${column}, ${row}`);
      }
    }
    await stage.undo(document);
    assert.deepEqual([host.facts(document).width, host.glance()?.region], [CANVAS.width, null]);
    assert.deepEqual(fake.violations, []);
  });
}

test("the large look shows the region with the result and without it, and leaves no trace", async () => {
  const { fake, host, stage } = fakeHost();
  const document = await stage.create(RGB16, CANVAS.width, CANVAS.height, "transparent");
  await stage.addLayer(document, "Original", picture(RGB16, CANVAS, 1));
  await stage.select(document, softMask(16));
  const read = async (): Promise<string> => {
    const [result] = await host.results(document);
    return result ? host.look(result, false, 64) : "";
  };
  await host.place(document, await placementFor(host, document, RGB16, await host.readSelection(document)));
  const [result] = await host.results(document);
  assert.ok(result);
  const states = stage.states(document);
  const before = await host.look(result, true, 64);
  const after = await read();
  assert.notEqual(before, after);
  await host.reveal(result, false);
  assert.equal(await read(), before, "without it is what lies below it");
  await host.reveal(result, true);
  assert.equal(await read(), after);
  assert.equal(stage.states(document), states);
  const file = Buffer.from(after.replace("data:image/jpeg;base64,", ""), "base64"); // The fake encodes as PNG.
  assert.deepEqual([file.readUInt32BE(16), file.readUInt32BE(20)], [REGION.width, REGION.height]);
  assert.equal(fake.images, 0);
});

test("inks become the Lab that Photoshop's colour settings give them", () => {
  assert.equal(fakeHost().host.inksAsLab(10, 30, 20.5, 5), "lab(95.00, 20.00, 20.50)");
});

test("what stands for the layer in hand lands right above it and hides it, in one step that undo takes back", async () => {
  const { host, stage, document, original } = await layered();
  const placement = await placementFor(host, document, RGB16, await host.readSelection(document), 1);
  await stage.activate(document, [original]);
  assert.deepEqual(host.inHand(document), { id: original, rect: CANVAS });
  const states = stage.states(document);
  const shown = (): unknown => stage.tree(document).map(({ name, visible }) => [name, visible]).slice(1, 4);
  const before = stage.tree(document);
  await host.place(document, { ...placement, name: "Result", mask: null, origin: null, lands: original, standsFor: original });
  assert.deepEqual(shown(), [["Folder", true], ["Result", true], ["Original", false]]);
  assert.equal(stage.states(document), states + 1);
  await stage.undo(document);
  assert.deepEqual(stage.tree(document), before);
});
