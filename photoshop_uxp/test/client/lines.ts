/** Lines to a server on which every request can be watched, changed or refused, and what tests ask of the jobs on them. */

import { randomUUID } from "node:crypto";
import { Calls } from "../../src/client/connect";
import { Line } from "../../src/client/line";
import type { Event } from "../../src/gen/inlay/v1/job_pb";
import { mask, pixels, recipeOf } from "./edits";

const PATIENCE_MS = 60_000;

/** What a test does to a request: `send` passes it on. */
export type Intercept = (method: string, send: () => Promise<Response>, init: RequestInit | undefined) => Promise<Response>;

export function lineTo(url: string, intercept: Intercept = (_, send) => send()): Line {
  const native: typeof fetch = (input, init) =>
    intercept((input as string).split("/").pop() ?? "", () => fetch(input, init), init);
  return new Line(new Calls(url, "", native), () => undefined);
}

/** The id of a small edit that was sent. */
export async function submitted(line: Line, prompt = "", count = 2): Promise<string> {
  const [source = "", selection = ""] = await line.put([pixels(), mask()]);
  const jobId = randomUUID();
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
