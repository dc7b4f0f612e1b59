/**
 * How this machine is let in by a server: the asking side, as inlay/pairing.py has it. UXP shows a plugin no certificate, so the words
 * are of the one that the server says it has: they tell this request from others, and no more. Who the server is, the system's trust
 * store says.
 */

import type { Calls } from "./connect";
import type { Stop } from "./pause";
import { sha256Of } from "./sha256";

const NONCE_BYTES = 32;
const WAIT_MS = 20_000;
/** Longer than the server waits. */
const CALL_MS = 30_000;
const PROTOCOL = "inlay pairing 1";
const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";

/** Asks to be let in as `name`; `read` gets the words to read out, and the token comes once the studio accepts them. Rejects with Trouble. */
export async function letIn(calls: Calls, name: string, machine: string, read: (words: string) => void, signal: Stop): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const commitment = bytesOf(await sha256Of(nonce));
  const begun = await calls.call("requestPairing", { name, machine, commitment }, signal);
  const asked = { pairingId: begun.pairingId, nonce };
  const first = await calls.call("awaitPairing", { ...asked, waitMs: 0 }, signal);
  read(await wordsOf(begun.certificateSha256, name, machine, nonce, begun.nonce));
  for (let { token } = first; ; ({ token } = await calls.call("awaitPairing", { ...asked, waitMs: WAIT_MS }, signal, CALL_MS))) {
    if (token !== "") return token;
  }
}

/** What both sides show: two proquints (arXiv:0901.4016), such as `lusab-babad`. */
export async function wordsOf(certificate: Uint8Array, name: string, machine: string, nonce: Uint8Array, theirs: Uint8Array): Promise<string> {
  const parts = [utf8(PROTOCOL), certificate, utf8(name), utf8(machine), nonce, theirs];
  const told = bytesOf(await sha256Of(Uint8Array.from(parts.flatMap((part) => [...lengthOf(part), ...part]))));
  return [0, 2].map((at) => proquint(((told[at] ?? 0) << 8) | (told[at + 1] ?? 0))).join("-");
}

function proquint(bits: number): string {
  const consonant = (shift: number): string => CONSONANTS.charAt((bits >> shift) & 15);
  const vowel = (shift: number): string => VOWELS.charAt((bits >> shift) & 3);
  return consonant(12) + vowel(10) + consonant(6) + vowel(4) + consonant(0);
}

function lengthOf({ length }: Uint8Array): readonly number[] {
  return [24, 16, 8, 0].map((shift) => (length >> shift) & 255);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
