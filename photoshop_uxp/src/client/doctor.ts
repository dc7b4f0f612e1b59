/** The connection doctor: each step on the way to a server, in order, with what was found and the cure for what is wrong. */

import type { GetServerInfoResponse } from "../gen/inlay/v1/inlay_pb";
import type { Address, Finding } from "../ui/model";
import { DEFAULT_URL, isLoopback, type Parts, partsOf } from "./address";
import { Calls } from "./connect";
import { CHECK_MS, PROTOCOL } from "./connection";
import { isForbidden, isUntrusted, Trouble, wordsOf } from "./trouble";

const STEPS = ["Address", "Permission", "Reachability", "TLS", "Token", "Version"] as const;
type Step = (typeof STEPS)[number];

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

/** Goes the way a call goes and tells each step. What depends on a failed step is skipped. */
export async function examine(
  { url, token }: Address,
  surroundings: Surroundings,
  found: (finding: Finding) => void,
): Promise<void> {
  const told = new Set<Step>();
  const tell = (name: Step, state: Finding["state"], what: string, cure = ""): void => {
    told.add(name);
    found({ name, state, what, cure });
  };
  const parts = lookAtAddress(url, surroundings, tell);
  if (parts && (await lookAtWay(url, parts, surroundings, tell))) {
    const calls = new Calls(url, token, surroundings.native);
    const info = await lookAtToken(calls, token, tell);
    if (info) {
      lookAtVersion(info, tell);
    }
  }
  for (const name of STEPS.filter((step) => !told.has(step))) {
    found({ name, state: "skipped", what: "not reached", cure: "" });
  }
}

type Tell = (name: Step, state: Finding["state"], what: string, cure?: string) => void;

function lookAtAddress(url: string, { lockedOrigin }: Surroundings, tell: Tell): Parts | null {
  const parts = partsOf(url);
  if (parts === null) {
    tell("Address", "bad", `“${url}” is not an address`, `It looks like ${DEFAULT_URL}: scheme, host and port, nothing behind.`);
    return null;
  }
  if (lockedOrigin !== "" && lockedOrigin !== url) {
    tell("Address", "bad", `this build may reach ${lockedOrigin} only`, "Install the build for this server, or the general one.");
    return null;
  }
  if (parts.scheme === "http" && !isLoopback(parts.host)) {
    tell("Address", "unsure", `${url} is not encrypted`, "Use https: beyond its own machine the server speaks nothing else.");
  } else {
    tell("Address", "good", url);
  }
  return parts;
}

/** Permission, reachability, TLS: Photoshop tells them apart in no better way than by what else gets through. */
async function lookAtWay(url: string, parts: Parts, surroundings: Surroundings, tell: Tell): Promise<boolean> {
  const here = await knock(url, surroundings.native);
  if (here.answers) {
    tell("Permission", "good", surroundings.lockedOrigin === "" ? "any server" : `${url} only`);
    tell("Reachability", "good", `answers in ${here.ms} ms`);
    tell("TLS", parts.scheme === "https" ? "good" : "skipped", parts.scheme === "https" ? "the certificate is trusted" : "none with http");
    return true;
  }
  if (here.isForbidden) {
    tell("Permission", "bad", here.text, "The manifest of this build names another address. Install the general build.");
    return false;
  }
  tell("Permission", "good", "Photoshop let the question through");
  const isSecure = parts.scheme === "https";
  const other = `${isSecure ? "http" : "https"}://${parts.authority}`;
  if (surroundings.lockedOrigin === "" && (await knock(other, surroundings.native)).answers) {
    tell("Reachability", "good", `${parts.authority} answers`);
    tell("TLS", "bad", `the server speaks ${isSecure ? "plain http" : "https"} there`, `Enter ${other}.`);
    return false;
  }
  if (isSecure && here.isTls) {
    tell("Reachability", "good", `${parts.authority} answers`);
    tell("TLS", "bad", here.text, TRUST);
    return false;
  }
  const namesake = surroundings.lockedOrigin === "" ? namesakeOf(parts) : "";
  if (namesake !== "" && (await knock(namesake, surroundings.native)).answers) {
    tell("Reachability", "bad", `${parts.authority} does not answer, ${namesake} does`, `Enter ${namesake}.`);
    return false;
  }
  tell("Reachability", "bad", here.text, cureOfSilence(parts, surroundings.isMac));
  return false;
}

/** The other name of this machine, at the same port: Photoshop may reach it by only one of them. Empty for another machine. */
function namesakeOf({ scheme, host, authority }: Parts): string {
  const port = /:\d+$/.exec(authority)?.[0] ?? "";
  return isLoopback(host) ? `${scheme}://${host === "localhost" ? "127.0.0.1" : "localhost"}${port}` : "";
}

const TRUST =
  "UXP takes no self-signed certificate. Use one from a public authority, or put your studio's (or mkcert's) root into the system's trust store.";

function cureOfSilence({ scheme, host }: Parts, isMac: boolean | null): string {
  const start = isLoopback(host)
    ? "Start the server: inlay serve."
    : "Start the server there (inlay serve --host 0.0.0.0), and check the port and the firewall (TCP 50052).";
  const cures = [start];
  if (scheme === "https") {
    cures.push(`Or the certificate is not trusted: ${TRUST}`);
  } else if (isMac !== false) {
    const ways = isLoopback(host) ? ", whether by 127.0.0.1 or by localhost" : "";
    cures.push(`If it does run, Photoshop on macOS may not reach plain http${ways}: give the server a certificate (inlay serve --cert --key) and enter https.`);
  }
  if (!isLoopback(host) && isMac !== false) {
    cures.push("macOS 15 and newer: allow Photoshop under Privacy & Security > Local Network.");
  }
  return cures.join(" ");
}

interface Knock {
  readonly answers: boolean;
  readonly ms: number;
  readonly text: string;
  readonly isForbidden: boolean;
  readonly isTls: boolean;
}

/** Whether anything at all answers over HTTP. */
async function knock(url: string, native: typeof fetch): Promise<Knock> {
  const start = Date.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${CHECK_MS / 1000} s`)), CHECK_MS);
  });
  try {
    await Promise.race([native(`${url}/healthz`, { method: "GET" }), silence]);
    return { answers: true, ms: Date.now() - start, text: "", isForbidden: false, isTls: false };
  } catch (error) {
    const text = wordsOf(error);
    return {
      answers: false,
      ms: Date.now() - start,
      text,
      isForbidden: isForbidden(text),
      isTls: isUntrusted(text),
    };
  } finally {
    clearTimeout(timer);
  }
}

async function lookAtToken(calls: Calls, token: string, tell: Tell): Promise<GetServerInfoResponse | null> {
  try {
    const info = await calls.call("getServerInfo", {}, undefined, CHECK_MS);
    tell("Token", token === "" ? "skipped" : "good", token === "" ? "none is asked for" : "accepted");
    return info;
  } catch (error) {
    const trouble = error instanceof Trouble ? error : new Trouble("unknown", String(error));
    if (trouble.code === "unauthenticated") {
      const what = token === "" ? "the server asks for one" : "the server refuses it";
      tell("Token", "bad", what, "It lies in the file “token” in the server's data folder; “inlay serve” says where.");
    } else {
      tell("Token", "skipped", "not asked");
      tell("Version", "bad", trouble.reason, trouble.cure);
    }
    return null;
  }
}

function lookAtVersion(info: GetServerInfoResponse, tell: Tell): void {
  const what = `Inlay ${info.version} on ${info.name}, protocol ${info.protocol}, ${info.devices.join(", ")}`;
  if (info.protocol === PROTOCOL) {
    tell("Version", "good", what);
  } else {
    tell("Version", "bad", what, `This plugin speaks protocol ${PROTOCOL}: update ${info.protocol < PROTOCOL ? "the server" : "the plugin"}.`);
  }
}
