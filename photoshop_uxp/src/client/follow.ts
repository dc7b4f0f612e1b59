/**
 * Follows a submitted job to its end, over drops, sleep and restarts, without missing an event or seeing one twice: events are
 * numbered, so each question names the last one that was heard.
 */

import { protoInt64 } from "@bufbuild/protobuf";
import type { PollJobResponse } from "../gen/inlay/v1/inlay_pb";
import { type Job, type Event, JobState } from "../gen/inlay/v1/job_pb";
import type { Recipe } from "../gen/inlay/v1/recipe_pb";
import type { Calls } from "./connect";
import { pause, type Stop } from "./pause";
import { Trouble } from "./trouble";

/** How long the server holds an answer back until something happens. Less than a call's longest time. */
const WAIT_MS = 20_000;
/** What happens within so long comes in one answer. */
const BREATH_MS = 50;
/** So many answers are held back at a time: a system may have six connections to a server, and the other calls need theirs. */
const MAX_WAITING = 3;
/** How often the others ask. */
const ASK_MS = 1000;
const RETRY_MS = [300, 1000, 2000, 3000] as const;
const ENDED: readonly JobState[] = [JobState.DONE, JobState.FAILED, JobState.CANCELLED];

/** Told each time the server cannot be reached while the call goes on trying; `reason` is a sentence for people. */
export type Lost = (reason: string) => void;

/** Hands a recipe over until the server took it. */
export async function submit(
  calls: Calls,
  jobId: string,
  recipe: Recipe,
  label: string,
  signal?: Stop,
  lost?: Lost,
): Promise<Job> {
  for (let failures = 0; ; failures += 1) {
    try {
      const { job } = await calls.call("submitEdit", { jobId, recipe, label }, signal);
      if (!job) throw new Trouble("internal", "The server took the edit and did not name its job.");
      return job;
    } catch (error) {
      await ride(error, failures, signal, lost);
    }
  }
}

/** Each event after a number, until the job's last one. Rejects with Trouble where the server does not know the job. */
export async function* follow(
  calls: Calls,
  jobId: string,
  afterSeq: number,
  signal?: Stop,
  lost?: Lost,
): AsyncGenerator<Event, void, undefined> {
  let seq = afterSeq;
  let failures = 0;
  for (;;) {
    try {
      const { events, state } = await poll(calls, jobId, seq, signal);
      failures = 0;
      for (const event of events) {
        seq = Number(event.seq);
        yield event;
      }
      if (ENDED.includes(state)) return;
      await pause(BREATH_MS, signal);
    } catch (error) {
      await ride(error, failures, signal, lost);
      failures += 1;
    }
  }
}

/** The events after a number, or the first ones to come. */
async function poll(calls: Calls, jobId: string, seq: number, signal?: Stop): Promise<PollJobResponse> {
  const request = { jobId, afterSeq: protoInt64.uParse(seq) };
  if (calls.waiting >= MAX_WAITING) {
    const answer = await calls.call("pollJob", request, signal);
    await pause(answer.events.length === 0 ? ASK_MS : 0, signal);
    return answer;
  }
  calls.waiting += 1;
  try {
    return await calls.call("pollJob", { ...request, waitMs: WAIT_MS }, signal);
  } finally {
    calls.waiting -= 1;
  }
}

/** Waits before another attempt; throws what no attempt can mend. */
async function ride(error: unknown, failures: number, signal?: Stop, lost?: Lost): Promise<void> {
  if (!(error instanceof Trouble) || !error.isTransient) throw error;
  lost?.(error.reason);
  await pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0, signal);
}
