/** A review from Photoshop's panel on the real server: a link, and pins and decisions that come back into the document. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { inflateSync } from "node:zlib";
import { after, before, beforeEach, test } from "node:test";
import { Calls } from "../../src/client/connect";
import { memoryOf, unpacked } from "../../src/client/messages";
import { type Review, Role, Verdict } from "../../src/gen/inlay/v1/review_pb";
import type { Pixels, Rect } from "../../src/host/host";
import type { Spot } from "../../src/host/spots";
import { draftsOf, each, newest, numbersOf, openPins, placeOf } from "../../src/review";
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

const LARGE = { width: 300, height: 200 } as const;
const SRGB8 = { mode: "RGB", depth: 8, profile: "sRGB IEC61966-2.1" } as const;

/** Opaque: how far right is in its red, how far down in its green. */
function slope(rect: Rect, blue: number): Pixels {
  const samples = new Uint8Array(4 * rect.width * rect.height);
  for (let at = 0; at < rect.width * rect.height; at += 1) {
    const [x, y] = [rect.x + (at % rect.width), rect.y + Math.floor(at / rect.width)];
    samples.set([Math.round((255 * x) / LARGE.width), Math.round((255 * y) / LARGE.height), blue, 255], 4 * at);
  }
  return { rect, channels: 4, samples };
}

/** The samples of the imitation's PNG (https://www.w3.org/TR/png-3/): one IDAT, no filters. */
function pixelsOf({ picture }: Spot): { readonly width: number; readonly height: number; at(x: number, y: number): readonly number[] } {
  const file = Buffer.from(picture.split(",")[1] ?? "", "base64");
  const [width, height, data] = [file.readUInt32BE(16), file.readUInt32BE(20), file.indexOf("IDAT")];
  const rows = inflateSync(file.subarray(data + 4, data + 4 + file.readUInt32BE(data - 4)));
  return { width, height, at: (x, y) => [...rows.subarray(y * (1 + 3 * width) + 1 + 3 * x, y * (1 + 3 * width) + 4 + 3 * x)] };
}

/** That it shows the slope around a point of the document, in its place in a square of 128 px whose middle that point is. */
function assertShows(spot: Spot | null, [x, y]: readonly [number, number], held: Rect, blue: number): void {
  assert.ok(spot);
  const [left, top] = [Math.max(held.x, x - 64), Math.max(held.y, y - 64)];
  const [right, bottom] = [Math.min(held.x + held.width, x + 64), Math.min(held.y + held.height, y + 64)];
  const share = (px: number): number => px / 128;
  assert.deepEqual(spot.covers, { x: share(left - x + 64), y: share(top - y + 64), width: share(right - left), height: share(bottom - top) });
  const pixels = pixelsOf(spot);
  assert.deepEqual([pixels.width, pixels.height], [right - left, bottom - top].map((length) => Math.round((length * 96) / 128)));
  for (const [u, v] of [[0, 0], [pixels.width - 1, 0], [0, pixels.height - 1], [pixels.width - 1, pixels.height - 1], [pixels.width >> 1, pixels.height >> 1]] as const) {
    const [red, green] = [left + ((u + 0.5) * (right - left)) / pixels.width - 0.5, top + ((v + 0.5) * (bottom - top)) / pixels.height - 0.5];
    const wanted = [(255 * red) / LARGE.width, (255 * green) / LARGE.height, blue];
    const off = pixels.at(u, v).map((sample, at) => Math.abs(sample - (wanted[at] ?? 0)));
    assert.ok(Math.max(...off) <= 2, `${pixels.at(u, v).join()} instead of ${wanted.join()} at ${u}, ${v}`);
  }
}

test("each pin at a place shows how the document looks there now, which is read once and changes nothing", async () => {
  const all = { x: 0, y: 0, ...LARGE };
  document = await open(desk, SRGB8, slope(all, 40));
  const edit = await placed(desk.server.begin(document, weather()));
  await desk.stage.activate(document, [edit.group ?? 0]);
  const anna = await shared();
  const { window } = each(await stateOf(anna), "draft")[0] ?? {};
  assert.ok(window);
  const [at, corner] = [[window.x + window.width, window.y + window.height], [window.x, window.y]] as const;
  const result = await only(desk, document);
  await desk.host.show(result, -1);
  const pin = (text: string, place: object, draft = 1) => anna.call("addPin", { pin: { pinId: randomUUID(), draft, version: 1, text, ...place } });
  await pin("In the corner", { at: { x: 1, y: 1 } });
  await pin("Too dark", {});
  await pin("There", { at: { x: 0, y: 0 } });
  await pin("Here", { at: { x: 1, y: 1 } }, 2);
  const { spots } = desk.host;
  const reads: number[] = [];
  Object.assign(desk.host, { spots: (...asked: Parameters<typeof spots>) => (reads.push(asked[1].length), spots.apply(desk.host, asked)) });
  const before = await historyOf();
  const spotOf = (text: string): Spot | null => {
    const found = openPins(known()).find((one) => one.pin.text === text);
    return found ? session.reviews.spots.of(found.pin.pinId) : null;
  };
  await until("they are read", () => ["In the corner", "There", "Here"].every((text) => spotOf(text) !== null));
  assertShows(spotOf("In the corner"), at, all, 40);
  assertShows(spotOf("Here"), at, all, 40);
  assertShows(spotOf("There"), corner, all, 40);
  assert.equal(spotOf("Too dark"), null, "it is about the whole");
  assert.deepEqual([...numbersOf(known())].map(([pinId, number]) => [openPins(known()).find((one) => one.pin.pinId === pinId)?.pin.text, number]), [["In the corner", 1], ["There", 2], ["Here", 1]]);
  assert.deepEqual(await historyOf(), before);
  const count = reads.length;
  for (let look = 0; look < 3; look += 1) session.reviews.look(session.state.reviews.length ? await desk.host.identify(document) : "", document);
  await session.isReady();
  assert.equal(reads.length, count, "nothing is read while nothing changes");

  const right = { x: 0, y: 0, width: 200, height: 200 };
  await desk.stage.addLayer(document, "Over", slope(right, 200));
  await until("they are read anew", () => pixelsOf(spotOf("There") ?? assert.fail()).at(0, 0)[2] === 200);
  assertShows(spotOf("There"), corner, all, 200);

  await desk.host.enlarge(document, { x: 0, y: 0, width: 310, height: 200 });
  await until("the canvas is another", () => spotOf("There") === null);
  assert.equal(openPins(known()).length, 4, "the words stay");
});

/** What undo could take back, and what is selected. */
async function historyOf(): Promise<unknown> {
  const { samples, region } = await desk.host.readSelection(document);
  return [desk.host.historyState(document), { ...region }, [...samples]];
}

test("what is approved is painted, and its final waits for the document as any result", async () => {
  const anna = await shared();
  await anna.call("decide", { decision: { draft: 1, version: 1, verdict: Verdict.APPROVE } });
  await until("the final is offered", () => (newest(known())[0]?.final ?? null) !== null && session.state.offers === 1);
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
