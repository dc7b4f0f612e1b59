/**
 * Connect's unary calls over the fetch that is here, in binary protobuf: https://connectrpc.com/docs/protocol. No compression: gzip
 * makes images travel slower than a LAN carries them. Of a Response only status, headers and arrayBuffer are used.
 */

import type { Stop } from "./pause";
import { create, fromBinary, type MessageInitShape, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { say } from "../words";
import { ErrorFactsSchema, InlayService } from "../gen/inlay/v1/inlay_pb";
import { ReviewService } from "../gen/inlay/v1/review_pb";
import { Cancelled, httpTrouble, KnownTrouble, networkTrouble, Trouble } from "./trouble";

/** The longest time for one call. */
export const CALL_MS = 30_000;

const METHODS = { ...InlayService.method, ...ReviewService.method };

type Methods = typeof METHODS;
type Method = { [M in keyof Methods]: Methods[M]["methodKind"] extends "unary" ? M : never }[keyof Methods];

/** What of the calls to a server most of those who ask it need. */
export type Line = Pick<Calls, "call" | "dropped" | "profiles">;

/** Calls to one server. */
export class Calls {
  /** Polls that the server holds back at this moment. */
  waiting = 0;
  /** Profile names that the server knows without ICC bytes; empty before the first answer. */
  profiles: ReadonlySet<string> = new Set();

  /**
   * url: scheme, host and port. token: a bearer token; empty where the server asks for none. dropped: the server was found gone.
   * locale: the language in which it is to say what goes wrong, as BCP 47; empty: the system's.
   */
  constructor(
    readonly url: string,
    private readonly token: string,
    private readonly native: typeof fetch,
    readonly dropped: () => void = () => undefined,
    private readonly locale = "",
  ) {}

  /** One message there, one back. Rejects with Trouble, or with Cancelled as soon as `signal` is aborted. */
  async call<M extends Method>(
    method: M,
    request: MessageInitShape<Methods[M]["input"]>,
    signal?: Stop,
    timeoutMs = CALL_MS,
  ): Promise<MessageShape<Methods[M]["output"]>> {
    const { parent, name, input, output } = METHODS[method];
    const { status, type, body } = await this.post(`${parent.typeName}/${name}`, toBinary(input, create(input, request)), signal, timeoutMs);
    if (status !== 200 || !type.startsWith("application/proto")) throw connectTrouble(body) ?? httpTrouble(status, this.url);
    try {
      return fromBinary(output, body) as MessageShape<Methods[M]["output"]>;
    } catch {
      throw new KnownTrouble("unavailable", "broken", { url: this.url });
    }
  }

  private async post(path: string, message: Uint8Array, signal: Stop | undefined, timeoutMs: number) {
    if (signal?.aborted) throw new Cancelled();
    const headers: Record<string, string> = { "Content-Type": "application/proto", "Connect-Protocol-Version": "1" };
    if (this.token !== "") headers["Authorization"] = `Bearer ${this.token}`;
    if (this.locale !== "") headers["Accept-Language"] = this.locale;
    const native = typeof AbortController === "function" ? new AbortController() : null;
    let giveUp = (_: Error): void => undefined;
    const gone = new Promise<never>((_, reject) => {
      giveUp = reject;
    });
    const cancel = (): void => giveUp(new Cancelled());
    const forget = signal?.on(cancel);
    const timer = setTimeout(() => giveUp(new KnownTrouble("deadline_exceeded", "silent", { url: this.url })), timeoutMs);
    try {
      const init = { method: "POST", headers, body: message as BodyInit, ...(native ? { signal: native.signal } : {}) };
      const response = await Promise.race([this.native(`${this.url}/${path}`, init), gone]);
      const body = new Uint8Array(await Promise.race([response.arrayBuffer(), gone]));
      return { status: response.status, type: response.headers.get("content-type") ?? "", body };
    } catch (error) {
      native?.abort(); // The server is told, whatever the fetch here makes of it.
      throw networkTrouble(error, this.url);
    } finally {
      clearTimeout(timer);
      forget?.();
    }
  }
}

/** A Connect error object: code, message and, in its details, the contract's ErrorFacts. Null where these bytes are none. */
function connectTrouble(body: Uint8Array): Trouble | null {
  try {
    const { code, message, details = [] } = JSON.parse(new TextDecoder().decode(body)) as ConnectError;
    if (typeof code !== "string") return null;
    const reason = message || code;
    const value = details.find(({ type }) => type === ErrorFactsSchema.typeName)?.value;
    const facts = value === undefined ? undefined : fromBinary(ErrorFactsSchema, base64Decode(value));
    const cure = code === "unauthenticated" ? say("trouble.token.cure") : "";
    const said = /[.!?…]$/.test(reason) ? reason : `${reason}.`;
    return new Trouble(code, said, cure, facts?.expectedOffset === undefined ? undefined : Number(facts.expectedOffset));
  } catch {
    return null;
  }
}

interface ConnectError {
  readonly code?: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}
