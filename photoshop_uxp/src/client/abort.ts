/** AbortController and AbortSignal with events, for a UXP that documents none on its own: https://dom.spec.whatwg.org/#aborting-ongoing-activities. */

/** What this JavaScript came with; the only kind of signal that its fetch understands. */
export const NativeAbortController: typeof AbortController | undefined =
  typeof AbortController === "function" ? AbortController : undefined;

export class EventfulSignal {
  aborted = false;
  private readonly listeners = new Set<() => void>();

  addEventListener(_: "abort", listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_: "abort", listener: () => void): void {
    this.listeners.delete(listener);
  }

  /** For the controller only. */
  abort(): void {
    this.aborted = true;
    const listeners = Array.from(this.listeners);
    this.listeners.clear();
    listeners.forEach((listener) => listener());
  }
}

export class EventfulController {
  readonly signal = new EventfulSignal();

  abort(): void {
    if (!this.signal.aborted) {
      this.signal.abort();
    }
  }
}
