/** The connection: found, lost, found again; and the doctor, who says why not. */

import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, test } from "node:test";
import { Connection } from "../../src/client/connection";
import { examine, type Surroundings } from "../../src/client/doctor";
import type { ConnectionView, Finding } from "../../src/ui/model";
import { settingsOf } from "../../src/host/uxp";
import { fakeUxp } from "../fake/host";
import { Inlay } from "./inlay";
import { memorySettings } from "./settings";

const TOKEN = "correct horse battery staple";

let server: Inlay;
let guarded: Inlay;
const open: { stop(): void }[] = [];

before(async () => {
  [server, guarded] = await Promise.all([
    Inlay.start({ painter: "painters:invert" }),
    Inlay.start({ painter: "painters:invert", token: TOKEN }),
  ]);
});
afterEach(() => {
  open.splice(0).forEach((connection) => {
    connection.stop();
  });
});
after(() => Promise.all([server.end(), guarded.end()]));

function connectionTo(url: string, token = "", native: typeof fetch = fetch, lockedOrigin = ""): Connection {
  const settings = memorySettings({ server: url });
  settings.secrets.set("token", token);
  const connection = new Connection(settings, native, lockedOrigin, "de-DE");
  open.push(connection);
  return connection;
}

/** What it turns to; asks it first. */
function turning(connection: Connection, isIt: (view: ConnectionView) => boolean): Promise<ConnectionView> {
  return new Promise((resolve) => {
    connection.onChange(() => {
      if (isIt(connection.view)) {
        resolve(connection.view);
      }
    });
    connection.check();
  });
}

test("a server that is there is ready, with its name, its version, and its forms in the language of the editor", async () => {
  const connection = connectionTo(server.url);
  assert.equal(connection.view.state, "connecting");

  const view = await turning(connection, ({ state }) => state === "ready");

  assert.notEqual(view.serverName, "");
  assert.match(view.serverVersion, /^\d+\.\d+/);
  assert.equal(view.url, server.url);
  assert.equal(view.description?.locale, "de");
  assert.equal(view.description.verbs.find(({ id }) => id === "erase")?.unable, "");
  assert.ok(connection.line.profiles.has("sRGB IEC61966-2.1"));
});

test("a server that goes away is in trouble, with what to do, and is found again by itself", async () => {
  const connection = connectionTo(server.url);
  await turning(connection, ({ state }) => state === "ready");
  await server.stop();
  const trouble = await turning(connection, ({ state }) => state === "trouble");
  assert.match(trouble.reason, /Nobody answers at .* Start the server/);
  await server.start();
  await turning(connection, ({ state }) => state === "ready");
});

test("a token is kept in secure storage, read at the start, and asked for when it is wrong", async () => {
  const connection = connectionTo(guarded.url, "wrong");
  const { reason } = await turning(connection, ({ state }) => state === "trouble");
  assert.match(reason, /token in the settings/);

  const ready = turning(connection, ({ state }) => state === "ready");
  connection.use({ url: guarded.url, token: TOKEN });
  await ready;
  assert.deepEqual(connection.address, { url: guarded.url, token: TOKEN });

  const settings = memorySettings();
  const first = new Connection(settings, fetch, "", "");
  open.push(first);
  first.use({ url: guarded.url, token: TOKEN });
  const second = new Connection(settings, fetch, "", "");
  open.push(second);
  await turning(second, ({ state }) => state === "ready");
  assert.equal(settings.secrets.get("token"), TOKEN);
  assert.equal(settings.read("token"), "");
  assert.equal(settings.read("server"), guarded.url);
});

test("a token that was emptied is gone after a restart, though Photoshop's secure storage takes no empty value", async () => {
  const settings = settingsOf(fakeUxp());
  const first = new Connection(settings, fetch, "", "");
  open.push(first);
  first.use({ url: guarded.url, token: TOKEN });
  assert.equal(await settings.readSecret("token"), TOKEN);
  first.use({ url: guarded.url, token: "" });
  assert.equal(await settings.readSecret("token"), "");
  const second = new Connection(settings, fetch, "", "");
  open.push(second);
  const { reason } = await turning(second, ({ state }) => state === "trouble");
  assert.match(reason, /asks for a token|token in the settings/);
});

test("a locked build talks to its own server, whatever the settings say", async () => {
  const connection = connectionTo("http://127.0.0.1:1", "", fetch, server.url);
  assert.equal(connection.address.url, server.url);
  connection.use({ url: "http://127.0.0.1:1", token: "" });
  await turning(connection, ({ state }) => state === "ready");
  assert.equal(connection.view.url, server.url);
});

test("what is no address is said to be none", async () => {
  for (const url of ["inlay", "ftp://a", "http://a/b", "http://a:99999", "http://a b", "http://user@a"]) {
    const { reason } = await turning(connectionTo(url), ({ state }) => state === "trouble");
    assert.match(reason, /is not an address/, url);
  }
});

// --- the doctor -----------------------------------------------------------------

const HERE: Surroundings = { native: fetch, lockedOrigin: "", isMac: false };

async function diagnosis(url: string, surroundings: Partial<Surroundings> = {}, token = ""): Promise<Record<string, Finding>> {
  const findings: Finding[] = [];
  await examine({ url, token }, { ...HERE, ...surroundings }, (finding) => findings.push(finding));
  assert.equal(findings.length, 6);
  for (const { name, state, cure } of findings) {
    assert.equal(cure === "", state === "good" || state === "skipped", `${name} is ${state}: ${cure}`);
  }
  return Object.fromEntries(findings.map((finding) => [finding.name, finding]));
}

function states(found: Record<string, Finding>): string {
  return Object.values(found).map(({ name, state }) => `${name} ${state}`).join(", ");
}

test("a healthy line is healthy at every step", async () => {
  const found = await diagnosis(server.url);
  assert.equal(
    states(found),
    "Address good, Permission good, Reachability good, TLS skipped, Token skipped, Version good",
  );
  assert.equal((await diagnosis(guarded.url, {}, TOKEN))["Token"]?.state, "good");
});

test("a missing and a wrong token are told apart", async () => {
  assert.match((await diagnosis(guarded.url))["Token"]?.what ?? "", /asks for one/);
  const wrong = await diagnosis(guarded.url, {}, "wrong");
  assert.match(wrong["Token"]?.what ?? "", /refuses it/);
  assert.match(wrong["Token"]?.cure ?? "", /data folder/);
  assert.equal(wrong["Version"]?.state, "skipped");
});

test("nobody there: start the server, with the way to do it where it is", async () => {
  const found = await diagnosis("http://127.0.0.1:9");
  assert.equal(found["Reachability"]?.state, "bad");
  assert.match(found["Reachability"].cure, /inlay serve/);
  assert.match((await diagnosis("http://127.0.0.1:9", { isMac: true }))["Reachability"]?.cure ?? "", /macOS may not reach plain http, .* enter https/);
});

test("plain http on macOS is blamed only where this machine answers by neither of its names", async () => {
  const { port } = new URL(server.url);
  const asked: string[] = [];
  const deafTo = (name: RegExp): typeof fetch => (input, init) => {
    asked.push(input as string);
    return name.test(input as string) ? Promise.reject(new TypeError("Network request failed")) : fetch(server.url, init);
  };
  const byName = await diagnosis(server.url, { isMac: true, native: deafTo(/127\.0\.0\.1|https/) });
  assert.deepEqual([byName["Address"]?.state, byName["Reachability"]?.state], ["good", "bad"]);
  assert.equal(byName["Reachability"]?.cure, `Enter http://localhost:${port}.`);
  const byNumber = await diagnosis(`http://localhost:${port}`, { isMac: true, native: deafTo(/localhost|https/) });
  assert.equal(byNumber["Reachability"]?.cure, `Enter http://127.0.0.1:${port}.`);

  asked.length = 0;
  const byNone = await diagnosis(server.url, { isMac: true, native: deafTo(/./) });
  assert.match(byNone["Reachability"]?.cure ?? "", /macOS may not reach plain http/);
  assert.ok(asked.includes(`http://localhost:${port}/healthz`));

  const healthy = await diagnosis(server.url, { isMac: true });
  assert.ok(Object.values(healthy).every(({ cure }) => cure === ""), "a Mac that does reach it is told nothing about http");
});

test("https to a server that speaks plain http, the other way round, and a certificate that nobody trusts", async () => {
  const found = await diagnosis(server.url.replace("http:", "https:"));
  assert.equal(found["TLS"]?.state, "bad");
  assert.equal(found["TLS"].cure, `Enter ${server.url}.`);

  const selfSigned = await diagnosis("https://gpu.lan:50052", {
    native: () => Promise.reject(new TypeError("unable to verify the first certificate")),
  });
  assert.equal(selfSigned["Reachability"]?.state, "good");
  assert.match(selfSigned["TLS"]?.cure ?? "", /trust store/);

  const silent = () => Promise.reject(new TypeError("Network request failed"));
  const either = await diagnosis("https://gpu.lan:50052", { native: silent });
  assert.match(either["Reachability"]?.cure ?? "", /Start the server.*certificate is not trusted/);
});

test("a real server with a certificate of its own is told from one that is not there, and plain http from https", async () => {
  const secure = await Inlay.startSecure();
  try {
    const found = await diagnosis(secure.url, {}, "a token");
    assert.equal(found["Reachability"]?.state, "good");
    assert.match(found["TLS"]?.what ?? "", /self-signed certificate/);
    assert.match(found["TLS"]?.cure ?? "", /no self-signed certificate/);
    assert.equal(found["Token"]?.state, "skipped");
    const { reason } = await turning(connectionTo(secure.url, "a token"), ({ state }) => state === "trouble");
    assert.match(reason, /certificate .* is not trusted/);
  } finally {
    await secure.end();
  }
});

test("a manifest that does not name the server, and a build that is locked to another one", async () => {
  const denied = "Permission denied to the url http://gpu.lan:50052. Manifest entry not found.";
  const found = await diagnosis("http://gpu.lan:50052", { native: () => Promise.reject(new Error(denied)) });
  assert.equal(found["Permission"]?.state, "bad");
  assert.match(found["Permission"].cure, /general build/);
  const locked = await diagnosis("http://gpu.lan:50052", { lockedOrigin: "https://inlay.studio.example" });
  assert.match(locked["Address"]?.what ?? "", /inlay\.studio\.example only/);
});

test("http is named where it is not encrypted", async () => {
  const silent = () => Promise.reject(new TypeError("Network request failed"));
  assert.match((await diagnosis("http://gpu.lan:50052", { native: silent }))["Address"]?.what ?? "", /not encrypted/);
});

test("another service is not taken for Inlay", async () => {
  const other: Server = createServer((_, answer) => answer.writeHead(200, { "content-type": "text/html" }).end("<p>ComfyUI</p>"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  try {
    const found = await diagnosis(url);
    assert.equal(found["Version"]?.state, "bad");
    assert.match(found["Version"].cure, /another service/);
    const { reason } = await turning(connectionTo(url), ({ state }) => state === "trouble");
    assert.match(reason, /another service/);
  } finally {
    other.close();
    other.closeAllConnections();
  }
});
