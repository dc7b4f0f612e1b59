/** A Line over the contract's calls. */

import type { Job, JobEvent } from "../gen/inlay/v1/job_pb";
import { Rating } from "../gen/inlay/v1/job_pb";
import type { PlanEditResponse, ProbeRegionResponse } from "../gen/inlay/v1/inlay_pb";
import type { Raster } from "../gen/inlay/v1/raster_pb";
import type { Recipe } from "../gen/inlay/v1/recipe_pb";
import type { PlanQuestion } from "../server";
import { download, missing, upload } from "./blobs";
import type { Calls } from "./calls";
import { TIER_NUMBERS, VERB_NUMBERS } from "./contract";
import { type Flow, follow, submit } from "./follow";
import type { Line, Lost, Progress } from "./line";
import { pause } from "./pause";
import { sha256Of } from "./sha256";
import { Trouble } from "./trouble";

const CANCEL_ATTEMPTS = 5;
const RETRY_MS = 1000;

export class ServerLine implements Line {
  profiles: ReadonlySet<string> = new Set();
  /** No stream is trusted before ProbeStream has shown that it flows. */
  readonly flow: Flow = { streams: false };

  /** `dropped` is told whenever a call finds the server gone. */
  constructor(
    readonly calls: Calls,
    private readonly dropped: () => void,
  ) {}

  get url(): string {
    return this.calls.url;
  }

  plan({ width, height, verb, tier, ...rest }: PlanQuestion, signal?: AbortSignal): Promise<PlanEditResponse> {
    const request = { document: { width, height }, verb: VERB_NUMBERS[verb], tier: TIER_NUMBERS[tier], ...rest };
    return this.calls.ask((methods, options) => methods.planEdit(request, options), signal);
  }

  probe(source: Raster, mask: Raster, targetColor: string, signal?: AbortSignal): Promise<ProbeRegionResponse> {
    return this.calls.ask((methods, options) => methods.probeRegion({ source, mask, targetColor }, options), signal);
  }

  nameOf(bytes: Uint8Array): Promise<string> {
    return sha256Of(bytes);
  }

  async missing(names: readonly string[], signal?: AbortSignal): Promise<ReadonlySet<string>> {
    return new Set((await missing(this.calls, names, signal)).keys());
  }

  async put(blobs: readonly Uint8Array[], signal?: AbortSignal, progress?: Progress): Promise<readonly string[]> {
    const names: string[] = [];
    for (const bytes of blobs) {
      names.push(await sha256Of(bytes));
    }
    await upload(this.calls, new Map(names.map((name, at) => [name, blobs[at] ?? new Uint8Array()])), signal, progress);
    return names;
  }

  get(name: string, signal?: AbortSignal, progress?: Progress): Promise<Uint8Array> {
    return download(this.calls, name, signal, progress);
  }

  submit(jobId: string, recipe: Recipe, label: string, signal?: AbortSignal, lost?: Lost): Promise<Job> {
    return submit(this.calls, jobId, recipe, label, signal, this.telling(lost));
  }

  events(jobId: string, afterSeq: number, signal?: AbortSignal, lost?: Lost): AsyncIterable<JobEvent> {
    return follow(this.calls, this.flow, jobId, afterSeq, signal, this.telling(lost));
  }

  async cancel(jobId: string): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        await this.calls.ask((methods, options) => methods.cancelJob({ jobId }, options));
        return;
      } catch (error) {
        if (!(error instanceof Trouble && error.isTransient) || failures === CANCEL_ATTEMPTS) {
          throw error;
        }
        await pause(RETRY_MS * failures);
      }
    }
  }

  async list(label: string): Promise<readonly Job[]> {
    const { jobs } = await this.calls.ask((methods, options) => methods.listJobs({ label }, options));
    return jobs;
  }

  rate(jobId: string, variation: number, isKept: boolean): void {
    const rating = isKept ? Rating.KEPT : Rating.REJECTED;
    this.calls.ask((methods, options) => methods.rateVariation({ jobId, variation, rating }, options)).catch(() => undefined);
  }

  private telling(lost: Lost | undefined): Lost {
    return (reason) => {
      this.dropped();
      lost?.(reason);
    };
  }
}
