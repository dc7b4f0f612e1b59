/** Reviews in the panel: who is asked, how drafts stand, and pins as a list to work through. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { browser, calls, click, isShown, onStage, open, shoot, WIDTHS } from "./sight";

onStage("photoshop-panel-review");

const lines = (): Promise<string[]> => browser.evaluate(`Array.from(document.querySelectorAll(".words"), (line) => line.offsetParent ? line.textContent : "").filter((text) => /version|final|: /.test(text))`);

test("who looks is asked for once Share is pressed, and named to the session by Enter and by the button", async () => {
  await open("result");
  const field = `document.querySelector('sp-textfield[title="For whom"]')`;
  assert.equal(await isShown('sp-textfield[title="For whom"]'), false);
  await click("Share for review");
  await browser.evaluate(`(() => { ${field}.value = " Anna "; })()`);
  await click("Copy the link");
  await browser.evaluate(`${field}.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }))`);
  assert.deepEqual(await calls("share"), [["share", "Anna"], ["share", "Anna"]]);
  await click("Share for review");
  assert.equal(await isShown('sp-textfield[title="For whom"]'), false);
});

test("a document without a review shows nothing of reviews", async () => {
  await open("result");
  assert.equal(await browser.evaluate(`Array.from(document.querySelectorAll(".fold")).some((title) => title.offsetParent && title.textContent.includes("Review"))`), false);
});

for (const scene of ["review", "german_review"]) {
  for (const width of WIDTHS) {
    test(`${scene} fits at ${width} px`, async () => {
      await open(scene, width, "dark", 1100);
      await click(scene === "review" ? "Share for review" : "Zur Abstimmung");
      await shoot(`${scene}-${width}`);
      assert.deepEqual(await browser.evaluate("stage.misfits()"), []);
    });
  }
}

test("the newest versions say how they stand, and below them stands what is still asked for, as it was typed", async () => {
  await open("review");
  const title = "Fill: a linen tablecloth with soft folds, morning light";
  assert.equal((await lines()).filter((line) => line.includes(", version ")).length, 3, "older versions are not told of");
  assert.deepEqual((await lines()).slice(-9), [
    `1. ${title}, version 2: in review`,
    `2. ${title}, version 1: approved`,
    "Its final is painted.",
    `3. ${title}, version 1: approved`,
    "Its final is yours to paint: the server no longer has its source",
    "Anna: The fold at the left is too <hard>; and the thread's colour should be that of the napkin",
    "Studio: Softer",
    "Anna: The whole is too dark",
    "Anna: Where it was cropped",
  ]);
});

for (const theme of ["dark", "light"]) {
  test(`a pin's picture lies where its square is covered, and its number is the mark in the middle, ${theme}`, async () => {
    await open("review", 230, theme, 1100);
    await shoot(`review-pictures-${theme}`);
    const seen = await browser.evaluate<{ words: string; frame: number[]; image: number[]; mark: number[]; number: string }[]>(`Array.from(document.querySelectorAll(".pin"), (said) => {
      const frame = Array.from(said.parentNode.querySelectorAll(".spot")).find((one) => one.offsetParent);
      const boxOf = (element) => (({ x, y, width, height }) => [x - frame.getBoundingClientRect().x, y - frame.getBoundingClientRect().y, width, height])(element.getBoundingClientRect());
      return frame ? { words: said.textContent, frame: boxOf(frame), image: boxOf(frame.querySelector("img")), mark: boxOf(frame.querySelector(".mark")), number: frame.textContent } : { words: said.textContent };
    })`);
    const [fold, softer, ...others] = seen;
    assert.deepEqual([fold?.number, softer?.number], ["1", "2"]);
    for (const one of [fold, softer]) assert.deepEqual([one?.frame, one?.mark], [[0, 0, 48, 48], [16, 16, 16, 16]]);
    assert.deepEqual([fold?.image, softer?.image], [[0, 0, 48, 48], [24, 0, 24, 48]]);
    assert.deepEqual(others, [{ words: "Anna: The whole is too dark" }, { words: "Anna: Where it was cropped" }], "they show no picture");
    await browser.evaluate(`document.querySelector(".spot").click()`);
    assert.deepEqual((await calls("selectPin")).length, 1);
    assert.deepEqual(await browser.evaluate("stage.misfits()"), []);
  });
}

test("a pin's words select its place, by mouse and by key; its tick says that it is done; what is left to finish is finished", async () => {
  await open("review");
  await browser.evaluate(`document.querySelectorAll(".pin")[1].click()`);
  await browser.evaluate(`document.querySelectorAll(".pin")[1].dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }))`);
  assert.deepEqual(await calls("selectPin"), [["selectPin", "Softer"], ["selectPin", "Softer"]]);
  await browser.evaluate(`document.querySelectorAll(".pin")[1].parentNode.querySelector("sp-checkbox").dispatchEvent(new Event("change"))`);
  assert.deepEqual(await calls("resolvePin"), [["resolvePin", "Softer"]]);
  await browser.evaluate(`Array.from(document.querySelectorAll("sp-action-button")).filter((one) => one.textContent === "Finish").pop().click()`);
  assert.deepEqual(await calls("finishApproved"), [["finishApproved", 3]]);
  assert.deepEqual(await calls("finish"), []);
});

test("folded, nobody asks what happens; open again, it is asked", async () => {
  await open("review");
  await click("▾ Review");
  await click("▸ Review");
  assert.deepEqual((await calls("watch")).slice(-3), [["watch", true], ["watch", false], ["watch", true]]);
});
