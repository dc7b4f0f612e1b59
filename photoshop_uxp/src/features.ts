/**
 * What this JavaScript has of what the plugin's libraries would use. Must be the first import of the bundle: it looks before the
 * polyfills are loaded, and afterwards all of it is there.
 */

/** By name; what is missing is false. */
export const FEATURES: Readonly<Record<string, boolean>> = {
  AbortSignalEvents: typeof AbortSignal === "function" && "addEventListener" in AbortSignal.prototype,
  BigInt: typeof BigInt === "function",
  ResponseBody: typeof Response === "function" && "body" in Response.prototype,
  TextDecoder: typeof TextDecoder === "function",
  TextEncoder: typeof TextEncoder === "function",
  "crypto.subtle": typeof crypto === "object" && typeof crypto.subtle === "object",
  queueMicrotask: typeof queueMicrotask === "function",
};
