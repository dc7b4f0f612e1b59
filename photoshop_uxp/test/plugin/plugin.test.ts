/** The built plugin, as Photoshop loads it, in a JavaScript like UXP's, on the strict Photoshop in memory and the real server. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { unpacked } from "../../src/client/messages";
import { after, before, test } from "node:test";
import type { Kind } from "../../self_test/stage";
import { COMMANDS } from "../../src/entry/commands";
import { Inlay } from "../client/inlay";
import { bundle, type Lack, LACKS, runInUxp } from "../client/uxp";
import { PLUGIN } from "../ui/room";
import { built } from "./built";
import type { Room } from "./inside";

const KINDS: readonly Kind[] = [
  { mode: "RGB", depth: 8, profile: "sRGB IEC61966-2.1" },
  { mode: "RGB", depth: 16, profile: "Adobe RGB (1998)" },
  { mode: "RGB", depth: 32, profile: "sRGB IEC61966-2.1" },
  { mode: "Gray", depth: 16, profile: "Gray Gamma 2.2" },
  { mode: "Lab", depth: 16, profile: "" },
];
const PATIENCE_MS = 60_000;

let server: Inlay;
let plugin = "";
let photoshop = "";
const rooms: Room[] = [];

before(async () => {
  plugin = built();
  photoshop = bundle(join(PLUGIN, "test/plugin/inside.ts"));
  server = await Inlay.start({ token: "a token" });
});
after(async () => {
  rooms.forEach((room) => {
    room.unload();
  });
  await server.end();
});

/** A Photoshop that has the plugin loaded and its panel open. `before`: a script that runs before the plugin. */
function photoshopWithPlugin(lacking: readonly Lack[] = [], token = "a token", before = "", isPanelOpen = true): Room {
  const earlier = `globalThis.earlier = ${JSON.stringify({ url: server.url, token })};`;
  const room = runInUxp([earlier, photoshop, before, plugin], lacking)["room"] as Room;
  if (isPanelOpen) {
    assert.deepEqual([...room.load()], Object.keys(COMMANDS));
  } else {
    room.loadWithoutPanel();
  }
  rooms.push(room);
  return room;
}

async function until(what: string, room: Room, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await isSo()); await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (Date.now() > end) {
      assert.fail(`${what}; the panel says: ${room.panel()}`);
    }
  }
}

/** Erases the selection of a picture of this kind, and expects all that Inlay promises of it. */
async function eraseIn(room: Room, kind: Kind): Promise<void> {
  await until("the server is ready", room, () => room.panel().includes("Ready on"));
  const document = await room.open(kind);
  const states = room.states(document);
  room.command("erase");
  await until("the result is placed", room, async () => (await room.results(document)) === 1);

  const found = await room.outcome(document, kind);

  assert.deepEqual([...found.violations], []);
  assert.equal(found.images, 0);
  assert.equal(found.states, states + 1);
  assert.equal(found.isOriginalUntouched, true);
  assert.equal(found.isMaskTheSelection, true);
  assert.equal(found.changedOutside, 0);
  assert.ok(found.changedInside > 0);
  assert.equal(found.layers.length, 1);
  assert.match(found.layers[0] ?? "", /^Variation 1 \(seed \d+\) visible$/);
  assert.equal(typeof JSON.parse(unpacked(found.memories[0] ?? "")?.receiptJson ?? ""), "object");
}

for (const kind of KINDS) {
  test(`an edit of ${kind.mode} with ${kind.depth} bit, from the command to one history state`, async () => {
    await eraseIn(photoshopWithPlugin(), kind);
  });
}

for (const lack of LACKS.slice(1)) {
  test(`edits of RGB with 8, 16 and 32 bit without ${lack}`, async () => {
    const room = photoshopWithPlugin([lack]);
    for (const kind of KINDS.slice(0, 3)) {
      await eraseIn(room, kind);
    }
  });
}

test("edits of RGB with 8, 16 and 32 bit without any of them", async () => {
  const room = photoshopWithPlugin(LACKS);
  for (const kind of KINDS.slice(0, 3)) {
    await eraseIn(room, kind);
  }
});

test("the entry points are set up before anything else is made or asked for, within the 20 ms that UXP gives", () => {
  assert.deepEqual([...photoshopWithPlugin().askedBeforeSetUp()], ["uxp"]);
});

test("a host that keeps its own mute AbortController from being replaced does not keep the plugin from starting", async () => {
  const lock = "Object.defineProperty(globalThis, 'AbortController', { value: AbortController, configurable: false, writable: false });";
  const room = photoshopWithPlugin(["AbortSignal events"], "a token", lock);
  await until("the panel is there", room, () => room.panel().includes("Erase"));
});

test("a command of a plugin whose panel was never shown says in a dialog what went wrong", async () => {
  const room = photoshopWithPlugin([], "a token", "", false);
  room.command("more");
  await until("it is told", room, () => room.alerts().length > 0);
  assert.match(room.alerts().join(), /Open a picture/);
});

test("the colour of a flat patch, and its distance to a target that is typed", async () => {
  const room = photoshopWithPlugin(LACKS);
  await until("the server is ready", room, () => room.panel().includes("Ready on"));
  await room.openFlat([20000, 9000, 3000]);
  await until("the picture is seen", room, () => !room.panel().includes("Open a picture"));
  for (const [target, said] of [["#9C4617", /#9C4617 · ΔE 0\.[0-3] from #9C4617/], ["#3050A0", /#9C4617 · ΔE \d\d\.\d from #3050A0/]] as const) {
    room.recolor(target);
    room.press("Measure");
    await until("it is measured", room, () => said.test(room.panel()));
  }
  room.command("probe");
  await until("the command tells it too", room, () => /#9C4617 · ΔE \d\d\.\d from #3050A0/.test(room.alerts().join()));
  assert.deepEqual([...room.violations()], []);
});

test("without its token the server asks for it, in the panel", async () => {
  const room = photoshopWithPlugin([], "");
  await until("the token is asked for", room, () => room.panel().includes("Enter the server's token in the settings."));
});
