/** The fake forbids what Photoshop forbids, so that a test on it can fail. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { CANVAS, picture, RGB16, softMask } from "../../self_test/expect";
import { writePixels, writeSelection } from "../../src/host/images";
import { putLayerMask } from "../../self_test/stage";
import { play, revealSelection } from "../../src/host/layers";
import { fakeHost } from "../fake/host";
import { convert } from "../fake/profiles";

async function open() {
  const room = fakeHost();
  const document = await room.stage.create(RGB16, CANVAS.width, CANVAS.height, "transparent");
  const layer = await room.stage.addLayer(document, "Original", picture(RGB16, CANVAS, 1));
  const ps = room.fake.module;
  const modal = <T>(work: () => Promise<T>): Promise<T> => ps.core.executeAsModal(work, { commandName: "Test" });
  return { ...room, ps, document, layer, modal };
}

test("nothing is changed or read outside a modal scope", async () => {
  const { ps, document, layer, fake } = await open();
  const pixels = picture(RGB16, CANVAS, 2);
  await assert.rejects(writePixels(ps, document, layer, "RGB", pixels), /modal/);
  await assert.rejects(writeSelection(ps, document, softMask(16)), /modal/);
  await assert.rejects(revealSelection(ps), /modal/);
  const [first] = Array.from(ps.app.activeDocument.layers);
  assert.ok(first);
  assert.throws(() => (first.visible = false), /modal/);
  assert.throws(() => first.delete(), /modal/);
  assert.equal(fake.images, 0);
});

test("an image is of no use once it was disposed of", async () => {
  const { ps, document, modal } = await open();
  await modal(async () => {
    const { imageData } = await ps.imaging.getPixels({ documentID: document });
    await imageData.dispose();
    await assert.rejects(imageData.getData({}), /disposed/);
  });
});

test("more than 600 MB of images are refused", async () => {
  const { ps, fake } = await open();
  fake.memoryBytes = 600 * 1024 * 1024;
  const options = { width: 1, height: 1, components: 1, colorSpace: "Grayscale" };
  await assert.rejects(ps.imaging.createImageDataFromBuffer(new Uint8Array(1), options), /memory limit/);
});

test("a buffer of the wrong length, and a mask of three components, are refused", async () => {
  const { ps, document, layer, modal } = await open();
  const options = { width: 2, height: 2, components: 3, colorSpace: "RGB" };
  await assert.rejects(ps.imaging.createImageDataFromBuffer(new Uint8Array(4), options), /length/);
  const imageData = await ps.imaging.createImageDataFromBuffer(new Uint8Array(12), options);
  const put = () => ps.imaging.putLayerMask({ documentID: document, layerID: layer, imageData });
  await assert.rejects(modal(put), /one component/);
});

test("pixels go neither on groups nor on hidden layers", async () => {
  const { ps, document, layer, modal, stage } = await open();
  const group = await stage.addGroup(document, "Group");
  await assert.rejects(modal(() => writePixels(ps, document, group, "RGB", picture(RGB16, CANVAS, 2))), /pixel layers/);
  await modal(async () => {
    for (const node of Array.from(ps.app.activeDocument.layers)) node.visible = false;
  });
  await assert.rejects(modal(() => writePixels(ps, document, layer, "RGB", picture(RGB16, CANVAS, 2))), /hidden/);
});

test("a command that nobody knows is a violation, and one that fails is an answer", async () => {
  const { ps, fake, modal, stage, document } = await open();
  await assert.rejects(modal(() => play(ps, [{ _obj: "inventedCommand" }])), /Nobody knows/);
  assert.equal(fake.violations.length, 1);
  await stage.select(document, softMask(16));
  await modal(() => revealSelection(ps));
  const again = modal(() => ps.action.batchPlay([{ _obj: "make", at: { _value: "mask" }, using: { _value: "revealSelection" } }], {}));
  assert.equal((await again)[0]?._obj, "error");
});

test("an exception inside a modal scope rolls a suspended history back", async () => {
  const { ps, document, layer, stage } = await open();
  const before = await stage.read(document, CANVAS);
  const states = stage.states(document);
  const work = ps.core.executeAsModal(
    async ({ hostControl }) => {
      await hostControl.suspendHistory({ documentID: document, name: "Half done" });
      await putLayerMask(ps, document, layer, softMask(16));
      throw new Error("trouble");
    },
    { commandName: "Test" },
  );
  await assert.rejects(work, /trouble/);
  assert.deepEqual(await stage.read(document, CANVAS), before);
  assert.equal(stage.states(document), states);
});

test("samples tagged with another profile are really converted", () => {
  const red = Uint16Array.from([32768, 0, 0]);
  const wide = convert(red, 3, "sRGB IEC61966-2.1", "ProPhoto RGB");
  assert.ok((wide[0] ?? 0) < 27000 && (wide[1] ?? 0) > 5000, String(wide));
  const back = convert(wide, 3, "ProPhoto RGB", "sRGB IEC61966-2.1");
  assert.ok(Math.abs((back[0] ?? 0) - 32768) < 40 && (back[1] ?? 400) < 400, String(back));
  assert.throws(() => convert(red, 3, "sRGB IEC61966-2.1", "Nobody's profile"), /not installed/);
});

test("a note's key has letters, digits and underscores only", async () => {
  const { ps, document, layer, modal } = await open();
  const target = [{ _property: "generatorSettings" }, { _ref: "layer", _id: layer }, { _ref: "document", _id: document }];
  const write = (property: string) => modal(() => play(ps, [{ _obj: "set", _target: target, to: { _obj: "null", json: "1" }, property }]));
  await assert.rejects(write("some.key"), /letters, digits/);
  await write("some_key");
});
