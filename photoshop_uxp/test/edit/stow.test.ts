/** Large variations wait in files: none of them is left behind, however the edit ends. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { uxpOf, type UxpGlobals, type UxpModule } from "../../src/host/uxp";
import { Inlay } from "../client/inlay";
import { type Desk, deskAt, open, turned } from "./desk";
import { wish } from "../forms";

let server: Inlay;
let desk: Desk;
/** What lies on the disk, by number. */
const files = new Map<number, Uint8Array>();
let made = 0;

before(async () => {
  server = await Inlay.start({ painter: "noise:paint" });
  desk = await deskAt(server.url);
  const stow = async (bytes: Uint8Array): Promise<{ get: () => Promise<Uint8Array>; drop: () => Promise<void> }> => {
    const number = made++;
    files.set(number, bytes.slice());
    return { get: async () => files.get(number) ?? new Uint8Array(), drop: async () => void files.delete(number) };
  };
  Object.assign(desk.host, { stow, heldBytes: 1000 });
});
after(async () => {
  desk.server.stop();
  await server.end();
});

async function isEmpty(): Promise<void> {
  for (let turn = 0; turn < 100 && files.size > 0; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(files.size, 0);
}

test("the files of a result that was placed are gone", async () => {
  const edit = await turned(desk.server.begin(await open(desk), wish({ count: 4 })));
  assert.equal(edit.phase, "placed", edit.message);
  assert.equal(made, 4);
  await isEmpty();
});

test("the files of an edit that was taken back while it fetched are gone", async () => {
  const before = made;
  const edit = desk.server.begin(await open(desk), wish({ count: 4, seed: 9 }));
  edit.on(() => {
    if (made > before) edit.cancel();
  });
  await turned(edit);
  assert.equal(edit.phase, "cancelled");
  assert.ok(made > before);
  await isEmpty();
});

test("a stowed file lies in the temporary folder until it is dropped", async () => {
  const disk = new Map<string, ArrayBuffer>();
  const createFile = async (name: string): Promise<object> => ({
    write: async (bytes: ArrayBuffer) => void disk.set(name, bytes),
    read: async () => disk.get(name),
    delete: async () => void disk.delete(name),
  });
  const localFileSystem = { getTemporaryFolder: async () => ({ createFile }) };
  const module = { host: {}, storage: { localFileSystem, formats: { binary: "binary" } } } as unknown as UxpModule;
  const globals = { crypto: { randomUUID: () => crypto.randomUUID() } } as unknown as UxpGlobals;

  const stowed = await uxpOf(module, globals).stow(Uint8Array.of(1, 2, 3));

  assert.equal(disk.size, 1);
  assert.deepEqual([...(await stowed.get())], [1, 2, 3]);
  await stowed.drop();
  assert.equal(disk.size, 0);
});
