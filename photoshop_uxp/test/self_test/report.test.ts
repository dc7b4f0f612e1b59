/** The self-test as a whole, on the strict Photoshop in memory. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { FEATURES } from "../../self_test/features";
import { runSelfTest } from "../../self_test/report";
import type { Finding } from "../../src/client/doctor";
import { fakeHost } from "../fake/host";

test("the report holds every check, every answer, the network and this JavaScript", async () => {
  const { fake, host, stage } = fakeHost();
  const found: Finding[] = [];
  const steps: string[] = [];
  const report = await runSelfTest(
    host,
    stage,
    FEATURES,
    async (say) => say({ name: "TLS", state: "bad", what: "not trusted", cure: "Install the root." }),
    (finding) => found.push(finding),
    (_done, _total, name) => steps.push(name),
  );
  assert.equal(report.host, host.name);
  assert.equal(report.failed, 0);
  assert.ok(report.checks.length > 20 && Object.keys(report.answers).length > 10);
  assert.equal(report.features["TextDecoder"], true);
  assert.deepEqual(report.network.map(({ state }) => state), ["bad"]);
  assert.equal(found.length, report.checks.length + Object.keys(report.answers).length + 1);
  assert.deepEqual(found.filter(({ state }) => state === "bad"), []); // A missing server is no fault of this Photoshop.
  assert.ok(report.checks.every(({ name }) => steps.includes(name)));
  assert.equal(fake.documents.length, 0);
});
