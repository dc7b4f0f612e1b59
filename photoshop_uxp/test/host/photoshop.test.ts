/** The Photoshop adapter when Photoshop is busy, stopped, closed or in a mode that Inlay cannot edit. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { CANVAS, picture, placementFor, RGB16, softMask } from "../../self_test/expect";
import { CannotEdit, HostBusy, HostCancelled } from "../../src/host/host";
import { PhotoshopHost } from "../../src/host/photoshop";
import { settingsOf, uxpOf } from "../../src/host/uxp";
import { fakeHost, fakeUxp } from "../fake/host";

async function open(kind = RGB16) {
  const room = fakeHost();
  const document = await room.stage.create(kind, CANVAS.width, CANVAS.height, "transparent");
  const layer = await room.stage.addLayer(document, "Original", picture(kind, CANVAS, 1));
  await room.stage.select(document, softMask(kind.depth));
  const placement = await placementFor(room.host, document, kind, await room.host.readSelection(document), 3);
  return { ...room, document, layer, placement };
}

test("CMYK, Indexed and 1-bit pictures are refused with what to do", async () => {
  const { fake, host, document } = await open();
  for (const mode of ["CMYKColorMode", "indexedColorMode", "bitmapMode", "multichannelMode"]) {
    fake.open(document).otherMode = mode;
    assert.throws(() => host.facts(document), (error: Error) => error instanceof CannotEdit && /Convert (a copy|it) with Image ›/.test(error.message));
  }
});

test("a dialog that stays open for more than ten seconds is named, and a shorter one is waited for", async () => {
  const { fake, host, document, placement, stage } = await open();
  const before = stage.states(document);
  fake.busyS = 30;
  await assert.rejects(host.place(document, placement), HostBusy);
  assert.equal(stage.states(document), before);
  fake.busyS = 5;
  await host.place(document, placement);
  assert.equal(stage.states(document), before + 1);
});

test("Escape at any moment of a placement leaves the document as it was", async () => {
  const { fake, host, document, placement, stage } = await open();
  const tree = JSON.stringify(stage.tree(document));
  const states = stage.states(document);
  let stopped = 0;
  for (let call = 1; ; call++) {
    fake.cancelAt = call;
    const error = await host.place(document, placement).then(() => null, (thrown: unknown) => thrown);
    if (error === null) break;
    fake.cancelAt = 0;
    assert.ok(error instanceof HostCancelled, JSON.stringify(error));
    assert.equal(JSON.stringify(stage.tree(document)), tree);
    assert.equal(stage.states(document), states);
    assert.equal(fake.images, 0);
    stopped++;
  }
  fake.cancelAt = 0;
  assert.ok(stopped > 20, `${stopped} moments`);
  assert.equal(stage.states(document), states + 1);
});

test("nothing is modal between reading and placing, and one scope is enough for each", async () => {
  const { fake, host, document, placement } = await open();
  const count = async (work: () => Promise<unknown>): Promise<number> => {
    const before = fake.modalScopes;
    await work();
    assert.equal(fake.modalDepth, 0);
    return fake.modalScopes - before;
  };
  assert.equal(await count(() => host.readSelection(document)), 1);
  assert.equal(await count(() => host.readComposite(document, CANVAS, [])), 1);
  assert.equal(await count(() => host.place(document, placement)), 1);
  assert.equal(await count(() => host.results(document)), 0);
});

test("looking at a document with hundreds of layers costs little", async () => {
  const { fake, host, document, placement } = await open();
  await host.place(document, placement);
  const state = fake.open(document);
  for (let index = 0; index < 300; index++) fake.addLayer(state, "pixel", `Layer ${index}`);
  await host.results(document);
  fake.calls = 0;
  for (let look = 0; look < 10; look++) host.glance();
  assert.equal(fake.calls, 0);
});

test("a selection that reaches beyond the canvas is cut at its edge", async () => {
  const { fake, host, document } = await open();
  const region = { x: -4, y: 30, width: 8, height: 6 };
  fake.open(document).picture.selection = { region, samples: new Uint8Array(48).fill(200) };
  const mask = await host.readSelection(document);
  assert.deepEqual(mask.region, { x: 0, y: 30, width: 4, height: 2 });
  fake.open(document).picture.selection = { region: { ...region, x: -20 }, samples: new Uint8Array(48).fill(200) };
  await assert.rejects(host.readSelection(document), /outside the canvas/);
});

test("facts tell a picture that was resized or converted meanwhile", async () => {
  const { fake, host, document } = await open();
  const before = host.facts(document);
  fake.open(document).picture.width += 1;
  assert.notDeepEqual(host.facts(document), before);
  fake.open(document).picture.width -= 1;
  assert.deepEqual(host.facts(document), before);
  fake.open(document).picture.mode = "Lab";
  assert.notDeepEqual(host.facts(document), before);
});

test("an unmanaged document is named for what its numbers are taken for", async () => {
  const { host, document } = await open({ ...RGB16, profile: "None" });
  assert.equal(host.facts(document).profile, "sRGB IEC61966-2.1");
});

test("a saved document is known again by its file, in another session too", async () => {
  const { fake, stage, document } = await open();
  const uxp = fakeUxp();
  const first = new PhotoshopHost(fake.module, uxp);
  const id = await first.identify(document);
  const again = await stage.saveAndReopen(document);
  assert.equal(await first.find(id), null, "It was never identified after saving.");
  const known = await first.identify(again);
  const next = new PhotoshopHost(fake.module, uxp);
  assert.equal(await next.find(known), again);
  assert.deepEqual([...(await next.known())], [[known, again]]);
});

test("changes of the document are told once asked for, and no longer", async () => {
  const { fake, host, document } = await open();
  let heard = 0;
  const stop = host.onChange(() => heard++);
  fake.record(fake.open(document), "Pinsel");
  assert.equal(heard, 1);
  stop();
  fake.record(fake.open(document), "Pinsel");
  assert.equal(heard, 1);
});

test("settings and secrets come back, and a lost secret is empty", async () => {
  const uxp = fakeUxp();
  const settings = settingsOf(uxp);
  settings.write("url", "https://studio.example");
  await settings.writeSecret("token", "geheim-ü");
  assert.equal(settings.read("url"), "https://studio.example");
  assert.equal(await settings.readSecret("token"), "geheim-ü");
  assert.equal(await settings.readSecret("other"), "");
  const lost = settingsOf({ ...uxp, secrets: { ...uxp.secrets, getItem: () => Promise.reject(new Error("corrupt")) } });
  assert.equal(await lost.readSecret("token"), "");
});

test("text goes to the clipboard", async () => {
  const written: string[] = [];
  const module = {
    host: {},
    storage: {
      secureStorage: { getItem: async () => null, setItem: async () => undefined, removeItem: async () => undefined },
      localFileSystem: { getTemporaryFolder: () => Promise.reject(new Error("unused")) },
    },
  };
  const globals = {
    localStorage: { getItem: () => null, setItem: () => undefined },
    crypto: { randomUUID: () => "id" },
    navigator: { clipboard: { writeText: async (text: string) => void written.push(text) } },
  };
  const uxp = uxpOf(module, globals);
  await uxp.copy("hello");
  assert.deepEqual(written, ["hello"]);
});

test("groups without a note of ours stop nothing, whatever Photoshop does where there is no note", async () => {
  for (const missingNote of ["error", "nothing", "rejects"] as const) {
    const { fake, host, stage } = fakeHost({ missingNote });
    const document = await stage.create(RGB16, CANVAS.width, CANVAS.height, "transparent");
    await stage.addLayer(document, "Original", picture(RGB16, CANVAS, 1));
    await stage.addGroup(document, "The retoucher's own");
    await stage.select(document, softMask(16));
    assert.equal((await host.known()).size, 0);
    const { group } = await host.place(document, await placementFor(host, document, RGB16, await host.readSelection(document)));
    assert.deepEqual((await host.results(document)).map((result) => result.group), [group], missingNote);
    assert.equal((await host.resultInHand(document)), null);
    assert.deepEqual(fake.violations, []);
  }
});

test("placing shows no progress dialog", async () => {
  const { fake, host, document, placement } = await open();
  await host.place(document, placement);
  assert.equal(fake.progressDialogs, 0);
});
