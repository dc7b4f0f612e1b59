/**
 * What this JavaScript has of what the plugin would use. Must be the first import of the bundle: it looks before the
 * polyfills are loaded, and afterwards all of it is there.
 */

/** By name; what is missing is false. */
export const FEATURES: Readonly<Record<string, boolean>> = {
  AbortSignalEvents: typeof AbortSignal === "function" && "addEventListener" in AbortSignal.prototype,
  BigInt: typeof BigInt === "function",
  TextDecoder: typeof TextDecoder === "function",
  TextEncoder: typeof TextEncoder === "function",
  "crypto.subtle": typeof crypto === "object" && typeof crypto.subtle === "object",
};
