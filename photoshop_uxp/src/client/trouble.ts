/**
 * What went wrong on the line, in words for a retoucher: the reason, and the cure. UXP has one text for everything that may happen
 * to a fetch, so there is little to go by.
 */

/** Codes after which the same call may succeed later. */
const TRANSIENT = new Set(["unavailable", "deadline_exceeded", "unknown", "aborted"]);

/** What is known of an error beside its words. */
export interface TroubleFacts {
  /** The field of the recipe to change. */
  readonly field?: string;
  /** Where an upload has to resume, in bytes. */
  readonly expectedOffset?: number;
  /** The server's own type of the error, such as InvalidInput. */
  readonly type?: string;
  /** What else the server knows, by name: value, limit, kind, name. */
  readonly details?: Readonly<Record<string, string>>;
  /** HTTP status of an answer that was none of Inlay's. */
  readonly status?: number;
}

/** A call that failed. `code` is Connect's (`unavailable`, `invalid_argument` ...). */
export class Trouble extends Error {
  override readonly name = "Trouble";

  constructor(
    readonly code: string,
    readonly reason: string,
    readonly cure = "",
    readonly facts: TroubleFacts = {},
  ) {
    super(`${reason} ${cure}`.trim());
  }

  get isTransient(): boolean {
    return TRANSIENT.has(this.code);
  }
}

/** The caller gave up. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
  constructor() {
    super("Cancelled.");
  }
}

/** Whether these words are UXP's for a server that the manifest does not name. */
export function isForbidden(text: string): boolean {
  return /permission|manifest/i.test(text);
}

/** Whether these words are about a certificate. */
export function isUntrusted(text: string): boolean {
  return /certificate|ssl|tls/i.test(text);
}

/** An error's message, with that of its cause. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error && cause.message !== "" ? `${error.message}: ${cause.message}` : error.message;
}

/** The fetch itself failed: no answer, or one that broke off. What has words already keeps them. */
export function networkTrouble(error: unknown, origin: string): Error {
  if (error instanceof Trouble || error instanceof Cancelled) return error;
  const text = wordsOf(error);
  if (isForbidden(text)) {
    return new Trouble(
      "permission_denied",
      `This plugin may not reach ${origin}.`,
      "A studio's build is locked to one address; install the build for this one, or the general one.",
    );
  }
  if (isUntrusted(text)) {
    return new Trouble(
      "unavailable",
      `The certificate of ${origin} is not trusted: ${text}`,
      "It has to come from an authority that this machine's system trusts.",
    );
  }
  return new Trouble(
    "unavailable",
    `Nobody answers at ${origin}.`,
    "Start the server with “inlay serve”, or set another address; “Examine” in the settings looks at every step.",
  );
}

/** No answer in the time that a call has. */
export function silentTrouble(origin: string): Trouble {
  return new Trouble("deadline_exceeded", `${origin} does not answer in time.`, "Check that the machine is on and reachable.");
}

/** An answer that is no Connect answer. */
export function httpTrouble(status: number, origin: string): Trouble {
  const facts = { status };
  if (status === 401) {
    return new Trouble("unauthenticated", `${origin} asks for a token.`, "Enter the server's token in the settings.", facts);
  }
  if (status === 421) {
    return new Trouble(
      "unavailable",
      `The server refuses the name in ${origin}.`,
      "Use 127.0.0.1, or give the server a token.",
      facts,
    );
  }
  return new Trouble(
    "unavailable",
    `${origin} answered with HTTP ${status}.`,
    "This seems to be another service; check the port (Inlay's is 50052).",
    facts,
  );
}
