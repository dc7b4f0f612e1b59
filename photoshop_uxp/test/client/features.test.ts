/** The line inside a JavaScript like UXP's: no code from strings, and one after the other of what UXP may lack taken away. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PLUGIN } from "../ui/room";
import { Inlay } from "./inlay";
import type { Report } from "./inside";
import { bundle, type Lack, LACKS, runInUxp } from "./uxp";

const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

let server: Inlay;
let code = "";

before(async () => {
  code = bundle(join(PLUGIN, "test/client/inside.ts"));
  server = await Inlay.start({ painter: "painters:invert" });
});
after(() => server.end());

type Run = (url: string, jobId: string, otherJobId: string) => Promise<string>;

async function report(lacking: readonly Lack[]): Promise<Report> {
  const { report: run } = runInUxp(code, lacking) as { report: Run };
  return JSON.parse(await run(server.url, randomUUID(), randomUUID())) as Report;
}

function expectWholeJob({ events, numbers, received, hash, gaveUp, refusal }: Report): void {
  assert.equal(events.at(-1), "done");
  assert.deepEqual(events.filter((event) => event === "variation").length, 2);
  assert.deepEqual(numbers, [...numbers].sort((one, other) => one - other));
  assert.deepEqual(received, [96 * 64 * 6, 96 * 64 * 6]);
  assert.equal(hash, ABC);
  assert.equal(gaveUp, true);
  assert.match(refusal, /^Trouble: .*not in the store/);
}

for (const lack of LACKS) {
  test(`a whole job without eval and ${lack === "nothing else" ? lack : `without ${lack}`}`, async () => {
    expectWholeJob(await report([lack]));
  });
}

test("a whole job without any of them", async () => {
  const found = await report(LACKS);
  expectWholeJob(found);
  assert.deepEqual(Object.values(found.features).filter((isThere) => isThere), []);
});

test("the context forbids what Photoshop forbids", () => {
  assert.throws(() => runInUxp("eval('1')", []), /Code generation from strings disallowed/);
  assert.throws(() => runInUxp("new Function('return 1')", []), /Code generation from strings disallowed/);
  assert.throws(() => runInUxp("new TextDecoder()", ["TextEncoder and TextDecoder"]), /TextDecoder is not defined/);
});
