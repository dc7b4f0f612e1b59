/**
 * UXP's fetch as Connect needs it. Three things differ there: signals (only native ones, and no events), bodies (perhaps no
 * stream), and errors (one text for everything). Redirects are never followed, so nothing is said about them.
 */

import { NativeAbortController } from "./abort";
import { httpTrouble, networkTrouble } from "./causes";
import { Cancelled } from "./trouble";

const CONNECT_TYPES = ["application/proto", "application/connect+proto", "application/json"];

/** What of a Response is used. */
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body?: ReadableStream<Uint8Array> | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

interface Reader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
}

/** A fetch for createConnectTransport, on top of the one that is here. Rejects with Trouble. */
export function connectFetch(native: typeof fetch, origin: string): typeof fetch {
  return async (input, init = {}) => {
    const call = new Call(init.signal ?? undefined);
    const url = input as string; // Connect passes nothing else.
    try {
      const answer: Answer = await call.until(native(url, call.init(init)));
      const type = answer.headers.get("content-type") ?? "";
      if (!CONNECT_TYPES.some((known) => type.startsWith(known))) {
        throw httpTrouble(answer.status, origin);
      }
      return {
        status: answer.status,
        headers: answer.headers,
        body: bodyOf(answer, call, origin),
        arrayBuffer: () => call.finish(answer.arrayBuffer(), origin),
        json: async () => JSON.parse(new TextDecoder().decode(await call.finish(answer.arrayBuffer(), origin))) as unknown,
      } as unknown as Response;
    } catch (error) {
      call.end();
      throw networkTrouble(error, origin);
    }
  };
}

/** A call that its caller can give up, whatever the fetch below does about it. */
class Call {
  private readonly native = NativeAbortController ? new NativeAbortController() : null;
  private readonly gone: Promise<never>;
  private hasEnded = false;

  constructor(signal: AbortSignal | undefined) {
    this.gone = new Promise((_, reject) => {
      const giveUp = (): void => {
        reject(new Cancelled());
        if (!this.hasEnded) {
          this.native?.abort();
        }
      };
      if (signal?.aborted) {
        giveUp();
      } else {
        signal?.addEventListener("abort", giveUp);
      }
    });
    this.gone.catch(() => undefined);
  }

  /** What UXP's fetch knows of RequestInit. */
  init({ method, headers, body }: RequestInit): RequestInit {
    const plain: Record<string, string> = {};
    new Headers(headers).forEach((value, name) => {
      plain[name] = value;
    });
    return { method: method ?? "GET", headers: plain, body: body ?? null, ...(this.native ? { signal: this.native.signal } : {}) };
  }

  until<T>(answer: Promise<T>): Promise<T> {
    return Promise.race([answer, this.gone]);
  }

  async finish<T>(answer: Promise<T>, origin: string): Promise<T> {
    try {
      return await this.until(answer);
    } catch (error) {
      throw networkTrouble(error, origin);
    } finally {
      this.end();
    }
  }

  end(): void {
    this.hasEnded = true;
  }
}

/** The body as a stream; where there is none, as a stream of one chunk that comes when all of it arrived. */
function bodyOf(answer: Answer, call: Call, origin: string): { getReader(): Reader } {
  return {
    getReader() {
      const reader: Reader = answer.body?.getReader?.() ?? wholeBody(answer);
      return {
        async read() {
          try {
            const part = await call.until(reader.read());
            if (part.done) {
              call.end();
            }
            return part;
          } catch (error) {
            throw networkTrouble(error, origin);
          }
        },
        cancel: (reason) => reader.cancel(reason),
      };
    },
  };
}

function wholeBody(answer: Answer): Reader {
  let isRead = false;
  return {
    async read() {
      if (isRead) {
        return { done: true };
      }
      isRead = true;
      return { done: false, value: new Uint8Array(await answer.arrayBuffer()) };
    },
    cancel: () => Promise.resolve(),
  };
}
