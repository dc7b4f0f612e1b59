/** The connection doctor: tries an address, and those that are easily taken for it, and says of each what it found and the cure. */

import { isLoopback, type Parts, partsOf } from "./address";
import { Calls } from "./connect";
import { type Address, greet } from "./connection";
import { say } from "../words";
import { KnownTrouble, Trouble } from "./trouble";

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
    found({ name: url, state: "bad", what: say("doctor.locked.what", { url: lockedOrigin }), cure: say("doctor.locked.cure") });
    return;
  }
  const isOpen = parts?.scheme === "http" && !isLoopback(parts.host);
  try {
    const { version, name, protocol, devices } = await greet(new Calls(url, token, native));
    const what = say("doctor.there", { version, name, protocol, devices: devices.join(", ") });
    found({ name: url, state: isOpen ? "unsure" : "good", what, cure: isOpen ? say("doctor.open") : "" });
  } catch (error) {
    const trouble = error instanceof Trouble ? error : new Trouble("unknown", String(error));
    const isSilent = trouble instanceof KnownTrouble && ["nobody", "silent"].includes(trouble.kind);
    const cure = [trouble.cure, ...(parts && isSilent ? curesOfSilence(parts, isMac) : [])].filter(Boolean).join(" ");
    found({ name: url, state: "bad", what: trouble.reason, cure: trouble.code === "unauthenticated" ? say("doctor.token") : cure });
    if (lockedOrigin !== "" || parts === null || !trouble.isTransient) return;
    for (const other of othersOf(parts)) {
      const answers = await greet(new Calls(other, token, native)).then(() => true, (reason: unknown) => reason instanceof Trouble && reason.code === "unauthenticated");
      if (answers) found({ name: other, state: "unsure", what: say("doctor.elsewhere.what"), cure: say("doctor.elsewhere.cure", { url: other }) });
      else found({ name: other, state: "skipped", what: say("doctor.nowhere"), cure: "" });
    }
  }
}

/** The other scheme; and the other name of this machine, by only one of which Photoshop may reach it. */
function othersOf({ scheme, host, authority }: Parts): readonly string[] {
  const port = /:\d+$/.exec(authority)?.[0] ?? "";
  const namesake = isLoopback(host) ? [`${scheme}://${host === "localhost" ? "127.0.0.1" : "localhost"}${port}`] : [];
  return [`${scheme === "https" ? "http" : "https"}://${authority}`, ...namesake];
}

function curesOfSilence({ scheme, host }: Parts, isMac: boolean | null): readonly string[] {
  const isAway = !isLoopback(host);
  const applies = { away: isAway, tls: scheme === "https", plain: scheme === "http" && isMac !== false, local: isAway && isMac !== false };
  return Object.entries(applies).flatMap(([cure, does]) => (does ? [say(`doctor.silent.${cure}`)] : []));
}
