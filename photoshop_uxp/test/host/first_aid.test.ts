/** The script that a volunteer runs: on the fake it asks all of its questions, answers each, and leaves nothing open. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

import { FakePhotoshop } from "../fake/photoshop";
import { LIKELY, type Switches } from "../fake/switches";

type FirstAid = (photoshop: object, uxp: object, globals: object) => Promise<string>;

/** Photoshop runs the file as the body of an async function. */
function firstAid(): FirstAid {
  const source = readFileSync(join(process.cwd(), "first-aid.psjs"), "utf8").replace(/^await tellFirstAid\(\);$/m, "return firstAid;");
  return (photoshop, uxp, globals) => (runInNewContext(`(async () => {${source}\n})()`, { Uint8Array }) as Promise<FirstAid>).then((run) => run(photoshop, uxp, globals));
}

async function report(switches: Partial<Switches>): Promise<{ fake: FakePhotoshop; line: (number: string) => string }> {
  const fake = new FakePhotoshop({ ...LIKELY, ...switches });
  const fetched = (url: string): Promise<object> => (url.includes("localhost") ? Promise.resolve({ status: 200 }) : Promise.reject(new Error("refused")));
  const text = await firstAid()(fake.module, { host: { version: "26.0.0" } }, { fetch: fetched });
  return { fake, line: (number) => text.split("\n").find((one) => one.startsWith(`${number} `)) ?? "" };
}

test("every question gets an answer, and the script's own document is closed", async () => {
  const { fake, line } = await report({});
  assert.match(line("1a"), /letters, digits and underscores/);
  assert.match(line("1b"), /: kept$/);
  assert.match(line("2"), /: \{\}$/);
  assert.match(line("3"), /Gray Gamma 2\.2, 8 bit/);
  assert.match(line("4"), /from \d+: .*32 64 96 128 160 192 224/);
  assert.match(line("5"), /: passThrough \/ normal/);
  assert.match(line("6"), /: artboard, layers there, a group is group/);
  assert.match(line("7"), /Ramp Maske.*RGB/);
  assert.match(line("8"), /127\.0\.0\.1.*: threw refused/);
  assert.match(line("0"), /made and closed/);
  assert.deepEqual([fake.documents.length, fake.images, fake.violations.length], [0, 0, 0]);
});

test("a question that throws does not stop the next", async () => {
  const { line } = await report({ missingNote: "rejects", failedCommand: "rejects", maskProfile: "Dot Gain 15%", groupBlend: "normal" });
  assert.match(line("2"), /threw The command “Get” is not currently available/);
  assert.match(line("3"), /Dot Gain 15%/);
  assert.match(line("5"), /normal \/ normal/);
  assert.match(line("7"), /Ramp Maske/);
});
