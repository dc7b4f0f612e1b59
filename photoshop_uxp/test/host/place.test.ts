/** Where a result lands and what it leaves alone, in documents as retouchers have them: artboards, locked groups, clipping, masks. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { maskDistance } from "../../src/host/capture";
import { runConformance } from "../../self_test/conformance";
import { CANVAS, picture, placementFor, REGION, RGB16, sameMask, softMask } from "../../self_test/expect";
import type { FakeKind, FakeLayer } from "../fake/picture";
import { allLayers } from "../fake/picture";
import { fakeHost } from "../fake/host";
import type { Fault, Switches } from "../fake/switches";

async function open(switches: Partial<Switches> = {}, faults: readonly Fault[] = []) {
  const room = fakeHost(switches, faults);
  const document = await room.stage.create(RGB16, CANVAS.width, CANVAS.height, "transparent");
  const layer = await room.stage.addLayer(document, "Original", picture(RGB16, CANVAS, 1));
  await room.stage.select(document, softMask(16));
  const state = room.fake.open(document);
  const add = (kind: FakeKind, name: string, options: { board?: typeof CANVAS } = {}): FakeLayer => room.fake.addLayer(state, kind, name, options);
  const place = async (): Promise<{ group: number; note: string }> =>
    room.host.place(document, await placementFor(room.host, document, RGB16, await room.host.readSelection(document)));
  const names = (): string[] => state.picture.layers.map(({ name }) => name);
  return { ...room, document, layer, state, add, place, names };
}

test("whatever layer is active, a result lies on top, unclipped, with its variations in order, and the layer stays active", async () => {
  for (const kind of ["pixel", "group", "adjustment", "smartObject", "text"] as const) {
    for (const newInGroup of ["above", "inside"] as const) {
      for (const selectNone of ["works", "fails"] as const) {
        const { state, add, place, names, stage, document, fake } = await open({ newInGroup, selectNone });
        const active = add(kind, "Active");
        const { group } = await place();
        assert.deepEqual(names().slice(1, 3), ["Active", "Original"], kind);
        const [top] = state.picture.layers;
        assert.equal(top?.id, group);
        assert.deepEqual(top.layers.map(({ name, clipped }) => [name, clipped]), [["Variation 1 (seed 0)", false], ["Variation 2 (seed 1)", false]]);
        assert.deepEqual(stage.active(document), [active.id]);
        assert.deepEqual(fake.violations, []);
      }
    }
  }
});

test("a result is built without moving a layer: moves are known to go wrong", async () => {
  const { place, state, fake } = await open({}, ["moves go wrong"]);
  const { group } = await place();
  assert.equal(state.picture.layers[0]?.id, group);
  assert.deepEqual(state.picture.layers[0].layers.map(({ name }) => name), ["Variation 1 (seed 0)", "Variation 2 (seed 1)"]);
  assert.deepEqual(fake.violations, []);
});

test("a locked group with the active layer in it takes no result and stops none", async () => {
  const { add, state, place, names, document, stage } = await open();
  const group = add("group", "Locked");
  const inner = add("pixel", "Inner");
  state.picture.layers = [{ ...group, locked: true, layers: [inner] }, ...state.picture.layers.filter(({ id }) => id !== group.id && id !== inner.id)];
  await stage.activate(document, [inner.id]);
  await place();
  assert.deepEqual(names(), ["A red lantern, „gemütlich“", "Locked", "Original", "Hintergrund"]);
});

test("a clipping stack around the active layer stays as it is", async () => {
  const { add, state, place, stage, document } = await open();
  const base = add("pixel", "Base");
  add("adjustment", "Clipped").clipped = true;
  await stage.activate(document, [base.id]);
  const before = state.picture.layers.map(({ name, clipped }) => `${name} ${clipped}`);
  await place();
  assert.deepEqual(state.picture.layers.slice(1).map(({ name, clipped }) => `${name} ${clipped}`), before);
  assert.ok(allLayers(state.picture.layers.slice(0, 1)).every(({ clipped }) => !clipped));
});

test("a result of a selection inside an artboard lies on top of that artboard, by the artboard's own rectangle", async () => {
  const { add, state, place, document, stage, host } = await open();
  await stage.activate(document, []);
  state.picture.active = [];
  const left = add("artboard", "Left", { board: { x: 0, y: 0, width: 22, height: 32 } });
  const inside = add("pixel", "Inside");
  assert.deepEqual(left.layers.map(({ id }) => id), [inside.id]);
  state.picture.active = [];
  add("artboard", "Right", { board: { x: 14, y: 0, width: 26, height: 32 } });
  state.picture.active = [];
  const { group } = await place(); // The region begins at x = 10, which the DOM's bounds of both artboards contain.
  assert.deepEqual(state.picture.layers.slice(0, 2).map(({ name, layers }) => [name, layers[0]?.id ?? 0]), [["Right", 0], ["Left", group]]);
  assert.deepEqual((await host.results(document)).map((result) => result.group), [group]);
});

test("soft values of masks that are rounded, changed or cannot be read back lose no result, and a note says so", async () => {
  const cases: readonly (readonly [Fault, RegExp])[] = [
    ["mask values shift slightly", /rounded soft values/],
    ["mask values shift", /changed soft values.*Self-Test/],
    ["group masks cannot be read", /could not be checked/],
  ];
  for (const [fault, note] of cases) {
    const { place, state, fake, document, stage } = await open();
    const before = await stage.read(document, CANVAS);
    const selected = state.picture.selection;
    assert.ok(selected);
    fake.faults.add(fault);
    const placed = await place();
    assert.match(placed.note, note);
    const mask = state.picture.layers[0]?.mask;
    assert.ok(mask && mask.outside === 0, fault);
    assert.ok(maskDistance(mask, selected) <= 12 / 255, `${fault}: ${255 * maskDistance(mask, selected)}`);
    const after = await stage.read(document, CANVAS);
    const outside = after.samples.subarray(0, 4 * CANVAS.width * REGION.y);
    assert.deepEqual(outside, before.samples.subarray(0, outside.length));
  }
});

test("masks have the selection's values whichever grey profile Photoshop keeps them in, and no note", async () => {
  for (const maskProfile of ["Gray Gamma 2.2", "Dot Gain 15%"] as const) {
    const { host, stage, document, state } = await open({ maskProfile });
    const placement = await placementFor(host, document, RGB16, await host.readSelection(document));
    await stage.select(document, null); // No selection tells its profile.
    assert.equal((await host.place(document, placement)).note, "");
    const mask = state.picture.layers[0]?.mask;
    assert.ok(mask && sameMask(mask, softMask(16)), maskProfile);
    assert.equal(host.glance()?.region, null, "there still is no selection");
  }
});

test("the self-test fails where Photoshop inverts or converts soft values, on the way in and back on the way out", async () => {
  for (const fault of ["soft values are inverted", "soft values are converted"] as const) {
    const { host, stage } = fakeHost({}, [fault]);
    const report = await runConformance(host, stage);
    const failed = report.checks.filter(({ ok }) => !ok).map(({ name }) => name);
    assert.ok(failed.some((name) => name.includes("transparency")), fault);
    assert.ok(failed.some((name) => name.includes("RGB 16 bit Adobe RGB: outside the mask")), fault);
  }
});

test("many layers cost as many calls as few, and a brush stroke costs the fewest", async () => {
  const spent: number[][] = [];
  for (const count of [5, 500]) {
    const { host, fake, state, document, place, add } = await open();
    for (let index = 0; index < count; index++) add(index % 5 === 0 ? "group" : "pixel", `Layer ${index}`);
    await place();
    const look = async (): Promise<number> => {
      fake.calls = 0;
      await host.known();
      await host.resultInHand(document);
      return fake.calls;
    };
    await look();
    fake.record(state, "Pinsel");
    const stroke = await look();
    fake.calls = 0;
    await host.results(document);
    spent.push([stroke, fake.calls]);
  }
  assert.deepEqual(spent[0], spent[1]);
  assert.ok(Math.max(...spent.flat()) <= 4, String(spent));
});
