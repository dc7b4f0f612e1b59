/** Whether messages of a stream arrive as they are sent: some hosts and proxies collect an answer and hand it over whole. */

import type { Calls } from "./calls";
import { Trouble } from "./trouble";

const COUNT = 3;
const INTERVAL_MS = 150;
const SILENCE_MS = 4_000;

/** Milliseconds between the arrival of the first and of the last of `COUNT` small events. Rejects with Trouble. */
export async function probeStream(calls: Calls, signal?: AbortSignal): Promise<number> {
  const arrivals: number[] = [];
  const request = { count: COUNT, intervalMs: INTERVAL_MS };
  for await (const _ of calls.stream((methods, options) => methods.probeStream(request, options), signal, SILENCE_MS)) {
    arrivals.push(Date.now());
  }
  return (arrivals[arrivals.length - 1] ?? 0) - (arrivals[0] ?? 0);
}

/** Whether so much time between them means that they flow. */
export function flows(spreadMs: number): boolean {
  return spreadMs > ((COUNT - 1) * INTERVAL_MS) / 2;
}

/** The verdict; a stream that fails is none. */
export async function doesStream(calls: Calls, signal?: AbortSignal): Promise<boolean> {
  try {
    return flows(await probeStream(calls, signal));
  } catch (error) {
    if (error instanceof Trouble) {
      return false;
    }
    throw error;
  }
}
