/** Gives JavaScript what the contract's libraries use and UXP may lack. Must be imported before any of them. */

import { EventfulController, EventfulSignal } from "./abort";
import { PulledStream } from "./streams";
import { Utf8Decoder, Utf8Encoder } from "./text";

/** What a host keeps anybody from replacing stays as it is: an error here would leave no plugin at all. */
function provide(name: string, value: unknown): void {
  try {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  } catch {
    Reflect.set(globalThis, name, value);
  }
}

if (typeof TextEncoder !== "function") {
  provide("TextEncoder", Utf8Encoder);
}
if (typeof TextDecoder !== "function") {
  provide("TextDecoder", Utf8Decoder);
}
if (typeof AbortController !== "function" || !("addEventListener" in new AbortController().signal)) {
  provide("AbortController", EventfulController);
  provide("AbortSignal", EventfulSignal);
}
if (typeof ReadableStream !== "function") {
  provide("ReadableStream", PulledStream);
}
if (typeof queueMicrotask !== "function") {
  provide("queueMicrotask", (work: () => void) => {
    void Promise.resolve().then(work);
  });
}
