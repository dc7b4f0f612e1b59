/** The self-test: the host's conformance suite, the connection doctor and this machine's JavaScript, as one report. */

import type { Host } from "../src/host/photoshop";
import type { Finding } from "../src/client/doctor";
import { type CheckReport, type Report, runConformance } from "./conformance";
import type { Stage } from "./stage";

/** What happened so far. */
export type Progress = (done: number, total: number, name: string) => void;

export interface SelfTestReport extends Report {
  /** What this JavaScript has, by name. */
  readonly features: Readonly<Record<string, boolean>>;
  readonly network: readonly Finding[];
}

/** Runs all of it. `examine`: the connection doctor. */
export async function runSelfTest(
  host: Host,
  stage: Stage,
  features: Readonly<Record<string, boolean>>,
  examine: (found: (finding: Finding) => void) => Promise<void>,
  found: (finding: Finding) => void,
  progress: Progress,
): Promise<SelfTestReport> {
  const report = await runConformance(host, stage, progress);
  report.checks.map(findingOf).forEach(found);
  for (const [name, what] of Object.entries(report.answers)) {
    found({ name, state: "skipped", what, cure: "" });
  }
  const network: Finding[] = [];
  await examine((finding) => {
    network.push(finding);
    // A server that is not there says nothing about this Photoshop, and the cures are for the plugin's settings.
    found({ ...finding, state: finding.state === "bad" ? "unsure" : finding.state, cure: "" });
  });
  return { ...report, features, network };
}

function findingOf({ name, ok, error, ms }: CheckReport): Finding {
  return { name, state: ok ? "good" : "bad", what: ok ? `${ms} ms` : error, cure: "" };
}
