/** A review from Photoshop's panel on the real server: a link, and pins and decisions that come back into the document. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { Calls } from "../../src/client/connect";
import { memoryOf, unpacked } from "../../src/client/messages";
import { type Review, Role, Verdict } from "../../src/gen/inlay/v1/review_pb";
import { draftsOf, each, newest, openPins, placeOf } from "../../src/review";
import { PhotoshopSession } from "../../src/session";
import { Inlay } from "../client/inlay";
import { until } from "../client/lines";
import { weather } from "../forms";
import { type Desk, deskAt, only, open, placed } from "./desk";

let server: Inlay;
let desk: Desk;
let session: PhotoshopSession;
let document: number;
const copied: string[] = [];

before(async () => {
  server = await Inlay.start({ engines: "support.invented_verb:registry_of" });
  desk = await deskAt(server.url);
  Object.assign(desk.host, {
    copy: (text: string) => {
      copied.push(text);
      return Promise.resolve();
    },
  });
  session = new PhotoshopSession(desk.host, desk.server);
  session.panelIsShown();
  session.start();
});
after(async () => {
  session.stop();
  await server.end();
});
beforeEach(async () => {
  session.reviews.watch(true);
  document = await open(desk);
  const edit = await placed(desk.server.begin(document, weather()));
  await desk.stage.activate(document, [edit.group ?? 0]);
});

/** Shares the result in hand; what the one who opens the link can call. */
async function shared(name = "Anna"): Promise<Calls> {
  const code = await session.share(name);
  assert.deepEqual([...(code ?? []).slice(1, 4)], [80, 78, 71], `no PNG: ${session.state.trouble}`);
  const [page, token] = (copied[copied.length - 1] ?? "").split("#t=");
  assert.equal(page, `${server.url}/review/`);
  const { jobId } = memoryOf(await only(desk, document)) ?? {};
  const isOfThisDocument = (review: Review): boolean => each(review, "draft").some((draft) => draft.jobId === jobId);
  await until("the review is known, and no longer that of the test before", () => session.state.reviews.some(isOfThisDocument));
  return new Calls(server.url, token ?? "", fetch);
}

async function stateOf(calls: Calls): Promise<Review> {
  const { review } = await calls.call("getReview", {});
  assert.ok(review);
  return review;
}

function known(): Review {
  const [review] = session.state.reviews;
  assert.ok(review);
  return review;
}

test("the link lets who has it decide on the variations for a week, and is said", async () => {
  const anna = await shared();
  const review = await stateOf(anna);
  const { jobId } = memoryOf(await only(desk, document)) ?? {};
  assert.deepEqual(each(review, "draft").map((one) => [one.jobId, one.variation]).sort(), [[jobId, 0], [jobId, 1]]);
  const [me] = each(review, "reviewer");
  assert.deepEqual([me?.name, me?.role], ["Anna", Role.DECIDE]);
  assert.equal(Math.round(Number((me?.expiresUnixMs ?? 0n) - review.createdUnixMs) / 86_400_000), 7);
  await until("its review is known", () => session.state.reviews.length === 1);
  assert.match(session.state.result?.note ?? "", /^The link for Anna .* Only this machine can open it/);
  assert.equal(await session.share(""), null);
  assert.equal(session.state.trouble, "Say who looks at it.");
});

test("a pin comes back, selects the draft's region or a box around it, and is ticked off", async () => {
  const anna = await shared();
  const { window, region } = each(await stateOf(anna), "draft")[0] ?? {};
  assert.ok(window && region);
  const say = (text: string, x: number, y: number) => anna.call("addPin", { pin: { pinId: randomUUID(), draft: 1, version: 1, at: { x, y }, text } });
  await say("More rain", (region.x + 1 - window.x) / window.width, (region.y + 1 - window.y) / window.height);
  await say("A bird", 1, 1);
  await until("the pins are known", () => openPins(known()).length === 2);
  const [rain, bird] = openPins(known());
  assert.ok(rain && bird);
  assert.equal(rain.name, "Anna");
  await session.selectPin(known(), rain.pin);
  const selected = async () => (await desk.host.readSelection(document)).region;
  assert.deepEqual({ ...(await selected()) }, { x: region.x, y: region.y, width: region.width, height: region.height });
  await session.selectPin(known(), bird.pin);
  const { width, height } = desk.host.facts(document);
  const [x, y] = [window.x + window.width - 32, window.y + window.height - 32];
  assert.deepEqual({ ...(await selected()) }, { x, y, width: Math.min(64, width - x), height: Math.min(64, height - y) });
  assert.throws(() => placeOf(known(), bird.pin, { width: width - 1, height }), /Undo that/);

  await session.resolvePin(known(), rain.pin);
  await until("the pins are known", () => openPins(known()).length === 1);
  assert.deepEqual(each(await stateOf(anna), "resolved").map(({ pinId, reviewer }) => [pinId, reviewer]), [[rain.pin.pinId, 0]]);
});

test("what is approved is painted, and its final waits for the document as any result", async () => {
  const anna = await shared();
  await anna.call("decide", { decision: { draft: 1, version: 1, verdict: Verdict.APPROVE } });
  await until("the final is offered", () => newest(known())[0]?.state.verdict === Verdict.APPROVE && session.state.offers === 1);
  const final = each(await stateOf(anna), "final").pop();
  assert.ok(final);
  await session.accept();
  const isIn = async (): Promise<boolean> => (await desk.host.results(document)).some(({ variations }) => variations.some(({ memory }) => unpacked(memory)?.jobId === final.jobId));
  await until("the final is placed", isIn);
});

test("an approved draft is finished from its layer where that is left to the document", async () => {
  await shared();
  await until("its review is known", () => session.state.reviews.length === 1);
  const second = newest(known())[1]?.draft;
  assert.ok(second);
  desk.asked.length = 0;
  await session.finishApproved(second);
  await until("it is finished", async () => (await only(desk, document)).variations.length === 3);
  assert.ok(desk.asked.includes("FinishVariation"));
  await session.finishApproved({ ...second, jobId: "another" });
  assert.match(session.state.trouble, /This draft is not in the picture/);
});

test("more of it joins the review: as a newer version of what was turned down, and what is known already joins nothing", async () => {
  const anna = await shared();
  await anna.call("decide", { decision: { draft: 2, version: 1, verdict: Verdict.CHANGES } });
  await placed(desk.server.more(await only(desk, document), { seed: 9, count: 1 }));
  await shared("Ben");
  const review = await stateOf(anna);
  assert.deepEqual(each(review, "draft").map(({ draft, version }) => [draft, version]), [[1, 1], [2, 1], [2, 2]]);
  await shared("Ben");
  assert.deepEqual((await stateOf(anna)).events.slice(review.events.length).map(({ happening }) => happening.case), ["reviewer"]);
  const region = newest(review)[0]?.draft.region;
  assert.ok(region);
  assert.deepEqual(draftsOf(review, { ...region, x: region.x + region.width }, [{ jobId: "other", variation: 0 }]).map(({ replaces }) => replaces), [0]);
});

test("nothing is asked while nobody sees it, and what happened meanwhile is known as soon as somebody does", async () => {
  const anna = await shared();
  await until("its review is known", () => session.state.reviews.length === 1);
  session.reviews.watch(false);
  desk.asked.length = 0;
  await anna.call("addPin", { pin: { pinId: randomUUID(), draft: 1, version: 1, text: "Said meanwhile" } });
  session.closeTrouble();
  assert.deepEqual(desk.asked.filter((method) => /Review$/.test(method)), []);
  assert.equal(openPins(known()).length, 0);
  session.reviews.watch(true);
  await until("the pins are known", () => openPins(known()).length === 1);
});

test("a review that is over is told of no more, and what is shared then opens another", async () => {
  const anna = await shared();
  const { reviewId } = await stateOf(anna);
  await desk.server.calls.call("revokeReview", { reviewId, reviewer: 0 });
  const ben = await shared("Ben");
  assert.notEqual((await stateOf(ben)).reviewId, reviewId);
  await until("only the other is known", () => session.state.reviews.length === 1 && known().reviewId !== reviewId);
});
