/** What has to be true of a host: one suite, run on the fake at every change, and inside Photoshop by Inlay Self-Test. */

import type { Host } from "../src/host/photoshop";
import type { Question, Stage } from "./stage";
import { captureChecks } from "./conformance_capture";
import { placeChecks } from "./conformance_place";

/** A check: rejects where the host does not do what it must. */
export interface Check {
  readonly name: string;
  run(host: Host, stage: Stage): Promise<void>;
}

export interface CheckReport {
  readonly name: string;
  readonly ok: boolean;
  /** Why not; empty where it is. */
  readonly error: string;
  readonly ms: number;
}

/** The report of a run; its answers are a profile for the fake. */
export interface Report {
  readonly host: string;
  readonly started: string;
  readonly passed: number;
  readonly failed: number;
  readonly checks: readonly CheckReport[];
  readonly answers: Readonly<Record<string, string>>;
}

export const CHECKS: readonly Check[] = [...captureChecks, ...placeChecks];

/** Runs every check and asks every question. Never rejects; closes the documents it opens. */
export async function runConformance(
  host: Host,
  stage: Stage,
  onProgress: (done: number, total: number, name: string) => void = () => undefined,
  onCheck: (report: CheckReport) => void = () => undefined,
): Promise<Report> {
  const started = new Date().toISOString();
  const checks: CheckReport[] = [];
  const total = CHECKS.length + stage.questions.length;
  for (const check of CHECKS) {
    onProgress(checks.length, total, check.name);
    const began = Date.now();
    const error = await check.run(host, stage).then(() => "", messageOf);
    const report = { name: check.name, ok: error === "", error, ms: Date.now() - began };
    checks.push(report);
    onCheck(report);
  }
  const answers: Record<string, string> = {};
  for (const question of stage.questions) {
    onProgress(checks.length + Object.keys(answers).length, total, question.name);
    answers[question.name] = await answer(question);
  }
  onProgress(total, total, "");
  const passed = checks.filter(({ ok }) => ok).length;
  return { host: host.name, started, passed, failed: checks.length - passed, checks, answers };
}

async function answer(question: Question): Promise<string> {
  return question.ask().catch((error: unknown) => `no answer: ${messageOf(error)}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
