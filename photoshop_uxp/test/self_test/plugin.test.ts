/** Inlay Self-Test as it is built, in a JavaScript like UXP's on the strict Photoshop in memory; and that Inlay has nothing of it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { CHECKS } from "../../self_test/conformance";
import type { SelfTestReport } from "../../self_test/report";
import { bundle, type Lack, LACKS, runInUxp } from "../client/uxp";
import { built } from "../plugin/built";
import type { Room } from "../plugin/inside";
import { PLUGIN } from "../ui/room";

const PATIENCE_MS = 60_000;
const NO_SERVER = "globalThis.earlier = { url: '', token: '' }; globalThis.fetch = () => Promise.reject(new TypeError('Network request failed'));";
let selfTest = "";
let inlay = "";
let photoshop = "";

before(() => {
  selfTest = built("--self-test");
  inlay = built();
  photoshop = bundle(join(PLUGIN, "test/plugin/inside.ts"));
});

function photoshopWithSelfTest(lacking: readonly Lack[]): Room {
  return runInUxp([NO_SERVER, photoshop, selfTest], lacking)["room"] as Room;
}

async function until(room: Room, wanted: RegExp): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !wanted.test(room.panel()); await new Promise((resolve) => setTimeout(resolve, 50))) {
    assert.ok(Date.now() < end, `the panel says: ${room.panel()}`);
  }
}

for (const lacking of [[], LACKS]) {
  test(`it starts, passes and hands its report over, ${lacking.length === 0 ? "in a whole JavaScript" : "without all that UXP may lack"}`, async () => {
    const room = photoshopWithSelfTest(lacking);
    assert.deepEqual([...room.load()], []);
    assert.deepEqual([...room.askedBeforeSetUp()], ["uxp"]);
    await until(room, /Run/);
    room.press("Run");
    await until(room, /All \d+ checks passed\. Please send the report\./);
    assert.deepEqual([...room.violations()], []);
    assert.deepEqual([room.documents(), room.images()], [0, 0]);

    room.press("Save report…");
    await until(room, /Saved: inlay-self-test\.json/);
    const report = JSON.parse(room.kept("inlay-self-test.json")) as SelfTestReport;
    assert.deepEqual(report.checks.map(({ name }) => name), CHECKS.map(({ name }) => name));
    assert.deepEqual(report.checks.filter(({ ok }) => !ok), []);
    assert.equal(report.features["TextDecoder"], lacking.length === 0);
    assert.equal(report.network.find(({ name }) => name === "http://127.0.0.1:50052")?.state, "bad");
    room.press("Copy");
    assert.deepEqual(JSON.parse(room.kept("clipboard")), report);
  });
}

test("Inlay's own script has none of the self-test's", () => {
  const words = CHECKS.map(({ name }) => name).filter((name) => selfTest.includes(name));
  assert.ok(words.length > 20, `${words.length} checks' names stand in the self-test's script`);
  assert.ok(selfTest.includes("Inlay: self-test"));
  assert.deepEqual([...words, "Inlay: self-test", "has not been self-tested"].filter((text) => inlay.includes(text)), []);
});
