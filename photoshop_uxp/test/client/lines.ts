/** Lines to a server on which every request can be watched, changed or refused, and what tests ask of the jobs on them. */

import { get, missing, type Progress, put } from "../../src/client/blobs";
import { Calls } from "../../src/client/connect";
import { follow, insist, type Lost } from "../../src/client/follow";
import type { Stop } from "../../src/client/pause";
import type { Event, Job } from "../../src/gen/inlay/v1/job_pb";
import type { Patch, Recipe, Variation } from "../../src/gen/inlay/v1/recipe_pb";
import { mask, pixels, recipeOf } from "./edits";

const PATIENCE_MS = 60_000;

/** What a test does to a request: `send` passes it on. */
export type Intercept = (method: string, send: () => Promise<Response>, init: RequestInit | undefined) => Promise<Response>;

/** The client's functions on one line. */
export class Line {
  constructor(readonly calls: Calls) {}

  put = (blobs: readonly Uint8Array[], signal?: Stop, progress?: Progress) => put(this.calls, blobs, signal, progress);
  get = (name: string, signal?: Stop, progress?: Progress) => get(this.calls, name, signal, progress);
  missing = async (names: readonly string[]) => new Set((await missing(this.calls, names)).keys());
  events = (jobId: string, afterSeq: number, signal?: Stop, lost?: Lost) => follow(this.calls, jobId, afterSeq, "", signal, lost);
  list = async (label: string): Promise<readonly Job[]> => (await this.calls.call("listJobs", { label })).jobs;
  submit = async (jobId: string, recipe: Recipe, label: string, signal?: Stop, lost?: Lost): Promise<Job | undefined> =>
    (await insist(this.calls, () => this.calls.call("submitEdit", { jobId, recipe, label }, signal), signal, lost)).job;
}

export function lineTo(url: string, intercept: Intercept = (_, send) => send()): Line {
  const native: typeof fetch = (input, init) =>
    intercept((input as string).split("/").pop() ?? "", () => fetch(input, init), init);
  return new Line(new Calls(url, "", native));
}

/** The id of a small edit that was sent. */
export async function submitted(line: Line, prompt = "", count = 2): Promise<string> {
  const [source = "", selection = ""] = await line.put([pixels(), mask()]);
  const jobId = crypto.randomUUID();
  await line.submit(jobId, recipeOf(source, selection, prompt, count), "a document");
  return jobId;
}

export async function all(events: AsyncIterable<Event>): Promise<Event[]> {
  const heard: Event[] = [];
  for await (const event of events) {
    heard.push(event);
  }
  return heard;
}

export function kinds(events: readonly Event[]): (string | undefined)[] {
  return events.map(({ happening }) => happening.case);
}

export function numbers(events: readonly Event[]): number[] {
  return events.map(({ seq }) => Number(seq));
}

export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await isSo()); await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (Date.now() > end) {
      throw new Error(`Not so: ${what}.`);
    }
  }
}

/** What a variation shows in its region. */
export function patchOf(variation: Variation | undefined): Patch | undefined {
  return variation?.result.case === "patch" ? variation.result.value : undefined;
}
