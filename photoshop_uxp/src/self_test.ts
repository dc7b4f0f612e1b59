/** The self-test: the host's conformance suite, the connection doctor and this machine's JavaScript, as one report. */

import { runConformance, type CheckReport } from "./host/conformance";
import type { Host } from "./host/host";
import type { Stage } from "./host/stage";
import type { Finding } from "./ui/model";

/** What happened so far. */
export type Progress = (done: number, total: number, name: string) => void;

/** Runs all of it; resolves to the report as JSON. `examine`: the connection doctor on the server in use. */
export async function runSelfTest(
  host: Host,
  stage: Stage,
  features: Readonly<Record<string, boolean>>,
  examine: (found: (finding: Finding) => void) => Promise<void>,
  found: (finding: Finding) => void,
  progress: Progress,
): Promise<string> {
  const report = await runConformance(host, stage, progress);
  report.checks.map(findingOf).forEach(found);
  for (const [name, what] of Object.entries(report.answers)) {
    found({ name, state: "skipped", what, cure: "" });
  }
  const network: Finding[] = [];
  await examine((finding) => {
    network.push(finding);
    // A server that is not there says nothing about this Photoshop.
    found({ ...finding, state: finding.state === "bad" ? "unsure" : finding.state });
  });
  return JSON.stringify({ ...report, features, network }, null, 2);
}

function findingOf({ name, ok, error, ms }: CheckReport): Finding {
  return { name, state: ok ? "good" : "bad", what: ok ? `${ms} ms` : error, cure: "" };
}
