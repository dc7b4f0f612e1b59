/** The session: what the panel is told while documents, selections, edits and the server change. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { CannotEdit } from "../../src/host/host";
import { PhotoshopSession, type Server } from "../../src/session";
import { EMPTY } from "../../src/ui/form";
import { Desk, jobs, Office, pass, REGION, resultOf, WISH } from "./staged";
import { wish } from "../forms";

let desk: Desk;
let office: Office;
let session: PhotoshopSession;

beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  desk = new Desk();
  office = new Office(desk.host);
  session = new PhotoshopSession(desk.host, office as unknown as Server);
  session.wish(WISH);
  session.start();
  await pass();
});

afterEach(() => {
  session.stop();
  mock.timers.reset();
});

test("the selection is planned once, and again when it is another", async () => {
  assert.equal(office.plans.length, 1);
  assert.equal(session.state.canRun, true);
  desk.front = { document: 1, title: "one.psd", region: { ...REGION, width: 50 } };
  await pass();
  assert.equal(office.plans.length, 2);
  await pass(5000);
  assert.equal(office.plans.length, 2);
});

test("what the server said of a plan goes with the verb and the words it was about", async () => {
  office.notes = ["It continues the surroundings."];
  session.wish(wish({ verb: "fill" }));
  await pass();
  const said = (): unknown => (typeof session.state.plan === "string" ? session.state.plan : session.state.plan.notes);
  assert.deepEqual(said(), office.notes);
  session.wish(wish({ verb: "fill", growPx: 2 }));
  await pass(50);
  assert.deepEqual(said(), office.notes, "a plan that is about the same stays until the next is there");
  for (const other of [{ verb: "erase" }, { verb: "erase", prompt: "a vase" }] as const) {
    session.wish(wish({ ...other }));
    await pass(50);
    assert.equal(said(), "…");
    await pass();
  }
});

test("without a picture, a selection or a server the panel says what is missing", async () => {
  desk.front = { document: 1, title: "one.psd", region: null };
  await pass();
  assert.deepEqual([session.state.plan, session.state.canRun], ["Select what should change.", false]);
  desk.front = null;
  await pass();
  assert.equal(session.state.plan, "Open a picture to begin.");
  desk.front = { document: 1, title: "one.psd", region: REGION };
  office.turn("trouble", "Nobody answers.");
  await pass();
  assert.equal(session.state.plan, "The selection is ready; the server is not.");
});

test("in Quick Mask the panel says before the run that there is no selection to take", async () => {
  desk.front = { document: 1, title: "one.psd", region: REGION, isQuickMask: true };
  await pass();
  assert.equal(session.state.canRun, false);
  assert.match(JSON.stringify(session.state.plan), /Leave the quick mask first/);
});

test("a selection of more than 300 MB is refused before the run, with both sizes", async () => {
  desk.front = { document: 1, title: "one.psd", region: { x: 0, y: 0, width: 10_000, height: 8000 } };
  await pass();
  assert.equal(session.state.canRun, false);
  assert.match(JSON.stringify(session.state.plan), /10000 × 8000 px at 16 bit are 610 MB, and Photoshop gives a plugin room for 300 MB\./);
  desk.front = { document: 1, title: "one.psd", region: { x: 0, y: 0, width: 6000, height: 6000 } };
  await pass();
  assert.equal(session.state.canRun, true);
});

test("a document that cannot be edited says why", async () => {
  desk.refusal = "CMYK cannot be edited. Convert a copy to RGB.";
  await pass();
  assert.deepEqual([session.state.plan, session.state.canRun], [desk.refusal, false]);
});

test("an edit is shown with its own document only, and goes on when the retoucher moves on", async () => {
  await session.run(WISH);
  await pass();
  assert.deepEqual(session.state.edits.map(({ jobId }) => jobId), ["job-1"]);
  desk.ids.set("id-2", 2);
  desk.front = { document: 2, title: "two.psd", region: REGION };
  await pass();
  assert.deepEqual(session.state.edits, []);
  assert.equal(office.begun[0]?.isCancelled, false);
});

test("what goes wrong is told beside the picture in which it was tried, though another one is in front by then", async () => {
  Object.assign(office, {
    begin: () => {
      desk.front = { document: 2, title: "two.psd", region: REGION };
      throw new CannotEdit("Say what should be there.");
    },
  });
  await session.run(WISH);
  assert.equal(session.state.trouble, "");
  desk.front = { document: 1, title: "one.psd", region: REGION };
  await pass();
  assert.equal(session.state.trouble, "Say what should be there.");
});

test("Cancel takes the newest edit back", async () => {
  await session.run(WISH);
  await session.run(WISH);
  await pass();
  session.cancel();
  await pass();
  assert.deepEqual(office.begun.map(({ isCancelled }) => isCancelled), [false, true]);
  assert.deepEqual(session.state.edits.map(({ jobId }) => jobId), ["job-1"]);
});

test("a placed edit is the result in hand, with its pictures, though another layer is active", async () => {
  await session.run(WISH);
  const [edit] = office.begun;
  assert.ok(edit);
  desk.placed = [resultOf(1, 7, "job-1")];
  edit.turn("placed", { group: 7, message: "The prompt was ignored." });
  await pass();
  assert.equal(session.state.result?.name, "result 7");
  assert.equal(session.state.result.note, "The prompt was ignored.");
  assert.deepEqual(session.state.result.variations.map((variation) => variation.picture), ["look of 70", "look of 71"]);
  assert.deepEqual(session.state.edits, []);
});

test("what was placed without a group of layers tells what there is to know, and is never offered again", async () => {
  await session.run(WISH);
  await pass();
  office.waiting = jobs("job-1");
  office.begun[0]?.turn("placed", { message: "Nothing was found." });
  await pass();
  assert.deepEqual([session.state.trouble, session.state.edits, session.state.offers], ["Nothing was found.", [], 0]);
  assert.equal(desk.stored.get("dismissed"), "job-1");
});

test("what an answer says of a field is filled in where it was asked for, and told aloud to the panel", async () => {
  const values = { "words.prompt": "a vase", "words.surroundings": "a shelf" };
  session.wish(WISH, { ...EMPTY, verb: "describe", values });
  await session.run(WISH);
  await pass();
  assert.equal(session.state.filledIn, 0);
  office.begun[0]?.turn("placed", { message: "Around the selection: a beach", suggested: { "words.surroundings": "a beach" } });
  await pass();
  assert.deepEqual(session.filled, { ...EMPTY, verb: "describe", values: { ...values, "words.surroundings": "a beach" } });
  assert.deepEqual([session.state.filledIn, session.state.trouble], [1, "Around the selection: a beach"]);
});

test("a failed edit says why beside its own document, until it is closed or another one begins there", async () => {
  const told = (): string[] => session.state.edits.map(({ name, message }) => `${name}: ${message}`);
  const isFailing = async (): Promise<void> => {
    await session.run(WISH);
    office.begun.at(-1)?.turn("failed", { message: "Not enough memory." });
    await pass();
  };
  await isFailing();
  assert.deepEqual([told(), session.state.trouble], [["Erase: Not enough memory."], ""]);
  desk.ids.set("id-2", 2);
  desk.front = { document: 2, title: "two.psd", region: REGION };
  await pass();
  assert.deepEqual(told(), []);
  desk.front = { document: 1, title: "one.psd", region: REGION };
  await pass();
  await session.inHand.flip(1); // Another matter.
  assert.deepEqual(told(), ["Erase: Not enough memory."]);
  session.state.edits[0]?.cancel();
  assert.deepEqual(told(), []);
  await isFailing();
  await session.run(WISH);
  assert.deepEqual(told(), ["Erase: "]);
});

test("an edit that failed before its document had an id says so too", async () => {
  await session.run(WISH);
  Object.assign(office.begun[0] ?? {}, { documentId: "" });
  office.begun[0]?.turn("failed", { message: "The document changed while it was read." });
  await pass();
  assert.deepEqual(session.state.edits.map(({ message }) => message), ["The document changed while it was read."]);
});

test("a look at Photoshop that failed is told until one goes well, and what it missed is seen then", async () => {
  const known = desk.host.known.bind(desk.host);
  Object.assign(desk.host, { known: () => Promise.reject(new Error("The host is in a modal state.")) });
  desk.inHand = resultOf(1, 7, "job-1");
  desk.changed();
  await pass();
  assert.deepEqual([session.state.trouble, session.state.result], ["The host is in a modal state.", null]);
  Object.assign(desk.host, { known });
  await pass();
  assert.deepEqual([session.state.trouble, session.state.result?.name], ["", "result 7"]);
});

test("what was tried in vain is told beside the document it was tried in, outlives later looks, and can be closed", async () => {
  await session.more(2);
  const message = session.state.trouble;
  assert.match(message, /No result is in hand/);
  desk.changed();
  await pass();
  assert.equal(session.state.trouble, message);
  desk.front = { document: 2, title: "two.psd", region: REGION };
  await pass();
  assert.equal(session.state.trouble, "");
  desk.front = { document: 1, title: "one.psd", region: REGION };
  await pass();
  assert.equal(session.state.trouble, message);
  session.closeTrouble();
  assert.equal(session.state.trouble, "");
});

test("a result that waits says why, and what was taken back is never offered", async () => {
  await session.run(WISH);
  await session.run(WISH);
  await pass();
  office.waiting = jobs("job-1", "job-2");
  session.cancel();
  office.begun[0]?.turn("waiting", { message: "The document was closed meanwhile." });
  await pass();
  assert.deepEqual(session.state.edits.map(({ message }) => message), ["The document was closed meanwhile."]);
  assert.equal(session.state.offers, 1);
});

test("a command that comes before the server's first word waits for it, but not for ever", async () => {
  office.turn("connecting");
  const runs = session.run(WISH);
  await pass(2000);
  assert.deepEqual([office.begun.length, session.state.trouble], [0, ""]);
  office.turn("ready");
  await pass(100);
  assert.equal(await runs, true);
  assert.equal(office.begun.length, 1);

  office.turn("connecting");
  const runsInVain = session.run(WISH);
  await pass(4000);
  assert.equal(await runsInVain, false);
  assert.match(session.state.trouble, /^Not connected yet/);
  assert.equal(office.begun.length, 1);
});

test("running without a server says so instead of throwing", async () => {
  office.turn("trouble", "Nobody answers.");
  assert.equal(await session.run(WISH), false);
  assert.equal(session.state.trouble, "Nobody answers.");
  assert.deepEqual(office.begun, []);
});

test("as long as no panel was shown, what went wrong is told in a dialog, and what went well is not", async () => {
  await session.more(2);
  assert.match(desk.alerts.join(), /No result is in hand/);
  await session.run(WISH);
  await pass();
  assert.equal(desk.alerts.length, 1);
  office.begun[0]?.turn("failed", { message: "Not enough memory." });
  await pass();
  assert.deepEqual(desk.alerts.slice(1), ["Erase: Not enough memory."]);
  session.panelIsShown();
  await session.more(2);
  await session.run(WISH);
  office.begun[1]?.turn("failed", { message: "Not enough memory." });
  await pass();
  assert.equal(desk.alerts.length, 2);
});

test("a look at Photoshop that failed by itself opens no dialog", async () => {
  Object.assign(desk.host, { known: () => Promise.reject(new Error("The host is in a modal state.")) });
  desk.changed();
  await pass();
  assert.deepEqual([session.state.trouble, desk.alerts], ["The host is in a modal state.", []]);
});

test("flipping goes round", async () => {
  desk.inHand = resultOf(1, 7, "job-1", 3, 2);
  await session.inHand.flip(1);
  await session.inHand.flip(-1);
  assert.deepEqual(desk.asked, [["show", 7, 0], ["show", 7, 1]]);
});

test("keeping tells the server which variation stayed", async () => {
  desk.inHand = resultOf(1, 7, "job-1", 3, 1);
  await session.inHand.keep();
  assert.deepEqual(desk.asked, [["keep", 7]]);
  assert.deepEqual(office.rated, [["job-1", 0, false], ["job-1", 1, true], ["job-1", 2, false]]);
});

test("what needs a result says so where there is none", async () => {
  await session.more(2);
  assert.match(session.state.trouble, /No result is in hand/);
});

test("a command that can do nothing says so", async () => {
  for (const [command, said] of [
    [() => session.cancel(), /^No edit of this picture is running/],
    [() => session.accept(), /^No result waits for this picture/],
    [() => session.inHand.before(true), /^No result is in hand/],
    [() => session.inHand.flip(1), /^No result is in hand/],
    [() => session.finish(), /^No result is in hand/],
  ] as const) {
    desk.alerts.length = 0;
    await command();
    await pass();
    assert.match(desk.alerts.join(), said);
  }
});

test("what waits is found by a command that comes before anybody looked", async () => {
  office.waiting = jobs("lost");
  office.turn("trouble");
  office.turn("ready");
  await session.accept();
  assert.deepEqual(office.begun.map(({ jobId }) => jobId), ["lost"]);
});

test("results that finished while the plugin was away are offered, and placed ones are not", async () => {
  office.waiting = jobs("lost", "placed");
  desk.placed = [resultOf(1, 7, "placed")];
  desk.ids = new Map();
  desk.changed();
  await pass();
  desk.ids = new Map([["id-1", 1]]);
  desk.changed();
  await pass();
  assert.equal(session.state.offers, 1);
  await session.accept();
  assert.deepEqual(office.begun.map(({ jobId }) => jobId), ["lost"]);
  assert.equal(session.state.offers, 0);
});

test("a result whose document was closed is offered when it is open again", async () => {
  await session.run(WISH);
  office.waiting = jobs("job-1");
  desk.front = null;
  desk.ids = new Map();
  office.begun[0]?.turn("waiting");
  await pass();
  desk.front = { document: 5, title: "one.psd", region: null };
  desk.ids = new Map([["id-1", 5]]);
  desk.changed();
  await pass();
  assert.equal(session.state.offers, 1);
});

test("what was dismissed is not offered again, even after a restart", async () => {
  office.waiting = jobs("lost");
  office.turn("trouble");
  office.turn("ready");
  await pass();
  assert.equal(session.state.offers, 1);
  session.dismiss();
  office.turn("trouble");
  office.turn("ready");
  await pass();
  assert.equal(session.state.offers, 0);
  assert.equal(desk.stored.get("dismissed"), "lost");
});

test("more variations are asked for with another seed, and as many as wanted", async () => {
  desk.inHand = resultOf(1, 7, "job-1");
  await session.more(3);
  await session.more(3);
  const [[, one], [, other]] = office.rolls as [[unknown, { seed: number; count: number }], [unknown, { seed: number; count: number }]];
  assert.deepEqual([one.count, other.count], [3, 3]);
  assert.notEqual(one.seed, other.seed);
});

test("discarding tells the server that no variation stayed", async () => {
  desk.inHand = resultOf(1, 7, "job-1");
  await session.inHand.discard();
  assert.deepEqual(desk.asked, [["discard", 7]]);
  assert.deepEqual(office.rated, [["job-1", 0, false], ["job-1", 1, false]]);
});

test("before and after follow each other however fast they are asked for", async () => {
  desk.inHand = resultOf(1, 7, "job-1");
  desk.changed();
  await pass();
  await Promise.all([session.inHand.before(true), session.inHand.before(false), session.inHand.before(true), session.inHand.before(false)]);
  assert.deepEqual(desk.asked.map(([, , isVisible]) => isVisible), [false, true, false, true]);
});
