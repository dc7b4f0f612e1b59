/** When the colour probe measures, and what it says where it cannot. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { CannotEdit, type Glance, type Host, HostBusy, type Mask, type Result } from "../../src/host/host";
import { Probing } from "../../src/probing";
import type { Server } from "../../src/session";
import type { Reading } from "../../src/ui/model";

const REGION = { x: 10, y: 20, width: 3, height: 4 };
const GLANCE: Glance = { document: 1, title: "one.psd", region: REGION };
const MASK: Mask = { region: REGION, samples: new Uint8Array(12).fill(255) };

let measured: (readonly [region: Mask["region"], target: string])[] = [];
let selectionOf: () => Promise<Mask> = () => Promise.resolve(MASK);
let connection = { state: "ready", reason: "" };
let probe: Probing;

function reading(target: string): Reading {
  const [mean, spread] = [[20000, 9000, 3000], [1, 2, 3]];
  const deltaE = target === "" ? null : 1.5;
  return { channels: ["R", "G", "B"], depth: 16, mean, spread, lab: mean, labSpread: spread, hex: "#9C4617", pixels: 12, target, deltaE };
}

function result(shown: number): Result {
  const variations = [0, 1].map((index) => ({ layer: 70 + index, name: "", visible: index === shown, receipt: "" }));
  return { document: 1, group: 7, name: "", visible: true, memory: { jobId: "", documentId: "", recipe: "", region: REGION }, variations };
}

/** Lets everything that is due happen. */
async function pass(ms = 300): Promise<void> {
  for (let spent = 0; spent < ms; spent += 50) {
    mock.timers.tick(50);
    for (let turn = 0; turn < 20; turn += 1) {
      await Promise.resolve();
    }
  }
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  measured = [];
  selectionOf = () => Promise.resolve(MASK);
  connection = { state: "ready", reason: "" };
  const host = {
    facts: () => ({ width: 100, height: 100, mode: "RGB", depth: 16, profile: "" }),
    readSelection: () => selectionOf(),
    readMask: () => Promise.resolve({ ...MASK, region: { ...REGION, x: 50 } }),
  } as unknown as Host;
  const server = {
    get connection() {
      return connection;
    },
    measure: (_: number, { region }: Mask, target: string) => {
      measured.push([region, target]);
      return Promise.resolve(reading(target));
    },
    spell: () => Promise.resolve("#9C4617"),
  } as unknown as Server;
  probe = new Probing(host, server);
});
afterEach(() => {
  probe.turn(false);
  mock.timers.reset();
});

test("nothing is read while the probe is closed", async () => {
  probe.look(GLANCE, null, "");
  probe.measure();
  await pass();
  assert.deepEqual(measured, []);
});

test("it measures once it is opened, and again when selection, target or server are others", async () => {
  probe.look(GLANCE, null, "");
  probe.turn(true);
  await pass();
  assert.deepEqual(measured, [[REGION, ""]]);
  assert.equal(probe.reading?.hex, "#9C4617");
  probe.look(GLANCE, null, "");
  await pass();
  assert.equal(measured.length, 1, "nothing is another");
  probe.look({ ...GLANCE, region: { ...REGION, width: 2 } }, null, "");
  await pass();
  probe.look(GLANCE, null, "#C0392B");
  await pass();
  assert.deepEqual(measured.map(([, target]) => target), ["", "", "#C0392B"]);
  connection = { state: "trouble", reason: "Nobody answers." };
  probe.look(GLANCE, null, "#C0392B");
  await pass();
  assert.deepEqual([probe.reading, probe.trouble, measured.length], [null, "Nobody answers.", 3]);
  connection = { state: "ready", reason: "" };
  probe.look(GLANCE, null, "#C0392B");
  await pass();
  assert.deepEqual([probe.reading?.deltaE, probe.trouble], [1.5, ""]);
});

test("without a selection the result in hand is measured, and again when it shows another variation", async () => {
  probe.turn(true);
  probe.look({ ...GLANCE, region: null }, result(0), "");
  await pass();
  probe.look({ ...GLANCE, region: null }, result(1), "");
  await pass();
  assert.deepEqual(measured.map(([{ x }]) => x), [50, 50]);
});

test("a selection that is being drawn is read when it rests", async () => {
  probe.turn(true);
  for (const width of [1, 2, 3]) {
    probe.look({ ...GLANCE, region: { ...REGION, width } }, null, "");
    await pass(100);
  }
  assert.deepEqual(measured, []);
  await pass();
  assert.equal(measured.length, 1);
});

test("it is measured again when the retoucher asks, and the last numbers stay on show till then", async () => {
  probe.look(GLANCE, null, "");
  probe.turn(true);
  await pass();
  probe.measure();
  assert.notEqual(probe.reading, null);
  await pass();
  assert.equal(measured.length, 2);
});

test("without a picture, a selection or an answer it says what is missing", async () => {
  probe.turn(true);
  await pass();
  assert.equal(probe.trouble, "Open a picture to measure in.");
  connection = { state: "connecting", reason: "" };
  probe.look({ ...GLANCE, region: null }, null, "");
  await pass();
  assert.equal(probe.trouble, "Select what to measure.");
  probe.look(GLANCE, null, "");
  await pass();
  assert.equal(probe.trouble, "Not connected yet. Try again in a moment.");
  connection = { state: "ready", reason: "" };
  selectionOf = () => Promise.reject(new CannotEdit("Press Q to leave Quick Mask."));
  probe.measure();
  await pass();
  assert.deepEqual([probe.trouble, probe.reading], ["Press Q to leave Quick Mask.", null]);
  assert.equal(await probe.spell(), "");
  selectionOf = () => Promise.resolve(MASK);
  assert.equal(await probe.spell(), "#9C4617");
});

test("a busy Photoshop is waited for", async () => {
  selectionOf = () => Promise.reject(new HostBusy());
  probe.look(GLANCE, null, "");
  probe.turn(true);
  await pass();
  assert.match(probe.trouble, /^Photoshop is busy/);
  selectionOf = () => Promise.resolve(MASK);
  await pass(1100);
  assert.deepEqual([probe.reading?.hex, probe.trouble], ["#9C4617", ""]);
});

test("what was asked before is forgotten, however late it is answered", async () => {
  let answer: (mask: Mask) => void = () => undefined;
  selectionOf = () => new Promise((resolve) => (answer = resolve));
  probe.look(GLANCE, null, "#111111");
  probe.turn(true);
  await pass();
  const late = answer;
  selectionOf = () => Promise.resolve(MASK);
  probe.look(GLANCE, null, "#222222");
  await pass();
  late(MASK);
  await pass();
  assert.equal(probe.reading?.target, "#222222");
});
