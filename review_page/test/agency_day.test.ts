/** A day in an agency, from a PSD of elsewhere to signed files: plan, drafts, two people in two browsers, finals, report; and again. */

import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser } from "../../photoshop_uxp/test/ui/browser";
import { PLUGIN } from "../../photoshop_uxp/test/ui/room";
import { Reviewer } from "./reviewer";

const REPOSITORY = join(PLUGIN, "..");
const PYTHON = process.env["INLAY_PYTHON"] ?? join(REPOSITORY, ".venv/bin/python");
const LIMIT = { timeout: 540_000 };
const FORMATS = ["square", "post", "wide"];
const HEADLINES = ["made", "kept", "gone", "near", "far"];
const CELLS = FORMATS.flatMap((format) => HEADLINES.map((headline) => `master_${format}_${headline}`));
/** Which of them Ada turns down: the third draft. */
const REJECTED = 2;
const WORDS = "The horizon tilts";

interface Evening {
  readonly files: Readonly<Record<string, string>>;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly sizes: Readonly<Record<string, readonly [number, number]>>;
  readonly outside: Readonly<Record<string, number>>;
  readonly terms: Readonly<Record<string, string>>;
  readonly marks: readonly string[];
  readonly jobs: Readonly<Record<string, number>>;
  readonly painted: number;
}

interface Batch {
  readonly painted: number;
  readonly done: number;
  readonly flagged: number;
  readonly controlled: readonly { readonly axis: string; readonly pairs: number; readonly differing: number }[];
  readonly records: readonly { readonly out: string; readonly state: string; readonly verdict: string; readonly error: string; readonly outside_identical: boolean }[];
}

let folder = "";
let serving: ChildProcess;
let browser: Browser;

const python = (...given: readonly string[]): Promise<{ code: number; said: string }> =>
  new Promise((resolve, reject) => {
    const environment = { ...process.env, OMP_NUM_THREADS: "1", INLAY_DATA: join(folder, "data") };
    execFile(PYTHON, given, { cwd: folder, env: environment, maxBuffer: 1 << 26 }, (error, said, complaint) => {
      if (error && typeof error.code !== "number") reject(new Error(error.message));
      else if (said === "" && error) reject(new Error(`${given.join(" ")}: ${complaint}`));
      else resolve({ code: error ? Number(error.code) : 0, said });
    });
  });

/** Runs `inlay`, which answers in JSON; its exit code has to be that. */
async function inlay<T>(code: number, ...given: readonly string[]): Promise<T> {
  const answer = await python("-m", "inlay.cli", ...given, "--json");
  assert.equal(answer.code, code, answer.said);
  return JSON.parse(answer.said) as T;
}

const evening = async (): Promise<Evening> => JSON.parse((await python(join(REPOSITORY, "tests/support/agency.py"), "check", folder)).said) as Evening;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "inlay-agency-"));
  await python(join(REPOSITORY, "tests/support/agency.py"), "prepare", folder);
  serving = spawn(PYTHON, ["-m", "inlay.cli", "serve", "--data", join(folder, "data"), "--grpc-port", "0", "--http-port", "0"], { env: { ...process.env, OMP_NUM_THREADS: "1" }, stdio: ["ignore", "pipe", "ignore"] });
  await new Promise<void>((resolve, reject) => {
    serving.once("exit", (code) => reject(new Error(`The server ended with ${code}.`)));
    serving.stdout?.on("data", (text) => {
      if (String(text).includes("HTTP")) resolve();
    });
  });
  browser = await Browser.start();
}, LIMIT);

after(async () => {
  await browser.stop();
  serving.removeAllListeners("exit");
  serving.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Shows a draft by its place in the list. */
async function turnsTo(who: Reviewer, draft: number): Promise<void> {
  await who.clicks("button", `Draft ${draft}`);
  await who.seesPictures();
}

/** Decides on the draft that is shown, and reads that it was taken. */
async function decides(who: Reviewer, draft: number, choice: "Approve" | "Reject"): Promise<void> {
  await turnsTo(who, draft);
  await who.clicks("button", choice);
  await who.sees(`Draft ${draft}, Version 1: ${choice}`);
}

test("a master, five headlines and three formats become fourteen finals and one that somebody has to look at, and nothing is painted twice", LIMIT, async () => {
  const drafts = await inlay<Batch>(0, "batch", "plan.toml");
  assert.deepEqual([drafts.done, drafts.painted], [CELLS.length, CELLS.length]);
  const [headline] = drafts.controlled.filter(({ axis }) => axis === "headline");
  assert.deepEqual([headline?.pairs, headline?.differing], [30, 0]);
  const morning = await evening();

  const { review_id: id, links } = await inlay<{ review_id: string; links: readonly { url: string }[] }>(0, "review", "share", "out/plan-manifest.jsonl", "--name", "Autumn", "--for", "Ada", "--for", "Ben");
  const [ada, ben] = await Promise.all(links.map(async ({ url }) => Reviewer.at(await browser.another(), url))) as [Reviewer, Reviewer];
  await Promise.all([ada.seesPictures(), ben.seesPictures()]);
  await turnsTo(ada, REJECTED + 1);
  await ada.clicks("button", "About the whole");
  await ada.types(WORDS);
  await ada.clicks("button", "Pin");
  await ada.sees("Your pin is set.");
  await decides(ada, REJECTED + 1, "Reject");
  await turnsTo(ben, REJECTED + 1);
  await ben.sees(WORDS);
  for (const [at] of CELLS.entries()) if (at !== REJECTED) await decides(at % 2 === 0 ? ada : ben, at + 1, "Approve");
  for (;;) {
    const { drafts } = await inlay<{ drafts: readonly { final?: { state: string } | null }[] }>(0, "review", "show", id);
    if (drafts.filter(({ final }) => final?.state === "done").length === CELLS.length - 1) break;
  }
  assert.deepEqual([ada.browser.errors, ben.browser.errors], [[], []]);

  const finals = await inlay<Batch>(5, "batch", "plan.toml", "--approved", id);
  assert.deepEqual([finals.painted, finals.done, finals.flagged], [CELLS.length - 1, CELLS.length - 1, 1]);
  const turned = finals.records[REJECTED];
  assert.deepEqual([turned?.verdict, turned?.state, turned?.error], ["rejected", "flagged", `Ada: ${WORDS}`]);
  assert.deepEqual(finals.records.filter((_, at) => at !== REJECTED).map(({ verdict, outside_identical: same }) => [verdict, same]), Array.from({ length: CELLS.length - 1 }, () => ["approved", true]));
  assert.equal(finals.controlled.find(({ axis }) => axis === "headline")?.differing, 0);
  const signed = await inlay<readonly { term: string }[]>(0, "sign", ...CELLS.map((name) => `out/${name}.psd`));
  assert.deepEqual(new Set(signed.map(({ term }) => term)), new Set(["compositeWithTrainedAlgorithmicMedia"]));
  assert.equal((await inlay<{ verdict: { state: string } }>(0, "verify", `out/${CELLS[0]}.psd`)).verdict.state, "Trusted");

  const delivered = await evening();
  assert.deepEqual(Object.keys(delivered.files).sort(), [...CELLS].sort());
  assert.deepEqual(delivered.marks, [...CELLS].sort());
  for (const [at, name] of CELLS.entries()) {
    assert.equal(delivered.files[name] === morning.files[name], at === REJECTED, `${name}: only what was turned down is still the draft`);
    assert.equal(delivered.outside[name], 0, `${name}: outside of the backdrop nothing is another`);
    assert.equal(delivered.groups[name]?.length, 1);
    assert.equal(delivered.terms[name], "compositeWithTrainedAlgorithmicMedia");
  }
  const ratios = FORMATS.map((format) => delivered.sizes[`master_${format}_made`] ?? [0, 1]).map(([width, height]) => width / height);
  [1, 4 / 5, 16 / 9].forEach((wanted, at) => assert.ok(Math.abs((ratios[at] ?? 0) / wanted - 1) < 0.01, `${ratios[at]}`));
  assert.deepEqual(delivered.jobs, { draft: CELLS.length, final: CELLS.length - 1 });

  const again = await inlay<Batch>(5, "batch", "plan.toml", "--approved", id);
  const onceMore = await inlay<Batch>(5, "batch", "plan.toml");
  assert.deepEqual([again.painted, onceMore.painted], [0, 0]);
  const night = await evening();
  assert.deepEqual([night.files, night.jobs, night.painted], [delivered.files, delivered.jobs, delivered.painted]);

  const report = await inlay<{ total?: { tries: number; finals: number } }>(0, "report");
  assert.deepEqual([report.total?.tries, report.total?.finals], [CELLS.length, CELLS.length - 1]);
});
