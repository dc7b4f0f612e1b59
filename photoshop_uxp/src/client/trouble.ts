/** What went wrong on the line, in words for a retoucher: the reason, and the cure. */

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
