/** A ReadableStream for JavaScript without one: what Connect uses to cut a body into messages, and nothing else. */

interface StreamController {
  enqueue(chunk: unknown): void;
  close(): void;
  error(reason: unknown): void;
}

interface Source {
  start?(controller: StreamController): void;
  pull?(controller: StreamController): Promise<void> | void;
  cancel?(reason?: unknown): Promise<void> | void;
}

type Result = { readonly done: true; readonly value: undefined } | { readonly done: false; readonly value: unknown };

export class PulledStream {
  private readonly queue: unknown[] = [];
  private isClosed = false;
  private failure: { readonly reason: unknown } | null = null;
  private readonly controller: StreamController = {
    enqueue: (chunk) => {
      this.mustBeOpen();
      this.queue.push(chunk);
    },
    close: () => {
      this.mustBeOpen();
      this.isClosed = true;
    },
    error: (reason) => {
      this.failure ??= { reason };
    },
  };

  constructor(private readonly source: Source) {
    source.start?.(this.controller);
  }

  getReader(): { read(): Promise<Result>; cancel(reason?: unknown): Promise<void>; releaseLock(): void } {
    return {
      read: () => this.read(),
      cancel: async (reason) => {
        this.isClosed = true;
        this.queue.length = 0;
        await this.source.cancel?.(reason);
      },
      releaseLock: () => undefined,
    };
  }

  private mustBeOpen(): void {
    if (this.isClosed || this.failure) {
      throw new TypeError("The stream has ended.");
    }
  }

  private async read(): Promise<Result> {
    while (this.queue.length === 0 && !this.isClosed && !this.failure) {
      try {
        await this.source.pull?.(this.controller);
      } catch (reason) {
        if (!this.isClosed) {
          this.failure ??= { reason };
        }
      }
    }
    if (this.queue.length > 0) {
      return { done: false, value: this.queue.shift() };
    }
    if (this.failure) {
      throw this.failure.reason;
    }
    return { done: true, value: undefined };
  }
}
