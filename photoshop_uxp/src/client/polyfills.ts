/** Gives JavaScript what the client uses and UXP may lack. Must be imported before the contract's messages. */

import { EventfulController, EventfulSignal } from "./abort";
import { Utf8Decoder, Utf8Encoder } from "./text";

/** What a host keeps anybody from replacing stays as it is: an error here would leave no plugin at all. */
function provide(name: string, value: unknown): void {
  try {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  } catch {
    Reflect.set(globalThis, name, value);
  }
}

if (typeof TextEncoder !== "function" || typeof TextDecoder !== "function") {
  provide("TextEncoder", Utf8Encoder);
  provide("TextDecoder", Utf8Decoder);
}
if (typeof AbortController !== "function" || !("addEventListener" in new AbortController().signal)) {
  provide("AbortController", EventfulController);
  provide("AbortSignal", EventfulSignal);
}
