/** The conformance suite on the fake Photoshop, over every combination of what nobody knows. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { CHECKS, runConformance } from "../../src/host/conformance";
import { fakeHost } from "../fake/host";
import { combinations, LIKELY, type Switches } from "../fake/switches";

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

test("every check holds in every combination of the unknowns", async () => {
  const broken: string[] = [];
  for (const switches of combinations()) {
    const found = await failures(switches);
    if (found.length > 0) broken.push(`${JSON.stringify(switches)}\n  ${found.join("\n  ")}`);
    if (broken.length === 3) break;
  }
  assert.equal(broken.join("\n"), "");
});

test("the self-test answers what nobody knows, and its answers are a profile of the fake", async () => {
  const unlikely: Switches = {
    maskOutside: "revealed", groupMask: "refused", hideAll: "fails", selectionRead: "whole", maskDepth: "8",
    selectionBounds: "half", rollback: "without visibility", emptyRead: "nothing", placeInside: "bottom", missingNote: "error",
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
