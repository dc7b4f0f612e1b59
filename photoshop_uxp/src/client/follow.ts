/**
 * Follows a submitted job to its end, over drops, sleep and restarts, without missing an event or seeing one twice: events are
 * numbered, so each question names the last one that was heard, whether it is a stream that answers or a long poll.
 */

import { protoInt64 } from "@bufbuild/protobuf";
import { type Job, type JobEvent, JobState } from "../gen/inlay/v1/job_pb";
import type { Recipe } from "../gen/inlay/v1/recipe_pb";
import { type Calls, CALL_MS } from "./calls";
import type { Lost } from "./line";
import { pause } from "./pause";
import { Trouble } from "./trouble";

/** A stream that says nothing for so long is checked by a question: it may have died, or be held back, without a word. */
const SILENCE_MS = 15_000;
const POLL_WAIT_MS = 20_000;
/** The question that checks a silent stream. */
const CHECK_WAIT_MS = 0;
const RETRY_MS = [300, 1000, 2000, 3000] as const;
const ENDED: readonly JobState[] = [JobState.DONE, JobState.FAILED, JobState.CANCELLED];
const LAST_EVENTS: readonly (string | undefined)[] = ["done", "failed", "cancelled"];

/** Hands a recipe over until the server took it. */
export async function submit(
  calls: Calls,
  jobId: string,
  recipe: Recipe,
  label: string,
  signal?: AbortSignal,
  lost?: Lost,
): Promise<Job> {
  for (let failures = 0; ; failures += 1) {
    try {
      const { job } = await calls.ask((methods, options) => methods.submitEdit({ jobId, recipe, label }, options), signal);
      if (!job) {
        throw new Trouble("internal", "The server took the edit and did not name its job.");
      }
      return job;
    } catch (error) {
      await ride(error, failures, signal, lost);
    }
  }
}

/** Whether events come through on a stream as they are sent: known from ProbeStream, and unlearned when one is held back. */
export interface Flow {
  streams: boolean;
}

/** Each event after a number, until the job's last one. Rejects with Trouble where the server does not know the job. */
export async function* follow(
  calls: Calls,
  flow: Flow,
  jobId: string,
  afterSeq: number,
  signal?: AbortSignal,
  lost?: Lost,
): AsyncGenerator<JobEvent, void, undefined> {
  let seq = afterSeq;
  let failures = 0;
  let doubt: "none" | "silent" | "dropped" = "none";
  for (;;) {
    const before = seq;
    let hasEnded = false;
    const isStream: boolean = flow.streams && doubt === "none";
    const events = isStream
      ? streamed(calls, jobId, seq, signal)
      : polled(calls, jobId, seq, flow.streams ? CHECK_WAIT_MS : POLL_WAIT_MS, signal);
    try {
      for (let next = await events.next(); ; next = await events.next()) {
        failures = 0;
        if (next.done) {
          hasEnded = next.value;
          break;
        }
        if (Number(next.value.seq) > seq) {
          seq = Number(next.value.seq);
          yield next.value;
        }
      }
      if (isStream ? seq === before : doubt === "silent" && seq > before) {
        flow.streams = false; // It ended early without a word, or was silent while there was something to say.
      }
      if (hasEnded) {
        return;
      }
      doubt = isStream ? "dropped" : "none";
    } catch (error) {
      if (isStream && error instanceof Trouble && error.code === "deadline_exceeded") {
        doubt = "silent";
      } else {
        doubt = isStream ? "dropped" : "none";
        await ride(error, failures, signal, lost);
        failures += 1;
      }
    } finally {
      await events.return(false);
    }
  }
}

/** Yields events as they come; returns whether the job has ended. */
async function* streamed(calls: Calls, jobId: string, seq: number, signal?: AbortSignal): AsyncGenerator<JobEvent, boolean, undefined> {
  const request = { jobId, afterSeq: protoInt64.uParse(seq) };
  for await (const { event } of calls.stream((methods, options) => methods.watchJob(request, options), signal, SILENCE_MS)) {
    if (event) {
      yield event;
      if (LAST_EVENTS.includes(event.event.case)) {
        return true;
      }
    }
  }
  return false;
}

/** Yields the events that there are, or the first ones within `waitMs`; returns whether the job has ended. */
async function* polled(
  calls: Calls,
  jobId: string,
  seq: number,
  waitMs: number,
  signal?: AbortSignal,
): AsyncGenerator<JobEvent, boolean, undefined> {
  const request = { jobId, afterSeq: protoInt64.uParse(seq), waitMs };
  const { events, state } = await calls.ask((methods, options) => methods.pollJob(request, options), signal, waitMs + CALL_MS);
  yield* events;
  return ENDED.includes(state);
}

/** Waits before another attempt; throws what no attempt can mend. */
async function ride(error: unknown, failures: number, signal?: AbortSignal, lost?: Lost): Promise<void> {
  if (!(error instanceof Trouble) || !error.isTransient) {
    throw error;
  }
  lost?.(error.reason);
  await pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0, signal);
}
