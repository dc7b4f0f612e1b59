/** The contract's methods on one server: Connect, binary, over the fetch that is here. What goes wrong is Trouble. */

import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { InlayService } from "../gen/inlay/v1/inlay_pb";
import { troubleOf } from "./causes";
import { connectFetch } from "./fetch";
import { Cancelled, Trouble } from "./trouble";

export const CALL_MS = 30_000;

type Methods = Client<typeof InlayService>;

/** Calls to one server. */
export class Calls {
  readonly methods: Methods;

  /** url: scheme, host and port. token: sent as a bearer token; empty where the server asks for none. */
  constructor(
    readonly url: string,
    token: string,
    native: typeof fetch,
  ) {
    const introduce: Interceptor = (next) => (request) => {
      if (token !== "") {
        request.header.set("Authorization", `Bearer ${token}`);
      }
      return next(request);
    };
    const transport = createConnectTransport({
      baseUrl: url,
      useBinaryFormat: true,
      fetch: connectFetch(native, url),
      interceptors: [introduce],
    });
    this.methods = createClient(InlayService, transport);
  }

  /** One message there, one back. Rejects with Trouble, or Cancelled. */
  async ask<T>(
    call: (methods: Methods, options: { signal?: AbortSignal; timeoutMs: number }) => Promise<T>,
    signal?: AbortSignal,
    timeoutMs = CALL_MS,
  ): Promise<T> {
    if (signal?.aborted) {
      throw new Cancelled();
    }
    try {
      return await call(this.methods, { timeoutMs, ...(signal ? { signal } : {}) });
    } catch (error) {
      throw troubleOf(error, this.url, signal);
    }
  }

  /**
   * One message there, many back. `silenceMs`: the longest pause between two; a longer one is Trouble with the code
   * deadline_exceeded. Whoever stops early hangs up.
   */
  async *stream<T>(
    call: (methods: Methods, options: { signal: AbortSignal }) => AsyncIterable<T>,
    signal?: AbortSignal,
    silenceMs = CALL_MS,
  ): AsyncGenerator<T, void, undefined> {
    if (signal?.aborted) {
      throw new Cancelled();
    }
    const hangUp = new AbortController();
    const giveUp = (): void => {
      hangUp.abort();
    };
    signal?.addEventListener("abort", giveUp);
    try {
      const messages = call(this.methods, { signal: hangUp.signal })[Symbol.asyncIterator]();
      for (;;) {
        const message = await within(messages.next(), silenceMs, this.url);
        if (message.done) {
          return;
        }
        yield message.value;
      }
    } catch (error) {
      throw troubleOf(error, this.url, signal);
    } finally {
      signal?.removeEventListener("abort", giveUp);
      hangUp.abort();
    }
  }
}

async function within<T>(answer: Promise<T>, limitMs: number, url: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Trouble("deadline_exceeded", `${url} fell silent.`));
    }, limitMs);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
    answer.catch(() => undefined); // Nobody listens to it any more once the limit was passed.
  }
}
