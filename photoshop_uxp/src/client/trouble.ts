/**
 * What went wrong on the line, in words for a retoucher: the reason, and the cure. UXP has one text for everything that may happen
 * to a fetch, so there is little to go by.
 */

import { say } from "../words";

/** Codes after which the same call may succeed later. */
const TRANSIENT = new Set(["unavailable", "deadline_exceeded", "unknown", "aborted"]);

/** A call that failed. `code` is Connect's (`unavailable`, `invalid_argument` ...). */
export class Trouble extends Error {
  override readonly name = "Trouble";

  /** expectedOffset: where an upload has to resume, in bytes. */
  constructor(
    readonly code: string,
    readonly reason: string,
    readonly cure = "",
    readonly expectedOffset?: number,
  ) {
    super(`${reason} ${cure}`.trim());
  }

  get isTransient(): boolean {
    return TRANSIENT.has(this.code);
  }
}

/** A trouble that is met here, in the catalogue's words for `kind`. */
export class KnownTrouble extends Trouble {
  constructor(
    code: string,
    readonly kind: string,
    facts: Readonly<Record<string, string | number>> = {},
  ) {
    super(code, say(`trouble.${kind}.reason`, facts), say(`trouble.${kind}.cure`, facts));
  }
}

/** The caller gave up. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
  constructor() {
    super("Cancelled.");
  }
}

/** The fetch itself failed: no answer, or one that broke off. What has words already keeps them. */
export function networkTrouble(error: unknown, url: string): Error {
  if (error instanceof Trouble || error instanceof Cancelled) return error;
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  const why = [message ?? String(error), cause?.message].filter(Boolean).join(": ");
  if (/permission|manifest/i.test(why)) return new KnownTrouble("permission_denied", "forbidden", { url });
  return new KnownTrouble("unavailable", /certificate|ssl|tls/i.test(why) ? "certificate" : "nobody", { url, why });
}

/** An answer that is no Connect answer. */
export function httpTrouble(status: number, url: string): Trouble {
  if (status === 401) return new KnownTrouble("unauthenticated", "token", { url });
  return new KnownTrouble("unavailable", status === 421 ? "name" : "service", { url, status });
}
