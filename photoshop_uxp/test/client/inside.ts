/** A whole job as the plugin's own scripts do it; bundled, and run inside a context like UXP's. */

import { Stop } from "../../src/client/pause";
import { FEATURES } from "../../self_test/features";
import "../../src/client/polyfills";
import { Calls } from "../../src/client/connect";
import { takeBack } from "../../src/client/follow";
import { sha256Of } from "../../src/client/sha256";
import { Cancelled } from "../../src/client/trouble";
import { mask, noise, pixels, recipeOf } from "./edits";
import { Line, patchOf } from "./lines";

/** What came of it. */
export interface Report {
  readonly features: Readonly<Record<string, boolean>>;
  readonly events: readonly string[];
  readonly numbers: readonly number[];
  readonly received: readonly number[];
  readonly hash: string;
  readonly gaveUp: boolean;
  readonly refusal: string;
}

async function report(url: string, jobId: string, otherJobId: string): Promise<string> {
  const line = new Line(new Calls(url, "", (input, init) => fetch(input, init)));
  const [source = "", selection = ""] = await line.put([pixels(3), mask(), noise(2_500_000, 4)]);
  await line.submit(jobId, recipeOf(source, selection, "„gemütlich“ 🏮"), "inside");
  const events: string[] = [];
  const numbers: number[] = [];
  const received: number[] = [];
  for await (const { seq, happening: event } of line.events(jobId, 0)) {
    events.push(String(event.case));
    numbers.push(Number(seq));
    if (event.case === "variation") {
      received.push((await line.get(patchOf(event.value.variation)?.pixels?.blob ?? "")).length);
    }
  }
  return JSON.stringify({
    features: FEATURES,
    events,
    numbers,
    received,
    hash: await sha256Of(new Uint8Array([97, 98, 99])),
    gaveUp: await givesUp(line, otherJobId, recipeOf(source, selection, "slow")),
    refusal: await line.get("0".repeat(64)).then(String, String),
  } satisfies Report);
}

/** Whether an edit that is given up ends here, and at the server once it is cancelled. */
async function givesUp(line: Line, jobId: string, recipe: Parameters<Line["submit"]>[1]): Promise<boolean> {
  await line.submit(jobId, recipe, "inside");
  const controller = new Stop();
  const caught = (async () => {
    for await (const _ of line.events(jobId, 0, controller));
    return null;
  })().catch((error: unknown) => error);
  setTimeout(() => {
    controller.abort();
  }, 300);
  const gaveUp = (await caught) instanceof Cancelled;
  await takeBack(line.calls, jobId);
  return gaveUp;
}

Object.assign(globalThis, { report });
