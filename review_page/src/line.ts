/** Connect's unary calls and server streams over fetch, in binary protobuf: https://connectrpc.com/docs/protocol. */

import { create, type DescMessage, type DescMethodServerStreaming, type DescMethodUnary, fromBinary, type MessageInitShape, type MessageShape, toBinary } from "@bufbuild/protobuf";

const CALL_MS = 30_000;
const HEAD_BYTES = 5;
const LAST = 0x02;

/** Why a call came to nothing. */
export class Refusal extends Error {
  /** code: Connect's, such as `unauthenticated`; `unavailable` where nobody answered. */
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

type Unary<I extends DescMessage, O extends DescMessage> = DescMethodUnary<I, O>;
type Streaming<I extends DescMessage, O extends DescMessage> = DescMethodServerStreaming<I, O>;

/** Calls of one service on the server that this page came from. */
export class Line {
  /** language: the one in which the server says what goes wrong, as BCP 47. */
  constructor(
    private readonly token: string,
    private readonly language: string,
    private readonly origin = location.origin,
  ) {}

  /** One message there, one back. Rejects with Refusal. */
  async call<I extends DescMessage, O extends DescMessage>(method: Unary<I, O>, request: MessageInitShape<I>, signal?: AbortSignal): Promise<MessageShape<O>> {
    const limits = [AbortSignal.timeout(CALL_MS), ...(signal ? [signal] : [])];
    const response = await this.post(method, toBinary(method.input, create(method.input, request)), "application/proto", AbortSignal.any(limits));
    const body = new Uint8Array(await response.arrayBuffer().catch(unanswered));
    if (!response.ok) throw refusalIn(body, response.status);
    return fromBinary(method.output, body);
  }

  /** One message there, many back, until the server or `signal` ends it. Throws Refusal. */
  async *stream<I extends DescMessage, O extends DescMessage>(method: Streaming<I, O>, request: MessageInitShape<I>, signal: AbortSignal): AsyncGenerator<MessageShape<O>> {
    const response = await this.post(method, enveloped(toBinary(method.input, create(method.input, request))), "application/connect+proto", signal);
    if (!response.ok || !response.body) throw refusalIn(new Uint8Array(await response.arrayBuffer().catch(unanswered)), response.status);
    const reader = response.body.getReader();
    try {
      for await (const { flags, data } of envelopes(reader)) {
        if ((flags & LAST) === 0) {
          yield fromBinary(method.output, data);
          continue;
        }
        const { error } = JSON.parse(new TextDecoder().decode(data)) as { error?: ConnectError };
        if (error) throw refusalOf(error, "unavailable");
        return;
      }
      throw new Refusal("unavailable", "The stream broke off.");
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  private async post({ parent, name }: { readonly parent: { readonly typeName: string }; readonly name: string }, body: Uint8Array<ArrayBuffer>, type: string, signal: AbortSignal): Promise<Response> {
    const headers = { "Content-Type": type, "Connect-Protocol-Version": "1", Authorization: `Bearer ${this.token}`, "Accept-Language": this.language };
    const options = { method: "POST", headers, body, signal, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" } as const;
    return fetch(`${this.origin}/${parent.typeName}/${name}`, options).catch(unanswered);
  }
}

function unanswered(error: unknown): never {
  throw new Refusal("unavailable", error instanceof Error ? error.message : String(error));
}

interface ConnectError {
  readonly code?: string;
  readonly message?: string;
}

function refusalOf({ code, message }: ConnectError, otherwise: string): Refusal {
  return new Refusal(code ?? otherwise, message ?? otherwise);
}

function refusalIn(body: Uint8Array, status: number): Refusal {
  const otherwise = status === 401 || status === 403 ? "unauthenticated" : "unavailable";
  try {
    return refusalOf(JSON.parse(new TextDecoder().decode(body)) as ConnectError, otherwise);
  } catch {
    return new Refusal(otherwise, `HTTP ${status}`);
  }
}

/** A message as a stream carries it: a byte of flags, its length in four bytes, itself. */
export function enveloped(data: Uint8Array, flags = 0): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(HEAD_BYTES + data.length);
  whole[0] = flags;
  new DataView(whole.buffer).setUint32(1, data.length);
  whole.set(data, HEAD_BYTES);
  return whole;
}

async function* envelopes(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<{ flags: number; data: Uint8Array }> {
  let held = new Uint8Array();
  for (;;) {
    const { done, value } = await reader.read().catch(unanswered);
    if (done) return;
    const joined = new Uint8Array(held.length + value.length);
    joined.set(held);
    joined.set(value, held.length);
    held = joined;
    while (held.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + new DataView(held.buffer, held.byteOffset).getUint32(1);
      if (held.length < end) break;
      yield { flags: held[0] ?? 0, data: held.slice(HEAD_BYTES, end) };
      held = held.slice(end);
    }
  }
}
