/** What is typed and not sent yet, kept with the tab: neither a dropped line nor a reload loses it. */

const KEY = "inlay-review-typed";

export type Kind = "pin" | "why";

/** What was typed; `null` where nothing is. */
export function typed<T>(kind: Kind): T | null {
  try {
    return JSON.parse(sessionStorage.getItem(`${KEY}-${kind}`) ?? "null") as T | null;
  } catch {
    return null;
  }
}

export function keepTyped(kind: Kind, value: unknown): void {
  if (value === null) sessionStorage.removeItem(`${KEY}-${kind}`);
  else sessionStorage.setItem(`${KEY}-${kind}`, JSON.stringify(value));
}

/** A random UUID; `crypto.randomUUID` is for https alone. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
