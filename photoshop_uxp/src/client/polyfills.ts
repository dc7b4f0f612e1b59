/** Gives JavaScript what the contract's messages use and UXP may lack. Must be imported before them. */

import { Utf8Decoder, Utf8Encoder } from "./text";

if (typeof TextEncoder !== "function" || typeof TextDecoder !== "function") {
  Object.assign(globalThis, { TextEncoder: Utf8Encoder, TextDecoder: Utf8Decoder });
}
