/** Bytes up and down, named by their SHA-256: what the server has is never sent again, what broke off is resumed. */

import { protoInt64 } from "@bufbuild/protobuf";
import type { Line } from "./connect";
import { insist } from "./follow";
import type { Stop } from "./pause";
import { sha256Of } from "./sha256";
import { KnownTrouble, Trouble } from "./trouble";

const CHUNK_BYTES = 1 << 20;
const ATTEMPTS = 5;

/** Bytes that went or came, of how many. */
export type Progress = (done: number, total: number) => void;

/** Those of the blobs that the server lacks, with the bytes of each that it has already. */
export async function missing(calls: Line, names: readonly string[], signal?: Stop): Promise<Map<string, number>> {
  const { blobs } = await calls.call("hasBlobs", { sha256: [...names] }, signal);
  return new Map(blobs.filter(({ present }) => !present).map(({ sha256, received }) => [sha256, Number(received)]));
}

/** Sends what the server lacks of these bytes, hash first, in chunks. Returns their names, in order. */
export async function put(calls: Line, blobs: readonly Uint8Array[], signal?: Stop, progress?: Progress): Promise<readonly string[]> {
  const named = new Map<string, Uint8Array>();
  const names: string[] = [];
  for (const bytes of blobs) {
    const name = await sha256Of(bytes);
    names.push(name);
    named.set(name, bytes);
  }
  const lacking = Array.from(await missing(calls, names, signal), ([name, received]) => ({ name, bytes: named.get(name) ?? new Uint8Array(), received }));
  const total = lacking.reduce((sum, { bytes, received }) => sum + bytes.length - received, 0);
  let before = 0;
  for (const { name, bytes, received } of lacking) {
    await send(calls, name, bytes, received, signal, (offset) => progress?.(before + offset - received, total));
    before += bytes.length - received;
  }
  return names;
}

/** Sends one blob from an offset on, until the server has verified it. */
async function send(calls: Line, sha256: string, bytes: Uint8Array, from: number, signal: Stop | undefined, arrived: (offset: number) => void): Promise<void> {
  const total = protoInt64.uParse(bytes.length);
  let offset = from;
  let isComplete = false;
  while (!isComplete) {
    const chunk = { sha256, offset: protoInt64.uParse(offset), total, data: bytes.subarray(offset, offset + CHUNK_BYTES) };
    const there = await insist(calls, () => calls.call("putBlob", chunk, signal), signal, undefined, ATTEMPTS).catch((error: unknown) => {
      const received = error instanceof Trouble ? error.expectedOffset : undefined;
      if (received === undefined || received === offset) throw error;
      return { received, complete: false }; // More or less of it is there than was known.
    });
    [offset, isComplete] = [Number(there.received), there.complete];
    arrived(offset);
  }
}

/** All bytes of a blob, verified. */
export async function get(calls: Line, name: string, signal?: Stop, progress?: Progress): Promise<Uint8Array> {
  let bytes = new Uint8Array();
  let received = 0;
  do {
    const part = { sha256: name, offset: protoInt64.uParse(received), length: CHUNK_BYTES };
    const { total, data } = await insist(calls, () => calls.call("readBlob", part, signal), signal, undefined, ATTEMPTS);
    if (received === 0) bytes = new Uint8Array(Number(total));
    if (data.length === 0) break; // It is empty; or nothing more comes, and what came is not the blob.
    bytes.set(data, received);
    received += data.length;
    progress?.(received, bytes.length);
  } while (received < bytes.length);
  if ((await sha256Of(bytes)) !== name) throw new KnownTrouble("data_loss", "damaged");
  return bytes;
}
