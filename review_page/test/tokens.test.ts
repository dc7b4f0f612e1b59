/** Somebody who is signed in by the studio's proxy makes a token in a real browser; a page from elsewhere cannot have one made. */

import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, request, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { InlayService } from "../../photoshop_uxp/src/gen/inlay/v1/inlay_pb";
import { Inlay } from "../../photoshop_uxp/test/client/inlay";
import { Browser } from "../../photoshop_uxp/test/ui/browser";
import { Line } from "../src/line";
import { Reviewer } from "./reviewer";
import { LIMIT } from "./scene";

const GROUPS = "X-Auth-Request-Groups";
const USER = "anna@studio.example";
const LEAST_PX = 24;
const open: Server[] = [];
let server: Inlay;
let browser: Browser;
let page = "";

/** A site of its own, at this name. */
async function site(host: string, answer: RequestListener): Promise<string> {
  const listening = createServer(answer).listen(0, "127.0.0.1");
  open.push(listening);
  await once(listening, "listening");
  return `http://${host}:${(listening.address() as AddressInfo).port}`;
}

/** As a proxy does: what a browser says of who it is goes, and what the proxy knows comes. */
function signed(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return { ...headers, "x-auth-request-email": USER, [GROUPS.toLowerCase()]: "inlay-artist" };
}

before(async () => {
  [server, browser] = await Promise.all([
    Inlay.start({ token: "the studio's", proxy: { networks: ["127.0.0.1/32"], groups_header: GROUPS } }),
    Browser.start(),
  ]);
  const proxy = await site("127.0.0.1", (came, answers) => {
    const onwards = request(`${server.url}${came.url ?? ""}`, { method: came.method, headers: signed(came.headers) }, (got) => {
      answers.writeHead(got.statusCode ?? 500, got.headers);
      got.pipe(answers);
    });
    came.pipe(onwards);
  });
  page = `${proxy}/token/`;
}, LIMIT);

after(async () => {
  open.forEach((one) => { one.closeAllConnections(); one.close(); });
  await Promise.all([server.end(), browser.stop()]);
});

/** The page in a browser of its own, in a language. */
async function visits(url: string, language = "en-GB,en", width = 1000): Promise<Reviewer> {
  const own = await browser.another();
  await own.ask("Emulation.setUserAgentOverride", { userAgent: "Chromium", acceptLanguage: language });
  return Reviewer.at(own, url, width, 740);
}

/** Waits for what the next page shows: who asks while the browser goes there gets no answer. */
async function lands(somebody: Reviewer, expression: string): Promise<void> {
  for (;;) {
    try {
      await somebody.until(expression);
      return;
    } catch (error) {
      if (!/navigated|context/i.test(String(error))) throw error;
    }
  }
}

function comesIn(token: string): Promise<unknown> {
  return new Line(token, "en", server.url).call(InlayService.method.listJobs, {});
}

const count = "document.querySelectorAll('li').length";

test("a token is made, shown once, lets its person in, and is revoked: on a phone, in German", LIMIT, async () => {
  const anna = await visits(page, "de-DE,de", 320);
  await anna.sees(`Angemeldet als ${USER}.`);
  assert.equal(await anna.evaluate(count), 0);
  await anna.clicks("button", "Token machen");
  await lands(anna, "document.querySelector('.made code') !== null");
  const token = await anna.evaluate<string>("document.querySelector('.made code').textContent");
  assert.match(token, /^inlay_[0-9a-f]{8}_[\w-]{43}$/);
  assert.equal(await anna.evaluate("document.documentElement.scrollWidth"), 320);
  const small = await anna.evaluate<number>(`Array.from(document.querySelectorAll("button")).map((one) => one.getBoundingClientRect())
    .filter(({ width, height, right }) => width < ${LEAST_PX} || height < ${LEAST_PX} || right > 320.5).length`);
  assert.equal(small, 0);
  await anna.shoots("token-made");
  await comesIn(token);

  const again = await visits(page, "en-GB,en");
  await again.sees("Tokens for your plugins");
  assert.equal(await again.evaluate(`document.documentElement.outerHTML.includes(${JSON.stringify(token.slice(-43))})`), false);
  assert.equal(await again.evaluate(count), 1);
  await again.shoots("tokens");
  await again.clicks("button", `Revoke ${token.slice(6, 14)}`);
  await lands(again, `${count} === 0`);
  await again.sees("You have none that is good.");
  await assert.rejects(comesIn(token), /revoked/);
  assert.deepEqual([...anna.browser.errors, ...again.browser.errors], []);
});

test("a page from elsewhere leads here, and has nothing made here", LIMIT, async () => {
  const elsewhere = await site("localhost", (_, answers) => {
    answers.setHeader("content-type", "text/html");
    const form = `<form method="post" action="${page}"><button name="make" value="1">A prize</button></form>`;
    answers.end(`${form}<a href="${page}">A link</a><iframe src="${page}"></iframe>`);
  });
  const anna = await visits(elsewhere);
  await anna.clicks("button", "A prize");
  await lands(anna, "document.body.innerText.includes('pages from elsewhere may not ask this')");
  const again = await visits(elsewhere);
  await again.clicks("link", "A link");
  await lands(again, `document.body.innerText.includes("Signed in as")`);
  assert.equal(await again.evaluate(count), 0);
});
