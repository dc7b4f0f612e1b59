/** From what a failed call left behind to Trouble: UXP's one text for everything, foreign answers, the contract's own errors. */

import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorFactsSchema } from "../gen/inlay/v1/inlay_pb";
import { Cancelled, Trouble } from "./trouble";

/** Connect's spelling of its codes (https://connectrpc.com/docs/protocol#error-codes). */
function spelled(code: Code): string {
  return Code[code].replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
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
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error && cause.message !== "" ? `${error.message}: ${cause.message}` : error.message;
}

/** The fetch itself failed: no answer, or one that broke off. Anything that has words already keeps them. */
export function networkTrouble(error: unknown, origin: string): Error {
  if (error instanceof Trouble || error instanceof Cancelled || error instanceof ConnectError) {
    return error;
  }
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

/** Whatever a call rejected with, as Trouble, or as Cancelled where the caller gave up. */
export function troubleOf(error: unknown, origin: string, signal?: AbortSignal): Error {
  if (signal?.aborted) {
    return new Cancelled();
  }
  if (!(error instanceof ConnectError)) {
    return networkTrouble(error, origin);
  }
  if (error.cause instanceof Trouble) {
    return error.cause;
  }
  if (error.code === Code.DeadlineExceeded) {
    return new Trouble("deadline_exceeded", `${origin} does not answer in time.`, "Check that the machine is on and reachable.");
  }
  const [facts] = error.findDetails(ErrorFactsSchema);
  const cure = error.code === Code.Unauthenticated ? "Enter the server's token in the settings." : "";
  return new Trouble(spelled(error.code), sentence(error.rawMessage), cure, {
    ...(facts?.field ? { field: facts.field } : {}),
    ...(facts?.type ? { type: facts.type } : {}),
    ...(facts?.expectedOffset === undefined ? {} : { expectedOffset: Number(facts.expectedOffset) }),
    ...(facts ? { details: facts.details } : {}),
  });
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) || text === "" ? text : `${text}.`;
}
