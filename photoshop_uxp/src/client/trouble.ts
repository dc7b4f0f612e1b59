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
  /** The server's own type of the error, such as InvalidInput. */
  readonly type?: string;
  /** Where an upload has to resume, in bytes. */
  readonly expectedOffset?: number;
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

const TRUST =
  "UXP takes no self-signed certificate: it has to come from a public authority, or from a root (a studio's, mkcert's) in the system's trust store.";

/** The fetch itself failed: no answer, or one that broke off. What has words already keeps them. */
export function networkTrouble(error: unknown, origin: string): Error {
  if (error instanceof Trouble || error instanceof Cancelled) return error;
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  const text = [message ?? String(error), cause?.message].filter(Boolean).join(": ");
  if (/permission|manifest/i.test(text)) {
    const cure = "A studio's build is locked to one address; install the build for this one, or the general build.";
    return new Trouble("permission_denied", `This plugin may not reach ${origin}.`, cure);
  }
  if (/certificate|ssl|tls/i.test(text)) return new Trouble("unavailable", `The certificate of ${origin} is not trusted: ${text}.`, TRUST);
  const start = "Start the server with “inlay serve”, or set another address; the doctor in the settings tries them.";
  return new Trouble("unavailable", `Nobody answers at ${origin}.`, start);
}

/** No answer in the time that a call has. */
export function silentTrouble(origin: string): Trouble {
  return new Trouble("deadline_exceeded", `${origin} does not answer in time.`, "Check that the machine is on and reachable.");
}

/** An answer that is no Connect answer. */
export function httpTrouble(status: number, origin: string): Trouble {
  if (status === 401) return new Trouble("unauthenticated", `${origin} asks for a token.`, "Enter the server's token in the settings.");
  if (status === 421) return new Trouble("unavailable", `The server refuses the name in ${origin}.`, "Use 127.0.0.1, or give the server a token.");
  const cure = "This seems to be another service; check the port (Inlay's is 50052).";
  return new Trouble("unavailable", `${origin} answered with HTTP ${status}.`, cure);
}
