/** The connection doctor: tries an address, and those that are easily taken for it, and says of each what it found and the cure. */

import { isLoopback, type Parts, partsOf } from "./address";
import { Calls } from "./connect";
import { type Address, greet } from "./connection";
import { Trouble } from "./trouble";

/** One thing that the connection doctor found out, or Inlay Self-Test. */
export interface Finding {
  readonly name: string;
  readonly state: "good" | "bad" | "unsure" | "skipped";
  readonly what: string;
  /** What to do about it; empty where nothing is to be done. */
  readonly cure: string;
}

/** What the doctor knows of where it works. */
export interface Surroundings {
  readonly native: typeof fetch;
  /** The only server of this build; empty: any. */
  readonly lockedOrigin: string;
  /** Whether this is macOS; null: unknown. */
  readonly isMac: boolean | null;
}

/** Whether this is macOS; null: unknown. */
export function isMac(): boolean | null {
  const platform = typeof navigator === "object" ? (navigator as { platform?: string }).platform : undefined;
  return platform === undefined ? null : /mac|darwin/i.test(platform);
}

/** Tells of the address first; where that does not work, of the other scheme and of this machine's other name. */
export async function examine({ url, token }: Address, { native, lockedOrigin, isMac }: Surroundings, found: (finding: Finding) => void): Promise<void> {
  const parts = partsOf(url);
  if (parts !== null && lockedOrigin !== "" && lockedOrigin !== url) {
    found({ name: url, state: "bad", what: `This build may reach ${lockedOrigin} only.`, cure: "Install the build for this server, or the general one." });
    return;
  }
  const isOpen = parts?.scheme === "http" && !isLoopback(parts.host);
  try {
    const { version, name, protocol, devices } = await greet(new Calls(url, token, native));
    const what = `Inlay ${version} on ${name}, protocol ${protocol}, ${devices.join(", ")}`;
    found({ name: url, state: isOpen ? "unsure" : "good", what, cure: isOpen ? "The line is not encrypted: use https." : "" });
  } catch (error) {
    const trouble = error instanceof Trouble ? error : new Trouble("unknown", String(error));
    const isSilent = trouble.isTransient && /^Nobody|in time/.test(trouble.reason);
    const cure = [trouble.cure, ...(parts && isSilent ? curesOfSilence(parts, isMac) : [])].filter(Boolean).join(" ");
    found({ name: url, state: "bad", what: trouble.reason, cure: trouble.code === "unauthenticated" ? TOKEN : cure });
    if (lockedOrigin !== "" || parts === null || !trouble.isTransient) return;
    for (const other of othersOf(parts)) {
      const answers = await greet(new Calls(other, token, native)).then(() => true, (reason: unknown) => reason instanceof Trouble && reason.code === "unauthenticated");
      found({ name: other, state: answers ? "unsure" : "skipped", what: answers ? "Inlay answers there." : "not there either", cure: answers ? `Enter ${other}.` : "" });
    }
  }
}

const TOKEN = "It lies in the file “token” in the server's data folder; “inlay serve” says where.";

/** The other scheme; and the other name of this machine, by only one of which Photoshop may reach it. */
function othersOf({ scheme, host, authority }: Parts): readonly string[] {
  const port = /:\d+$/.exec(authority)?.[0] ?? "";
  const namesake = isLoopback(host) ? [`${scheme}://${host === "localhost" ? "127.0.0.1" : "localhost"}${port}`] : [];
  return [`${scheme === "https" ? "http" : "https"}://${authority}`, ...namesake];
}

function curesOfSilence({ scheme, host }: Parts, isMac: boolean | null): readonly string[] {
  const isHere = isLoopback(host);
  const cures = isHere ? [] : ["Start it there with “inlay serve --host 0.0.0.0”, and check the port and the firewall (TCP 50052)."];
  if (scheme === "https") cures.push("Or its certificate is not trusted.");
  if (scheme === "http" && isMac !== false) {
    cures.push("If it does run, Photoshop on macOS may not reach plain http: give the server a certificate (inlay serve --cert --key) and enter https.");
  }
  if (!isHere && isMac !== false) cures.push("macOS 15 and newer: allow Photoshop under Privacy & Security > Local Network.");
  return cures;
}
