/** The line to a server, as an edit needs it. One line is one server: whoever began an edit on it finishes it there. */

import type { Job, JobEvent } from "../gen/inlay/v1/job_pb";
import type { PlanEditResponse, ProbeRegionResponse } from "../gen/inlay/v1/inlay_pb";
import type { Raster } from "../gen/inlay/v1/raster_pb";
import type { Recipe } from "../gen/inlay/v1/recipe_pb";
import type { PlanQuestion } from "../server";

/** Bytes that went or came, of how many. */
export type Progress = (done: number, total: number) => void;

/** Told each time the server cannot be reached while the call goes on trying; `reason` is a sentence for people. */
export type Lost = (reason: string) => void;

/**
 * Every method rejects with Trouble (client/trouble.ts), whose message names reason and cure, or with Cancelled once `signal`
 * is aborted. Drops are ridden out where nothing is lost by it: put, get and cancel try a few times, submit and events until
 * the server is back.
 */
export interface Line {
  /** Scheme, host and port. */
  readonly url: string;
  /** Profile names that the server knows without ICC bytes; empty before the first answer. */
  readonly profiles: ReadonlySet<string>;

  /** The window to capture. */
  plan(question: PlanQuestion, signal?: AbortSignal): Promise<PlanEditResponse>;

  /** What colour pixels have under a mask, both at the server; `targetColor` as in a recipe, empty: none. */
  probe(source: Raster, mask: Raster, targetColor: string, signal?: AbortSignal): Promise<ProbeRegionResponse>;

  /** SHA-256 of bytes as 64 lower-case hex digits: a blob's name. Lets the editor breathe in between. */
  nameOf(bytes: Uint8Array): Promise<string>;
  /** Those of the blobs that the server lacks. */
  missing(names: readonly string[], signal?: AbortSignal): Promise<ReadonlySet<string>>;
  /** Sends what the server lacks, hash first, in chunks, resuming what broke off. Returns the blobs' names, in order. */
  put(blobs: readonly Uint8Array[], signal?: AbortSignal, progress?: Progress): Promise<readonly string[]>;
  /** A blob, verified by its name, resumed after a drop. */
  get(name: string, signal?: AbortSignal, progress?: Progress): Promise<Uint8Array>;

  /** Hands a recipe over until the server took it; the same id again is the same job. `jobId`: a UUID of the caller's. */
  submit(jobId: string, recipe: Recipe, label: string, signal?: AbortSignal, lost?: Lost): Promise<Job>;
  /** Each event of a job after a number, in order and once, until its last one; streamed or polled, whatever gets through. */
  events(jobId: string, afterSeq: number, signal?: AbortSignal, lost?: Lost): AsyncIterable<JobEvent>;
  /** Takes a job back. */
  cancel(jobId: string): Promise<void>;
  /** Jobs with this label, newest first. */
  list(label: string): Promise<readonly Job[]>;
  /** Tells what became of a variation; what goes wrong is nobody's concern. */
  rate(jobId: string, variation: number, isKept: boolean): void;
}
