/** The connection: found, lost, found again; and the doctor, who says why not. */

import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, test } from "node:test";
import { Connection } from "../../src/client/connection";
import { examine, type Surroundings } from "../../src/client/doctor";
import type { ConnectionView } from "../../src/client/connection";
import type { Finding } from "../../src/client/doctor";
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

/** What it turns to, or has turned to already: it asks by itself, too. */
function turning(connection: Connection, isIt: (view: ConnectionView) => boolean): Promise<ConnectionView> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (isIt(connection.view)) resolve(connection.view);
    };
    connection.onChange(look);
    connection.check();
    look();
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
  assert.ok(connection.calls.profiles.has("sRGB IEC61966-2.1"));
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

test("a connection that was stopped asks no more, though a call that goes on meets a dropped line", async () => {
  let asked = 0;
  const connection = connectionTo(server.url, "", (input, init) => {
    asked += 1;
    return fetch(input, init);
  });
  await turning(connection, ({ state }) => state === "ready");
  connection.stop();
  const before = asked;

  connection.calls.dropped();

  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(asked, before);
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

async function diagnosis(url: string, surroundings: Partial<Surroundings> = {}, token = ""): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  await examine({ url, token }, { ...HERE, ...surroundings }, (finding) => findings.push(finding));
  for (const { name, state, cure } of findings) {
    assert.equal(cure === "", state === "good" || state === "skipped", `${name} is ${state}: ${cure}`);
  }
  return findings;
}

const silent = () => Promise.reject(new TypeError("Network request failed"));

test("a healthy line is one finding: who answers, and with what", async () => {
  for (const [url, token] of [[server.url, ""], [guarded.url, TOKEN]] as const) {
    const [found, ...others] = await diagnosis(url, { isMac: true }, token);
    assert.deepEqual([found?.name, found?.state, others], [url, "good", []]);
    assert.match(found?.what ?? "", /^Inlay \d.* protocol 1, cpu/);
  }
});

test("a missing and a wrong token are told apart from a server that is not there, with where the token lies", async () => {
  for (const token of ["", "wrong"]) {
    const [found, ...others] = await diagnosis(guarded.url, {}, token);
    assert.match(`${found?.state} ${found?.cure}`, /^bad .*data folder/);
    assert.deepEqual(others, []);
  }
});

test("nobody there: start the server, with the way to do it where it is, and what else it may be", async () => {
  const [here, ...others] = await diagnosis("http://127.0.0.1:9");
  assert.match(here?.cure ?? "", /inlay serve/);
  assert.deepEqual(others.map(({ name, state }) => [name, state]), [["https://127.0.0.1:9", "skipped"], ["http://localhost:9", "skipped"]]);
  assert.match((await diagnosis("http://127.0.0.1:9", { isMac: true }))[0]?.cure ?? "", /macOS may not reach plain http.* enter https/);
  const [there] = await diagnosis("https://gpu.lan:50052", { native: silent, isMac: null });
  assert.match(there?.cure ?? "", /--host 0\.0\.0\.0.*firewall.*certificate is not trusted.*Local Network/);
});

test("an address that this machine answers by another name or scheme is named", async () => {
  const { port } = new URL(server.url);
  const deafTo = (name: RegExp): typeof fetch => (input, init) => (name.test(input as string) ? silent() : fetch((input as string).replace("localhost", "127.0.0.1"), init));
  const cures = async (url: string, deaf: RegExp): Promise<string> => (await diagnosis(url, { native: deafTo(deaf) })).map(({ cure }) => cure).join();
  assert.match(await cures(server.url, /127\.0\.0\.1|https/), new RegExp(`Enter http://localhost:${port}\\.`));
  assert.match(await cures(`http://localhost:${port}`, /localhost|https/), new RegExp(`Enter http://127.0.0.1:${port}\\.`));
  assert.match((await diagnosis(server.url.replace("http:", "https:"))).map(({ cure }) => cure).join(), new RegExp(`Enter ${server.url}\\.`));
});

test("a real server with a certificate of its own is told from one that is not there", async () => {
  const secure = await Inlay.startSecure();
  try {
    const [found] = await diagnosis(secure.url, {}, "a token");
    assert.match(found?.what ?? "", /certificate .* is not trusted: .*self-signed/);
    assert.match(found?.cure ?? "", /no self-signed certificate.*trust store/);
    const { reason } = await turning(connectionTo(secure.url, "a token"), ({ state }) => state === "trouble");
    assert.match(reason, /certificate .* is not trusted/);
  } finally {
    await secure.end();
  }
});

test("a manifest that does not name the server, and a build that is locked to another one", async () => {
  const denied = "Permission denied to the url http://gpu.lan:50052. Manifest entry not found.";
  const found = await diagnosis("http://gpu.lan:50052", { native: () => Promise.reject(new Error(denied)) });
  assert.equal(found.length, 1);
  assert.match(found[0]?.cure ?? "", /general build/);
  const locked = await diagnosis("http://gpu.lan:50052", { lockedOrigin: "https://inlay.studio.example" });
  assert.match(locked[0]?.what ?? "", /inlay\.studio\.example only/);
});

test("http is named where it is not encrypted", async () => {
  const [found] = await diagnosis("http://gpu.lan:50052", { native: (input, init) => fetch((input as string).replace("http://gpu.lan:50052", server.url), init) });
  assert.deepEqual([found?.state, found?.cure], ["unsure", "The line is not encrypted: use https."]);
});

test("another service is not taken for Inlay", async () => {
  const other: Server = createServer((_, answer) => answer.writeHead(200, { "content-type": "text/html" }).end("<p>ComfyUI</p>"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  try {
    assert.match((await diagnosis(url))[0]?.cure ?? "", /another service/);
    const { reason } = await turning(connectionTo(url), ({ state }) => state === "trouble");
    assert.match(reason, /another service/);
  } finally {
    other.close();
    other.closeAllConnections();
  }
});
