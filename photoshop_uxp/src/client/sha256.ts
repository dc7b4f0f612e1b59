/** SHA-256 with what is there: crypto.subtle, or else JavaScript in slices, so that the editor is never held for long. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { pause } from "./pause";

/** Some 10 ms of work. */
const SLICE_BYTES = 2 << 20;

/** 64 lower-case hex digits. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  const subtle = typeof crypto === "object" ? (crypto as { subtle?: SubtleCrypto }).subtle : undefined;
  if (subtle) return bytesToHex(new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)));
  const hash = sha256.create();
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    hash.update(bytes.subarray(at, at + SLICE_BYTES));
    await pause(0);
  }
  return bytesToHex(hash.digest());
}
