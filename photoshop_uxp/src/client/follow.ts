/**
 * A job from its submission to its end, over drops, sleep and restarts, without missing an event or seeing one twice: events are
 * numbered, so each question names the last one that was heard.
 */

import { protoInt64 } from "@bufbuild/protobuf";
import type { PollJobResponse } from "../gen/inlay/v1/inlay_pb";
import { type Event, JobState } from "../gen/inlay/v1/job_pb";
import type { Calls, Line } from "./connect";
import { pause, type Stop } from "./pause";
import { Trouble } from "./trouble";

/** How long the server holds an answer back until something happens. Less than a call's longest time. */
const WAIT_MS = 20_000;
/** What happens within so long comes in one answer. */
export const BREATH_MS = 50;
/** So many answers are held back at a time: a system may have six connections to a server, and the other calls need theirs. */
const MAX_WAITING = 3;
/** How often the others ask. */
const ASK_MS = 1000;
const RETRY_MS = [300, 1000, 2000, 3000] as const;
const CANCEL_ATTEMPTS = 8;
const ENDED: readonly JobState[] = [JobState.DONE, JobState.FAILED, JobState.CANCELLED];

/** Told each time the server cannot be reached while the call goes on trying; `reason` is a sentence for people. */
export type Lost = (reason: string) => void;

/**
 * Asks until the server answers, so that a job is handed over however often the line is lost: the same id is the same job. Throws
 * what no attempt can mend, and what the last of `attempts` met.
 */
export async function insist<T>(calls: Line, ask: () => Promise<T>, signal?: Stop, lost?: Lost, attempts = Infinity): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await ask();
    } catch (error) {
      failures += 1;
      if (!(error instanceof Trouble) || !error.isTransient || failures >= attempts) throw error;
      calls.dropped();
      lost?.(error.reason);
      await pause(RETRY_MS[Math.min(failures, RETRY_MS.length) - 1] ?? 0, signal);
    }
  }
}

/** The same line, on which every question is asked until the server answers, or `signal` is aborted. */
export function persistent(line: Line, signal: Stop, lost: Lost): Line {
  const call: Line["call"] = (method, request, own = signal, timeoutMs?) => insist(line, () => line.call(method, request, own, timeoutMs), signal, lost);
  return { call, dropped: line.dropped, profiles: line.profiles };
}

/** Each event after a number, until the job's last one. Rejects with Trouble where the server does not know the job. */
export async function* follow(calls: Calls, jobId: string, afterSeq: number, locale = "", signal?: Stop, lost?: Lost): AsyncGenerator<Event, void, undefined> {
  let seq = afterSeq;
  for (;;) {
    const { events, state } = await insist(calls, () => poll(calls, jobId, seq, locale, signal), signal, lost);
    for (const event of events) {
      seq = Number(event.seq);
      yield event;
    }
    if (ENDED.includes(state)) return;
    await pause(BREATH_MS, signal);
  }
}

/** The events after a number, or the first ones to come. */
function poll(calls: Calls, jobId: string, seq: number, locale: string, signal?: Stop): Promise<PollJobResponse> {
  const request = { jobId, afterSeq: protoInt64.uParse(seq), locale };
  return heldBack(calls, (waitMs) => calls.call("pollJob", { ...request, waitMs }, signal), signal);
}

/** Asks for events so that the answer is held back until there are some, unless too many answers are; then it comes within a second. */
export async function heldBack<T extends { readonly events: readonly unknown[] }>(calls: Calls, ask: (waitMs: number) => Promise<T>, signal?: Stop): Promise<T> {
  if (calls.waiting >= MAX_WAITING) {
    const answer = await ask(0);
    await pause(answer.events.length === 0 ? ASK_MS : 0, signal);
    return answer;
  }
  calls.waiting += 1;
  try {
    return await ask(WAIT_MS);
  } finally {
    calls.waiting -= 1;
  }
}

/** Takes a job back; a server that cannot be reached for long ends it by itself, and nobody asks for it. */
export async function takeBack(calls: Calls, jobId: string): Promise<void> {
  await insist(calls, () => calls.call("cancelJob", { jobId }), undefined, undefined, CANCEL_ATTEMPTS).catch(() => undefined);
}
