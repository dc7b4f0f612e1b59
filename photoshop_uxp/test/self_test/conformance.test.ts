/** The conformance suite on the fake Photoshop, over every pair of what nobody knows. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { CHECKS, runConformance } from "../../self_test/conformance";
import { fakeHost } from "../fake/host";
import { LIKELY, pairwise, type Switches, VALUES } from "../fake/switches";

async function failures(switches: Switches): Promise<string[]> {
  const { fake, host, stage } = fakeHost(switches);
  const found: string[] = [];
  for (const check of CHECKS) {
    await check.run(host, stage).catch((error: unknown) => found.push(`${check.name}: ${String(error)}`));
  }
  if (fake.images !== 0) found.push(`${fake.images} images were not disposed of`);
  if (fake.documents.length !== 0) found.push(`${fake.documents.length} documents stayed open`);
  return [...found, ...fake.violations];
}

for (const check of CHECKS) {
  test(check.name, async () => {
    const { fake, host, stage } = fakeHost();
    await check.run(host, stage);
    assert.deepEqual(fake.violations, []);
    assert.equal(fake.images, 0);
  });
}

test("every check holds whichever two of the unknowns come together", async () => {
  const broken: string[] = [];
  for (const switches of pairwise()) {
    const found = await failures(switches);
    if (found.length > 0) broken.push(`${JSON.stringify(switches)}\n  ${found.join("\n  ")}`);
  }
  assert.equal(broken.join("\n"), "");
});

test("every two values of different unknowns come together, in few combinations", () => {
  const rows = pairwise();
  const names = Object.keys(VALUES) as (keyof Switches)[];
  for (const one of names) {
    for (const other of names) {
      const wanted = one === other ? VALUES[one].length : VALUES[one].length * VALUES[other].length;
      assert.equal(new Set(rows.map((row) => `${row[one]}, ${row[other]}`)).size, wanted, `${one} and ${other}`);
    }
  }
  assert.ok(rows.length <= 16, `${rows.length} combinations`);
});

test("the self-test answers what nobody knows, and its answers are a profile of the fake", async () => {
  const unlikely: Switches = {
    selectionRead: "whole", maskDepth: "8",
    selectionBounds: "half", rollback: "without visibility", emptyRead: "nothing", newInGroup: "inside", selectNone: "fails",
    groupBlend: "normal", maskProfile: "Dot Gain 15%", missingNote: "rejects",
    failedCommand: "rejects", selectionEdges: "outside modal scopes", xmpHistory: "with history",
  };
  for (const switches of [LIKELY, unlikely]) {
    const { host, stage } = fakeHost(switches);
    const seen: number[] = [];
    const report = await runConformance(host, stage, (done) => seen.push(done));
    assert.deepEqual(report.checks.filter(({ ok }) => !ok), []);
    const { noteLimit, depthConversion, readOutsideModal, ...answers } = report.answers;
    assert.deepEqual(answers, switches);
    assert.deepEqual([noteLimit, depthConversion, readOutsideModal], ["256 KiB", "fails", "fails"]);
    assert.equal(seen.at(-1), report.checks.length + Object.keys(report.answers).length);
    assert.equal(report.passed, CHECKS.length);
  }
});
