/**
 * A JavaScript context like UXP's: its own realm, no code from strings, a fetch that takes no more than UXP documents, and
 * without whatever else a test takes away (facts from Adobe's UXP reference and from other plugins' bug reports).
 */

import { createContext, runInContext } from "node:vm";
import { buildSync } from "esbuild";
import { script } from "../../script.mjs";

/** What UXP may lack; each of them, and all together, must not matter. */
export const LACKS = [
  "nothing else",
  "TextEncoder and TextDecoder",
  "AbortSignal events",
  "AbortController",
  "streams",
  "crypto.subtle",
  "BigInt",
] as const;
export type Lack = (typeof LACKS)[number];

const FETCH_KEYS = ["method", "headers", "body", "signal"];

/** An AbortSignal as UXP documents it: a state, and no events. */
class MuteController {
  private readonly native = new AbortController();
  readonly signal = new MuteSignal(this.native.signal);
  abort(): void {
    this.native.abort();
  }
}

class MuteSignal {
  readonly native: () => AbortSignal;
  constructor(signal: AbortSignal) {
    this.native = () => signal;
  }
  get aborted(): boolean {
    return this.native().aborted;
  }
}

/** Fetch as strict as UXP's might be. Whatever was asked is in `asked`. */
function strictFetch(lacking: ReadonlySet<Lack>): typeof fetch {
  return async (input, init = {}) => {
    const strangers = Object.keys(init).filter((key) => !FETCH_KEYS.includes(key));
    if (strangers.length > 0) {
      throw new TypeError(`fetch does not know ${strangers.join(", ")}`);
    }
    const { signal, ...rest } = init;
    const isNative = signal instanceof AbortSignal || (signal as unknown) instanceof MuteSignal;
    if (signal !== undefined && !isNative) {
      throw new TypeError("The signal is none of the host's.");
    }
    const native = (signal as unknown) instanceof MuteSignal ? (signal as unknown as MuteSignal).native() : signal;
    let response: Response;
    try {
      response = await fetch(input, { ...rest, ...(native ? { signal: native } : {}) });
    } catch {
      throw new TypeError("Network request failed");
    }
    if (lacking.has("streams")) {
      const { status, headers, ok } = response;
      return { status, headers, ok, arrayBuffer: () => response.arrayBuffer() } as Response;
    }
    return response;
  };
}

/** The globals of a UXP that lacks these. */
function globalsWithout(lacking: ReadonlySet<Lack>): Record<string, unknown> {
  const globals: Record<string, unknown> = {
    fetch: strictFetch(lacking),
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    console,
    navigator: { platform: "Win32" },
  };
  if (!lacking.has("TextEncoder and TextDecoder")) {
    Object.assign(globals, { TextEncoder, TextDecoder });
  }
  if (!lacking.has("AbortController")) {
    const isMute = lacking.has("AbortSignal events");
    Object.assign(globals, isMute ? { AbortController: MuteController, AbortSignal: MuteSignal } : { AbortController, AbortSignal });
  }
  if (!lacking.has("streams")) {
    globals["ReadableStream"] = ReadableStream;
  }
  const { subtle } = crypto;
  globals["crypto"] = {
    getRandomValues: (array: Uint8Array) => crypto.getRandomValues(array),
    randomUUID: () => crypto.randomUUID(),
    ...(lacking.has("crypto.subtle") ? {} : { subtle }),
  };
  return globals;
}

/** What english.mjs says: the tests are built with it too. */
declare const ENGLISH: Readonly<Record<string, string>>;

/** A UXP that lacks these: runs classic scripts, one after the other, and returns the last one's globals. */
export function runInUxp(scripts: string | readonly string[], lacking: readonly Lack[]): Record<string, unknown> {
  const lacks = new Set(lacking);
  const globals = globalsWithout(lacks);
  const context = createContext(globals, { codeGeneration: { strings: false, wasm: false } });
  if (lacks.has("BigInt")) {
    runInContext("delete globalThis.BigInt", context);
  }
  for (const code of typeof scripts === "string" ? [scripts] : scripts) {
    runInContext(code, context);
  }
  return globals;
}

/** A file of the plugin or of its tests as the plugin's build makes it: one classic script. */
export function bundle(entryPoint: string): string {
  const { outputFiles } = buildSync({ ...script(entryPoint, ENGLISH), write: false });
  return outputFiles[0]?.text ?? "";
}
