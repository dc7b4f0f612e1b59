/** What happens to an edit on its way, in the session that the panel shows: drops, closed documents, second thoughts. */

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { CANVAS, picture, REGION, softMask } from "../../self_test/expect";
import type { DocumentHandle } from "../../src/host/host";
import { PhotoshopSession } from "../../src/session";
import type { EditView } from "../../src/client/standing";
import type { PanelState } from "../../src/ui/model";
import { Inlay } from "../client/inlay";
import { until as reached } from "../client/lines";
import type { FakeFile } from "../fake/photoshop";
import { type Desk, deskAt, type Intercept, open, RGB16, turned, WISH } from "./desk";
import { wish } from "../forms";

const PATIENCE_MS = 60_000;

let server: Inlay;
const ends: (() => void)[] = [];

before(async () => {
  server = await Inlay.start({ painter: "still:slowly" });
});
afterEach(() => {
  ends.splice(0).forEach((end) => {
    end();
  });
});
after(() => server.end());

async function deskWith(intercept?: Intercept): Promise<Desk> {
  const desk = await deskAt(server.url, {}, intercept);
  ends.push(() => {
    desk.server.stop();
  });
  return desk;
}

type Session = Pick<PhotoshopSession, "state" | "run" | "cancel" | "accept" | "onChange">;

/** The session of a desk, looking at its documents. */
function sessionAt({ host, server: inlay }: Desk): Session {
  const session = new PhotoshopSession(host, inlay);
  session.wish(WISH);
  session.start();
  ends.push(() => {
    session.stop();
  });
  return session;
}

async function until(session: Session, what: string, isSo: (state: PanelState) => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await isSo(session.state)); await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (Date.now() > end) {
      assert.fail(`${what}: ${JSON.stringify(session.state)}`);
    }
  }
}

function isPainting({ edits }: PanelState): boolean {
  return edits.some(({ phase, fraction }) => phase === "painting" && fraction > 0);
}

/** What the edits that ended without a result say. */
function told({ state }: Session): string {
  return state.edits.map(({ message }) => message).join();
}

async function resultsIn({ host }: Desk, document: DocumentHandle): Promise<number> {
  return (await host.results(document)).length;
}

test("the panel sees an edit queued behind another, painted, with an early look, and placed", async () => {
  const desk = await deskWith();
  const session = sessionAt(desk);
  const first = await open(desk);
  await session.run(wish({ count: 1 }));
  await until(session, "the first is painted", isPainting);
  const seen: EditView[] = [];
  session.onChange(() => {
    seen.push(...session.state.edits.filter(({ name }) => name === "second").map((edit) => ({ ...edit })));
  });
  await session.run(wish({ count: 1, seed: 9, prompt: "second" }));
  await until(session, "both are placed", async ({ edits }) => edits.length === 0 && (await resultsIn(desk, first)) > 0);

  assert.ok(seen.some(({ phase, position }) => phase === "queued" && position !== null));
  const fractions = seen.filter(({ phase }) => phase === "painting").map(({ fraction }) => fraction);
  assert.ok(fractions.length > 3 && fractions.every((fraction, at) => fraction >= (fractions[at - 1] ?? 0)));
  assert.match(seen.find(({ preview }) => preview !== "")?.preview ?? "", /^data:image/);
  assert.equal(session.state.trouble, "");
});

test("answers that get lost again and again lose nothing", async () => {
  let polls = 0;
  const desk = await deskWith(async (method, send) => {
    const response = await send();
    if (method === "PollJob" && ++polls % 2 === 1) {
      await response.arrayBuffer();
      throw new TypeError("The connection was lost.");
    }
    return response;
  });
  const document = await open(desk);
  const edit = await turned(desk.server.begin(document, WISH));
  assert.equal(edit.phase, "placed", edit.message);
  assert.ok(polls > 1);
  const [result] = await desk.host.results(document);
  assert.deepEqual(result?.variations.map(({ name }) => name), ["Variation 1 (seed 5)", "Variation 2 (seed 6)"]);
});

test("a line that is lost while a result comes, or while earlier ones are compared, loses neither the result nor its place", async () => {
  const lost = new Set(["DescribeResult", "CompareResults", "ReadBlob"]);
  const desk = await deskWith((method, send) => (lost.delete(method) ? Promise.reject(new TypeError("lost")) : send()));
  const document = await open(desk);
  for (const seed of [5, 6]) {
    const edit = await turned(desk.server.begin(document, wish({ count: 1, seed })));
    assert.equal(edit.phase, "placed", edit.message);
  }
  assert.equal(lost.size, 0);
  assert.deepEqual((await desk.host.results(document)).map(({ variations }) => variations.length), [2]);
});

test("a server that is away for long, before or while the picture is sent or a result fetched, costs nothing but the time", async () => {
  const away = new Map([["PlanEdit", 1], ["HasBlobs", 1], ["PutBlob", 6], ["ReadBlob", 6]]);
  const desk = await deskWith((method, send) => {
    const left = away.get(method) ?? 0;
    away.set(method, left - 1);
    return left > 0 ? Promise.reject(new TypeError("The network is down.")) : send();
  });
  const document = await open(desk, RGB16, picture(RGB16, CANVAS, 7)); // A picture that the server has not seen.
  const edit = desk.server.begin(document, wish({ count: 1 }));
  const heard = new Set<string>();
  edit.on(() => heard.add(`${edit.phase}: ${edit.message}`));
  await turned(edit);
  assert.equal(edit.phase, "placed", edit.message);
  assert.ok(Array.from(away.values()).every((left) => left < 0), JSON.stringify(Array.from(away)));
  const told = (phase: string, what: RegExp): boolean => Array.from(heard).some((said) => said.startsWith(phase) && what.test(said));
  assert.ok(told("capturing", /trying again/i), Array.from(heard).join("\n"));
  assert.ok(told("fetching", /goes on/i), Array.from(heard).join("\n"));
});

test("a server that no longer knows what was selected lets both results stay, and loses none", async () => {
  const answer = JSON.stringify({ code: "not_found", message: "blob is not in the store" });
  const refused = (): Response => new Response(answer, { status: 404, headers: { "content-type": "application/json" } });
  const desk = await deskWith(async (method, send) => (method === "CompareResults" ? refused() : send()));
  const document = await open(desk);
  for (const seed of [5, 6]) await turned(desk.server.begin(document, wish({ count: 1, seed })));
  assert.deepEqual((await desk.host.results(document)).map(({ variations }) => variations.length), [1, 1]);
});

test("a document that is closed while it is edited gets its result once it is open again, from the panel", async () => {
  const desk = await deskWith();
  const session = sessionAt(desk);
  const { app, core } = desk.fake.module;
  const document = await desk.stage.saveAndReopen(await open(desk)); // It lies in a file now.
  await desk.stage.select(document, softMask(16));
  await session.run(WISH);
  await until(session, "it is painted", isPainting);
  const { path, picture } = desk.fake.open(document);
  await desk.stage.close(document);
  await until(session, "it waits", ({ edits }) => edits.some(({ phase }) => phase === "waiting"));
  assert.equal(told(session), "Its picture is closed; the result waits at the server until it is opened again.");

  const file: FakeFile = { name: "again.psd", path, saved: picture };
  const again = await core.executeAsModal(async () => (await app.open(file as never)).id, { commandName: "test" });
  await until(session, "it is offered", ({ offers }) => offers === 1);
  const states = desk.stage.states(again);
  await session.accept();
  await until(session, "it is placed", async () => (await resultsIn(desk, again)) === 1);
  assert.equal(desk.stage.states(again), states + 1);
  assert.equal(session.state.offers, 0);
  assert.deepEqual(session.state.edits, [], "what it said is old");
});

test("a document that was enlarged meanwhile is left alone; undone, it takes the result", async () => {
  const desk = await deskWith();
  const session = sessionAt(desk);
  const document = await open(desk);
  await session.run(WISH);
  await until(session, "it is painted", isPainting);
  const { picture } = desk.fake.open(document);
  picture.width += 8;
  await until(session, "it is offered", ({ offers }) => offers === 1);
  assert.match(told(session), /^The document is 48 × 32 px now and was 40 × 32 px when the edit began\. Undo that/);
  assert.equal(await resultsIn(desk, document), 0);
  picture.width -= 8;
  await session.accept();
  await until(session, "it is placed", async () => (await resultsIn(desk, document)) === 1);
});

test("Escape while the result is placed leaves the document as it was, and the result is offered", async () => {
  const desk = await deskWith();
  const session = sessionAt(desk);
  const document = await open(desk);
  const states = desk.stage.states(document);
  const place = desk.host.place.bind(desk.host);
  Object.assign(desk.host, {
    place: (...given: Parameters<typeof place>) => {
      desk.fake.cancelAt = 8;
      return place(...given);
    },
  });
  await session.run(WISH);
  await until(session, "it is offered", ({ offers }) => offers === 1);
  desk.fake.cancelAt = 0;
  Object.assign(desk.host, { place });
  assert.equal(told(session), "Placing was stopped in Photoshop. The result is offered again.");
  assert.equal(desk.stage.states(document), states);
  assert.equal(await resultsIn(desk, document), 0);
  await session.accept();
  await until(session, "it is placed", async () => (await resultsIn(desk, document)) === 1);
});

test("an edit that was taken back is never offered, though the server may have finished it", async () => {
  const desk = await deskWith((method, send) => (method === "CancelJob" ? Promise.reject(new TypeError("lost")) : send()));
  const session = sessionAt(desk);
  const document = await open(desk);
  await session.run(wish({ count: 1 }));
  await until(session, "it is painted", isPainting);
  session.cancel();
  await until(session, "it has ended", ({ edits }) => edits.length === 0);
  const id = await desk.host.identify(document);
  await reached("the server has painted it", async () => (await desk.server.jobs(id)).every(({ variationsDone }) => variationsDone > 0));
  await desk.stage.select(document, { region: REGION, samples: new Uint8Array(REGION.width * REGION.height).fill(255) });
  await until(session, "the selection is planned", ({ plan }) => typeof plan !== "string");
  assert.deepEqual([session.state.offers, session.state.trouble], [0, ""]);
  assert.equal(await resultsIn(desk, document), 0);
});

test("a document that is closed before it was read fails without a word about results", async () => {
  const desk = await deskWith(async (method, send) => {
    if (method === "PlanEdit") {
      await desk.stage.close(document);
    }
    return send();
  });
  const document = await open(desk);
  const edit = await turned(desk.server.begin(document, WISH));
  assert.deepEqual([edit.phase, edit.message], ["failed", "The document was closed meanwhile."]);
});
