/** Bytes up and down, named by their SHA-256: what the server has is never sent again, what broke off is resumed. */

import { protoInt64 } from "@bufbuild/protobuf";
import type { Calls } from "./calls";
import type { Progress } from "./line";
import { pause } from "./pause";
import { sha256Of } from "./sha256";
import { Trouble } from "./trouble";

const CHUNK_BYTES = 1 << 20;
const ATTEMPTS = 5;
const RETRY_MS = 500;

/** Those of the blobs that the server lacks, with the bytes of each that it has already. */
export async function missing(calls: Calls, names: readonly string[], signal?: AbortSignal): Promise<Map<string, number>> {
  if (names.length === 0) {
    return new Map();
  }
  const { blobs } = await calls.ask((methods, options) => methods.hasBlobs({ sha256: [...names] }, options), signal);
  return new Map(blobs.filter(({ present }) => !present).map(({ sha256, received }) => [sha256, Number(received)]));
}

/** Sends those of `blobs`, by name, that the server lacks. */
export async function upload(
  calls: Calls,
  blobs: ReadonlyMap<string, Uint8Array>,
  signal?: AbortSignal,
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
  signal: AbortSignal | undefined,
  arrived: (offset: number) => void,
): Promise<void> {
  const total = protoInt64.uParse(bytes.length);
  let offset = from;
  let failures = 0;
  for (;;) {
    const data = bytes.subarray(offset, offset + CHUNK_BYTES);
    const chunk = { sha256, offset: protoInt64.uParse(offset), total, data };
    try {
      const { received, complete } = await calls.ask((methods, options) => methods.putBlob(chunk, options), signal);
      offset = Number(received);
      arrived(offset);
      if (complete) {
        return;
      }
      failures = 0;
    } catch (error) {
      failures += 1;
      const expected = error instanceof Trouble ? error.facts.expectedOffset : undefined;
      const isWorthAnotherTry = error instanceof Trouble && (expected !== undefined || error.isTransient);
      if (!isWorthAnotherTry || failures >= ATTEMPTS) {
        throw error;
      }
      offset = expected ?? offset;
      await pause(RETRY_MS * failures, signal);
    }
  }
}

/** All bytes of a blob, verified. */
export async function download(calls: Calls, name: string, signal?: AbortSignal, progress?: Progress): Promise<Uint8Array> {
  let bytes = new Uint8Array();
  let received = 0;
  let failures = 0;
  for (;;) {
    const request = { sha256: name, offset: protoInt64.uParse(received) };
    try {
      for await (const part of calls.stream((methods, options) => methods.getBlob(request, options), signal)) {
        const total = Number(part.total);
        if (bytes.length < total) {
          bytes = new Uint8Array(total);
        }
        bytes.set(part.data, received);
        received += part.data.length;
        failures = 0;
        progress?.(received, bytes.length);
      }
      break;
    } catch (error) {
      failures += 1;
      if (!(error instanceof Trouble && error.isTransient) || failures >= ATTEMPTS) {
        throw error;
      }
      await pause(RETRY_MS * failures, signal);
    }
  }
  if ((await sha256Of(bytes)) !== name) {
    throw new Trouble("data_loss", "A result arrived damaged.", "Run the edit again.");
  }
  return bytes;
}
