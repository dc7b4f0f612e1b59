/** The line to a server, as an edit needs it. One line is one server: whoever began an edit on it finishes it there. */

import type { PlanEditResponse, ProbeRegionResponse } from "../gen/inlay/v1/inlay_pb";
import { type Event, type Job, Rating } from "../gen/inlay/v1/job_pb";
import type { Raster } from "../gen/inlay/v1/raster_pb";
import type { Recipe } from "../gen/inlay/v1/recipe_pb";
import type { PlanQuestion } from "../planning";
import { download, missing, type Progress, upload } from "./blobs";
import type { Calls } from "./connect";
import { follow, type Lost, submit } from "./follow";
import { pause, type Stop } from "./pause";
import { sha256Of } from "./sha256";
import { Trouble } from "./trouble";

const CANCEL_ATTEMPTS = 5;
const RETRY_MS = 1000;

/**
 * Every method rejects with Trouble (trouble.ts), whose message names reason and cure, or with Cancelled once `signal` is
 * aborted. Drops are ridden out where nothing is lost by it: put, get and cancel try a few times, submit and events until the
 * server is back.
 */
export class Line {
  /** Profile names that the server knows without ICC bytes; empty before the first answer. */
  profiles: ReadonlySet<string> = new Set();

  /** `dropped` is told whenever a call finds the server gone. */
  constructor(
    readonly calls: Calls,
    private readonly dropped: () => void,
  ) {}

  /** Scheme, host and port. */
  get url(): string {
    return this.calls.url;
  }

  /** The window to capture. */
  plan({ width, height, verb, tier, ...rest }: PlanQuestion, signal?: Stop, locale = ""): Promise<PlanEditResponse> {
    const request = { document: { width, height }, verb, tier, locale, ...rest };
    return this.calls.call("planEdit", request, signal);
  }

  /** What colour pixels have under a mask, both at the server; `targetColor` as in a recipe, empty: none. */
  probe(source: Raster, mask: Raster, targetColor: string, signal?: Stop): Promise<ProbeRegionResponse> {
    return this.calls.call("probeRegion", { source, mask, targetColor }, signal);
  }

  /** SHA-256 of bytes as 64 lower-case hex digits: a blob's name. Lets the editor breathe in between. */
  nameOf(bytes: Uint8Array): Promise<string> {
    return sha256Of(bytes);
  }

  /** Those of the blobs that the server lacks. */
  async missing(names: readonly string[], signal?: Stop): Promise<ReadonlySet<string>> {
    return new Set((await missing(this.calls, names, signal)).keys());
  }

  /** Sends what the server lacks, hash first, in chunks, resuming what broke off. Returns the blobs' names, in order. */
  async put(blobs: readonly Uint8Array[], signal?: Stop, progress?: Progress): Promise<readonly string[]> {
    const names: string[] = [];
    for (const bytes of blobs) {
      names.push(await sha256Of(bytes));
    }
    await upload(this.calls, new Map(names.map((name, at) => [name, blobs[at] ?? new Uint8Array()])), signal, progress);
    return names;
  }

  /** A blob, verified by its name, resumed after a drop. */
  get(name: string, signal?: Stop, progress?: Progress): Promise<Uint8Array> {
    return download(this.calls, name, signal, progress);
  }

  /** Hands a recipe over until the server took it; the same id again is the same job. `jobId`: a UUID of the caller's. */
  submit(jobId: string, recipe: Recipe, label: string, signal?: Stop, lost?: Lost): Promise<Job> {
    return submit(this.calls, jobId, recipe, label, signal, this.telling(lost));
  }

  /** Each event of a job after a number, in order and once, until its last one. */
  events(jobId: string, afterSeq: number, signal?: Stop, lost?: Lost): AsyncIterable<Event> {
    return follow(this.calls, jobId, afterSeq, signal, this.telling(lost));
  }

  /** Takes a job back. */
  async cancel(jobId: string): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        await this.calls.call("cancelJob", { jobId });
        return;
      } catch (error) {
        if (!(error instanceof Trouble && error.isTransient) || failures === CANCEL_ATTEMPTS) throw error;
        await pause(RETRY_MS * failures);
      }
    }
  }

  /** Jobs with this label, newest first. */
  async list(label: string): Promise<readonly Job[]> {
    return (await this.calls.call("listJobs", { label })).jobs;
  }

  /** Tells what became of a variation; what goes wrong is nobody's concern. */
  rate(jobId: string, variation: number, isKept: boolean): void {
    const rating = isKept ? Rating.KEPT : Rating.REJECTED;
    this.calls.call("rateVariation", { jobId, variation, rating }).catch(() => undefined);
  }

  private telling(lost: Lost | undefined): Lost {
    return (reason) => {
      this.dropped();
      lost?.(reason);
    };
  }
}
