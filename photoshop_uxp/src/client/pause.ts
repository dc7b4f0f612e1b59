/** Waiting, and giving up. */

import { Cancelled } from "./trouble";

/** A wish to give something up, which whoever works on it looks at or is told of: UXP's own AbortSignal may have no events. */
export class Stop {
  aborted = false;
  private readonly listeners = new Set<() => void>();

  abort(): void {
    this.aborted = true;
    Array.from(this.listeners).forEach((listener) => listener());
  }

  /** Calls once it is aborted; returns what ends that. */
  on(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

/** Resolves after a while; rejects with Cancelled as soon as `signal` is aborted. */
export function pause(ms: number, signal?: Stop): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new Cancelled());
      return;
    }
    const forget = signal?.on(() => {
      clearTimeout(timer);
      reject(new Cancelled());
    });
    const timer = setTimeout(() => {
      forget?.();
      resolve();
    }, ms);
  });
}
