/** Connect's protocol as the client speaks it, and the words for each way in which a call goes wrong. */

import assert from "node:assert/strict";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { Calls } from "../../src/client/connect";
import { Trouble } from "../../src/client/trouble";
import { Inlay } from "./inlay";
import { until } from "./lines";

const TOKEN = "correct horse";

let server: Inlay;
let guarded: Inlay;

before(async () => {
  [server, guarded] = await Promise.all([Inlay.start(), Inlay.start({ token: TOKEN })]);
});
after(() => Promise.all([server.end(), guarded.end()]));

/** What a call is told that fails. */
async function trouble(url: string, native: typeof fetch = fetch, token = ""): Promise<Trouble> {
  const error: unknown = await new Calls(url, token, native).call("getServerInfo", {}).catch((reason: unknown) => reason);
  assert.ok(error instanceof Trouble, String(error));
  return error;
}

/** A service that answers every request with this. */
async function answering<T>(status: number, type: string, body: string | Uint8Array, ask: (url: string) => Promise<T>): Promise<T> {
  const other: Server = createServer((_, answer) => answer.writeHead(status, { "content-type": type }).end(body));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  try {
    return await ask(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
  } finally {
    other.close();
    other.closeAllConnections();
  }
}

test("what goes wrong is said in the editor's language: a real server hears of it at its socket", async () => {
  const refused = (locale: string): Promise<string> =>
    new Calls(server.url, "", fetch, () => undefined, locale).call("cancelJob", { jobId: crypto.randomUUID() }).then(
      () => assert.fail("there is no such job"),
      (reason: unknown) => (reason as Trouble).reason,
    );
  assert.match(await refused("de-AT"), /^den Auftrag '.*' gibt es nicht/);
  assert.match(await refused(""), /^job '.*' does not exist/);
});

test("a call is one POST of a message, with what Connect and the server ask for, and nothing that UXP does not know", async () => {
  const seen: { url: string; init: RequestInit | undefined }[] = [];
  const native: typeof fetch = (input, init) => {
    seen.push({ url: input as string, init });
    return fetch(input, init);
  };
  const { protocol, name } = await new Calls(guarded.url, TOKEN, native).call("getServerInfo", {});

  assert.equal(protocol, 1);
  assert.notEqual(name, "");
  const [{ url, init } = assert.fail()] = seen;
  assert.equal(url, `${guarded.url}/inlay.v1.InlayService/GetServerInfo`);
  assert.deepEqual(Object.keys(init ?? {}).sort(), ["body", "headers", "method", "signal"]);
  assert.equal(init?.method, "POST");
  assert.deepEqual(init.headers, {
    "Content-Type": "application/proto",
    "Connect-Protocol-Version": "1",
    Authorization: `Bearer ${TOKEN}`,
  });
});

test("the server's errors keep their code and their words", async () => {
  const calls = new Calls(server.url, "", fetch);
  const question = { document: { width: 100, height: 100 }, region: { x: 0, y: 0, width: 10, height: 10 }, count: 99 };
  await assert.rejects(calls.call("planEdit", question), (error: unknown) => {
    assert.ok(error instanceof Trouble);
    assert.deepEqual([error.code, error.isTransient], ["invalid_argument", false]);
    assert.match(error.reason, /verb.*\.$/);
    return true;
  });
});

test("a missing and a wrong token are told by the server, and in the panel's words where another door asks for it", async () => {
  for (const token of ["", "wrong"]) {
    const { code, cure } = await trouble(guarded.url, fetch, token);
    assert.deepEqual([code, cure], ["unauthenticated", "Enter the server's token in the settings."]);
  }
  await answering(401, "text/plain", "who are you", async (url) => {
    assert.equal((await trouble(url)).message, `${url} asks for a token. Enter the server's token in the settings.`);
  });
});

test("a server that refuses its name says which to use", async () => {
  const asAnother: typeof fetch = (input, init) =>
    new Promise((resolve, reject) => {
      const headers = { ...(init?.headers as Record<string, string>), Host: "gpu.lan" };
      const sent = request(input as string, { method: "POST", headers }, (answer) => {
        const { statusCode: status = 0 } = answer;
        answer.resume().on("end", () => resolve(new Response("", { status, headers: { "content-type": "text/plain" } })));
      });
      sent.on("error", reject).end(init?.body as Uint8Array);
    });
  const { message } = await trouble(server.url, asAnother);
  assert.equal(message, `The server refuses the name in ${server.url}. Use 127.0.0.1, or give the server a token.`);
});

test("an answer that is none of Inlay's is another service, whatever it says", async () => {
  const pages: readonly [number, string, string][] = [
    [200, "text/html", "<p>ComfyUI</p>"],
    [200, "application/json", '{"status": "ok"}'],
    [404, "application/json", '{"detail": "Not Found"}'],
    [404, "application/json", '{"code": 404}'],
    [404, "application/json", "null"],
    [502, "text/html", "<p>Bad Gateway</p>"],
    [302, "text/plain", ""],
  ];
  for (const [status, type, body] of pages) {
    await answering(status, type, body, async (url) => {
      const told = await trouble(url);
      const words = `${url} answered with HTTP ${status}. This seems to be another service; check the port (Inlay's is 50052).`;
      assert.deepEqual([told.code, told.message], ["unavailable", words]);
    });
  }
});

test("an answer that breaks off is worth another try", async () => {
  await answering(200, "application/proto", Uint8Array.from([10, 200, 1, 65]), async (url) => {
    const told = await trouble(url);
    assert.deepEqual([told.message, told.isTransient], [`${url} hung up in the middle of an answer. Try again.`, true]);
  });
});

test("nobody there, a manifest that forbids it, and a certificate that nobody trusts each have their sentence", async () => {
  assert.match((await trouble("http://127.0.0.1:9")).message, /^Nobody answers at http:\/\/127\.0\.0\.1:9\. Start the server/);

  const denied = "Permission denied to the url http://gpu.lan:50052. Manifest entry not found.";
  const forbidden = await trouble("http://gpu.lan:50052", () => Promise.reject(new Error(denied)));
  assert.match(forbidden.message, /^This plugin may not reach http:\/\/gpu\.lan:50052\. A studio's build is locked to one address/);
  assert.equal(forbidden.isTransient, false);

  const secure = await Inlay.startSecure();
  try {
    const untrusted = await trouble(secure.url);
    assert.match(untrusted.message, /^The certificate of https:.* is not trusted: .*self-signed certificate/);
  } finally {
    await secure.end();
  }
});

test("a server that says nothing is given up on, and hears it", { timeout: 60_000 }, async () => {
  const left: string[] = [];
  const silent: Server = createServer((question) => question.on("close", () => left.push(question.url ?? "")));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  try {
    const told: unknown = await new Calls(url, "", fetch).call("getServerInfo", {}, undefined, 300).catch((error: unknown) => error);
    assert.ok(told instanceof Trouble && told.code === "deadline_exceeded" && told.isTransient);
    assert.equal(told.message, `${url} does not answer in time. Check that the machine is on and reachable.`);
    await until("the server hears that nobody waits", () => left.length > 0);
  } finally {
    silent.close();
    silent.closeAllConnections();
  }
});
