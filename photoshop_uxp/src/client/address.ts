/** Addresses of servers, read without `URL`, which not every UXP has. */

export const DEFAULT_URL = "http://127.0.0.1:50052";

export interface Parts {
  readonly scheme: "http" | "https";
  readonly host: string;
  /** Host and port, as they stand in the address. */
  readonly authority: string;
}

/** The parts of an address; null where it is none. */
export function partsOf(url: string): Parts | null {
  const [, scheme, authority, host, bracketed, port] =
    /^(https?):\/\/(([^\s/?#:@[\]]+|\[([0-9a-f:.]+)\])(?::(\d{1,5}))?)$/i.exec(url) ?? [];
  if (scheme === undefined || authority === undefined || host === undefined || Number(port ?? 1) > 65_535) return null;
  return { scheme: scheme.toLowerCase() === "https" ? "https" : "http", host: bracketed ?? host, authority };
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
