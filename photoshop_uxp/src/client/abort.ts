/**
 * AbortController and AbortSignal with events (https://dom.spec.whatwg.org/#aborting-ongoing-activities): UXP has both, but
 * documents no events on its signal, and Connect listens.
 */

type Listener = (this: Signal, event: { readonly type: "abort"; readonly target: Signal }) => void;

/** What this JavaScript came with; the only kind of signal that its fetch understands. */
export const NativeAbortController: typeof AbortController | undefined =
  typeof AbortController === "function" ? AbortController : undefined;

class Signal {
  aborted = false;
  reason: unknown = undefined;
  onabort: Listener | null = null;
  private readonly listeners = new Set<Listener>();

  addEventListener(type: string, listener: Listener): void {
    if (type === "abort") {
      this.listeners.add(listener);
    }
  }

  removeEventListener(_type: string, listener: Listener): void {
    this.listeners.delete(listener);
  }

  throwIfAborted(): void {
    if (this.aborted) {
      throw this.reason;
    }
  }

  /** For the controller only. */
  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    const listeners = Array.from(this.listeners);
    this.listeners.clear();
    for (const listener of [...listeners, this.onabort]) {
      listener?.call(this, { type: "abort", target: this });
    }
  }
}

class Controller {
  readonly signal = new Signal();

  abort(reason?: unknown): void {
    if (!this.signal.aborted) {
      this.signal.abort(reason ?? Object.assign(new Error("This operation was aborted."), { name: "AbortError" }));
    }
  }
}

export { Controller as EventfulController, Signal as EventfulSignal };
