/** A Photoshop that is let in by a real server over TLS: both sides show the same words, and the token is its own. */

import assert from "node:assert/strict";
import { request } from "node:https";
import { after, before, test } from "node:test";
import { Calls } from "../../src/client/connect";
import { letIn, wordsOf } from "../../src/client/pairing";
import { Stop } from "../../src/client/pause";
import { Cancelled } from "../../src/client/trouble";
import { Inlay } from "./inlay";

/** The machine's trust store takes this server's certificate, as Photoshop's would have to. */
const trusting = ((url: string, { method, headers, body }: { method: string; headers: Record<string, string>; body: Uint8Array }) =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, rejectUnauthorized: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => resolve(new Response(Buffer.concat(parts), { status: answer.statusCode ?? 0, headers: answer.headers as Record<string, string> })));
    });
    asked.on("error", reject);
    asked.end(body);
  })) as unknown as typeof fetch;

let server: Inlay;
before(async () => {
  server = await Inlay.startSecure({ pairs: true });
});
after(() => server.end());

const calls = (token = ""): Calls => new Calls(server.url, token, trusting);

test("the words are those that the server shows, and the studio's yes brings a token that opens it", async () => {
  const admin = calls("a token");
  let read = "";
  const asked = letIn(calls(), "Änne", "Photoshop", (words) => (read = words), new Stop());
  while (read === "") await new Promise((resolve) => setTimeout(resolve, 10));
  const [shown] = (await admin.call("listPairings", {})).pairings;
  assert.deepEqual([shown?.words, shown?.name, shown?.machine], [read, "Änne", "Photoshop"]);
  await assert.rejects(admin.call("decidePairing", { words: "lusab-babad", accept: true }), /does not exist/);
  await admin.call("decidePairing", { words: read, accept: true });
  const token = await asked;
  assert.match(token, /^inlay_/);
  await assert.rejects(calls().call("getServerInfo", {}), /token/);
  assert.notEqual((await calls(token).call("getServerInfo", {})).version, "");
});

test("who is turned away is told so, and who gives up asks no more", async () => {
  const admin = calls("a token");
  const refused = letIn(calls(), "Ben", "Photoshop", (words) => void admin.call("decidePairing", { words, accept: false }), new Stop());
  await assert.rejects(refused, /the studio turned this machine away/);
  const stop = new Stop();
  await assert.rejects(letIn(calls(), "Cem", "Photoshop", () => stop.abort(), stop), Cancelled);
});

test("the words are those of every other side: by the contract's comment and the paper on proquints", async () => {
  const bytes = (from: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, at) => (from + at) & 255);
  assert.equal(await wordsOf(bytes(1), "Anna Müller", "pc-12", bytes(60), bytes(200)), "fopam-fusal");
});
