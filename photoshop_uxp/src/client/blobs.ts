/** Bytes up and down, named by their SHA-256: what the server has is never sent again, what broke off is resumed. */

import { protoInt64 } from "@bufbuild/protobuf";
import type { Calls } from "./connect";
import { pause, type Stop } from "./pause";
import { sha256Of } from "./sha256";
import { Trouble } from "./trouble";

const CHUNK_BYTES = 1 << 20;
const ATTEMPTS = 5;
const RETRY_MS = 500;

/** Bytes that went or came, of how many. */
export type Progress = (done: number, total: number) => void;

/** Those of the blobs that the server lacks, with the bytes of each that it has already. */
export async function missing(calls: Calls, names: readonly string[], signal?: Stop): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const { blobs } = await calls.call("hasBlobs", { sha256: [...names] }, signal);
  return new Map(blobs.filter(({ present }) => !present).map(({ sha256, received }) => [sha256, Number(received)]));
}

/** Sends those of `blobs`, by name, that the server lacks. */
export async function upload(
  calls: Calls,
  blobs: ReadonlyMap<string, Uint8Array>,
  signal?: Stop,
  progress?: Progress,
): Promise<void> {
  const lacking = await missing(calls, Array.from(blobs.keys()), signal);
  let total = 0;
  for (const [name, received] of lacking) {
    total += (blobs.get(name)?.length ?? 0) - received;
  }
  let before = 0;
  for (const [name, received] of lacking) {
    const bytes = blobs.get(name);
    if (bytes) {
      await send(calls, name, bytes, received, signal, (offset) => progress?.(before + offset - received, total));
      before += bytes.length - received;
    }
  }
}

/** Sends one blob from an offset on, until the server has verified it. */
async function send(
  calls: Calls,
  sha256: string,
  bytes: Uint8Array,
  from: number,
  signal: Stop | undefined,
  arrived: (offset: number) => void,
): Promise<void> {
  const total = protoInt64.uParse(bytes.length);
  let offset = from;
  let failures = 0;
  for (;;) {
    const data = bytes.subarray(offset, offset + CHUNK_BYTES);
    const chunk = { sha256, offset: protoInt64.uParse(offset), total, data };
    try {
      const { received, complete } = await calls.call("putBlob", chunk, signal);
      offset = Number(received);
      arrived(offset);
      if (complete) return;
      failures = 0;
    } catch (error) {
      failures += 1;
      const expected = error instanceof Trouble ? error.facts.expectedOffset : undefined;
      const isWorthAnotherTry = error instanceof Trouble && (expected !== undefined || error.isTransient);
      if (!isWorthAnotherTry || failures >= ATTEMPTS) throw error;
      offset = expected ?? offset;
      await pause(RETRY_MS * failures, signal);
    }
  }
}

/** All bytes of a blob, verified. */
export async function download(calls: Calls, name: string, signal?: Stop, progress?: Progress): Promise<Uint8Array> {
  let bytes: Uint8Array | null = null;
  let received = 0;
  let failures = 0;
  while (bytes === null || received < bytes.length) {
    const part = { sha256: name, offset: protoInt64.uParse(received), length: CHUNK_BYTES };
    try {
      const { total, data } = await calls.call("readBlob", part, signal);
      bytes ??= new Uint8Array(Number(total));
      if (data.length === 0 && received < bytes.length) {
        break; // Nothing more comes, and what came is not the blob.
      }
      bytes.set(data, received);
      received += data.length;
      failures = 0;
      progress?.(received, bytes.length);
    } catch (error) {
      failures += 1;
      if (!(error instanceof Trouble && error.isTransient) || failures >= ATTEMPTS) throw error;
      await pause(RETRY_MS * failures, signal);
    }
  }
  if ((await sha256Of(bytes)) !== name) throw new Trouble("data_loss", "A result arrived damaged.", "Run the edit again.");
  return bytes;
}
