/** What comes of a run, as the panel shows it: edits on their way, results, and what can be done to them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS } from "../../src/entry/commands";
import { browser, calls, click, isShown, mouse, onStage, open, shoot, textOf, until, WIDTHS } from "./sight";

onStage("photoshop-panel-result");

test("an edit shows its place in the queue, its progress and an early look", async () => {
  await open("running");
  const rows = await browser.evaluate<string[]>(
    `Array.from(document.querySelectorAll(".edit .words")).map((words) => words.textContent)`,
  );
  assert.deepEqual(rows, [
    "a linen tablecloth with soft folds, morning light: painting, about 9 s",
    "Erase: waiting, 2 before it, about 31 s",
  ]);
  const look = await browser.evaluate(`(() => {
    const image = document.querySelector(".preview");
    return [image.naturalWidth, image.naturalHeight, image.width, image.height];
  })()`);
  assert.deepEqual(look, [384, 256, 48, 32]);
});

test("rows of ended edits go away", async () => {
  await open("running");
  await browser.evaluate("stage.session.set({ edits: [] })");
  assert.equal(await isShown(".edit"), false);
});

test("arrow keys, thumbnails and buttons flip through the variations", async () => {
  await open("result");
  assert.equal(await browser.evaluate(`Array.from(document.querySelectorAll(".cell")).findIndex((cell) => cell.className.includes("shown"))`), 2);
  await browser.evaluate(`document.querySelector(".strip").focus()`);
  await browser.press("ArrowRight");
  await browser.press("ArrowLeft");
  await browser.evaluate(`document.querySelectorAll(".cell")[4].click()`);
  assert.deepEqual(await calls("flip"), [["flip", 1], ["flip", -1]]);
  assert.deepEqual(await calls("show"), [["show", 4]]);
  for (const [text, call] of [["More", ["more", 1]], ["Keep", ["keep"]], ["Discard", ["discard"]], ["Finish", ["finish"]], ["Save as style", ["saveStyle"]], ["Check colours", ["checkBrand", "house"]]] as const) {
    await click(text);
    assert.deepEqual(await calls(call[0]), [call]);
  }
});

test("the result is hidden while Before is held, and shows again when it is let go or left", async () => {
  await open("result");
  await mouse(".held", "mousedown");
  assert.deepEqual(await calls("before"), [["before", true]]);
  await mouse(".held", "mouseup");
  await mouse(".held", "mouseleave");
  assert.deepEqual(await calls("before"), [["before", true], ["before", false]]);
});

for (const width of WIDTHS) {
  test(`Finish is offered at ${width} px for a draft that can be finished, and for nothing else`, async () => {
    await open("result", width);
    const isOffered = (): Promise<boolean> => isShown('[title^="Paints the variation that shows anew"]');
    assert.equal(await isOffered(), true);
    await browser.evaluate("stage.session.set({ result: { ...stage.session.state.result, canFinish: false } })");
    assert.equal(await isOffered(), false);
  });
}

for (const width of WIDTHS) {
  test(`how a result keeps to the brand stands quietly below it at ${width} px, and is asked for where a style is chosen`, async () => {
    await open("result", width);
    assert.match(await textOf(".quiet.brand"), /^61\.3 % .* nearest is Brand green, dE 0\.8$/);
    assert.deepEqual(await browser.evaluate("stage.misfits()"), []);
    await shoot(`brand-${width}`);
    await browser.evaluate(`stage.session.set({ result: { ...stage.session.state.result, kit: "", brand: "" } })`);
    assert.equal(await isShown(".brand"), false);
    assert.equal(await isShown('[title^="How much of what shows keeps"]'), false);
  });
}

test("a thumbnail's pixels are the picture's", async () => {
  await open("result");
  const pixel = await browser.evaluate<number[]>(`(async () => {
    const image = document.querySelector(".thumbnail img");
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return Array.from(context.getImageData(canvas.width - 1, 0, 1, 1).data);
  })()`);
  assert.ok(pixel[0] !== undefined && pixel[0] > 245, `right is red: ${String(pixel)}`);
  assert.ok(pixel[1] !== undefined && pixel[1] < 10, `top has no green: ${String(pixel)}`);
  assert.equal(pixel[2], 60);
});

test("every command does what its button does", async () => {
  await open("result");
  const ids = await browser.evaluate<string[]>("Object.keys(stage.commands)");
  assert.deepEqual(ids, Object.keys(COMMANDS));
  for (const id of ids) {
    assert.equal(await browser.evaluate(`stage.commands[${JSON.stringify(id)}].run()`), undefined); // Waits for nothing.
  }
  const made = await browser.evaluate<string[]>(`stage.session.calls.map(([name]) => name).filter((name) => !["wish", "watch"].includes(name))`);
  assert.deepEqual(made, ["run", "run", "cancel", "more", "flip", "flip", "keep", "discard", "before", "finish", "tellColor", "accept"]);
  assert.deepEqual(await calls("flip"), [["flip", 1], ["flip", -1]]);
});

const LARGE = `Array.from(document.querySelectorAll(".large")).find((image) => image.offsetParent)`;

for (const width of WIDTHS) {
  test(`the comparison is as wide as the panel at ${width} px, with two pixels for each, and shows the picture before while it is held`, async () => {
    await open("result", width);
    await click("▸ Compare");
    await until("it is read", `${LARGE}?.naturalWidth > 0`);
    await shoot(`compare-${width}`);
    const [[, side]] = (await calls("look")) as [[string, number]];
    const shown = await browser.evaluate<number>(`${LARGE}.getBoundingClientRect().width`);
    assert.ok(shown >= width - 20 && Math.abs(side - 2 * shown) <= 4, `${shown} px wide, ${side} asked for`);
    const after = await browser.evaluate<string>(`${LARGE}.src`);
    await browser.evaluate(`document.querySelector(".large").parentNode.dispatchEvent(new MouseEvent("mousedown"))`);
    const before = await browser.evaluate<string>(`${LARGE}.src`);
    assert.notEqual(before, after);
    assert.match(await textOf(".body"), /\bBefore\b[\s\S]*\bBefore\b/);
    await browser.evaluate(`document.querySelector(".large").parentNode.dispatchEvent(new MouseEvent("mouseleave"))`);
    assert.equal(await browser.evaluate<string>(`${LARGE}.src`), after);
    assert.deepEqual(await browser.evaluate("stage.misfits()"), []);
  });
}

test("a folded comparison reads nothing; an open one reads again when another variation shows, and not when a thumbnail comes", async () => {
  await open("result");
  assert.deepEqual(await calls("look"), []);
  await click("▸ Compare");
  await browser.evaluate(`stage.session.set({ result: { ...stage.session.state.result, id: "7:1,2,3,4,5:5" } })`);
  assert.equal((await calls("look")).length, 1);
  await browser.evaluate(`stage.session.set({ result: { ...stage.session.state.result, shown: 1, look: "7:2" } })`);
  assert.equal((await calls("look")).length, 2);
});

test("the history shows how each looks, its words, seed, seconds and whether it was kept; a click places it again", async () => {
  await open("result", 280, "dark", 900);
  assert.deepEqual(await calls("history"), [], "folded, it asks nothing");
  await click("▸ History");
  await until("it is listed", `document.querySelectorAll(".past").length === 3`);
  await shoot("history-280");
  const lines = await browser.evaluate<string[]>(`Array.from(document.querySelectorAll(".past"), (line) => line.innerText.replace(/\\s+/g, " ").trim())`);
  assert.deepEqual(lines, ["a linen tablecloth Seed 7 · 3 s · not kept", "a red lantern Seed 8 · 3 s · kept", "Erase Seed 9 · 3 s · discarded"]);
  assert.equal(await browser.evaluate(`document.querySelector(".past img").naturalWidth`), 96);
  await browser.evaluate(`document.querySelectorAll(".past")[1].click()`);
  assert.deepEqual(await calls("again"), [["again", "job 1", 1]]);
  assert.deepEqual(await browser.evaluate("stage.misfits()"), []);
});

test("the history is searched, goes on where it ends, and says where nothing is found", async () => {
  await open("result", 280);
  await click("▸ History");
  await until("it is listed", `document.querySelectorAll(".past").length === 3`);
  await click("▾");
  await until("it goes on", `document.querySelectorAll(".past").length === 4`);
  const search = (text: string): Promise<unknown> =>
    browser.evaluate(`(() => {
      const field = document.querySelector("[placeholder='Search words']");
      field.value = ${JSON.stringify(text)};
      field.dispatchEvent(new Event("input"));
    })()`);
  await search("lantern");
  await until("one is found", `document.querySelectorAll(".past").length === 1`);
  await search("a fox");
  await until("none is found", `document.body.innerText.includes("Nothing was found.")`);
  assert.deepEqual(await calls("history"), [["history", "", ""], ["history", "", "further"], ["history", "lantern", ""], ["history", "a fox", ""]]);
});

test("a result that waits to be called for says so on its row, and is placed from there", async () => {
  await open("ready");
  assert.match(await textOf(".edit"), /^Erase: ready to be placed/);
  await browser.evaluate("stage.session.state.edits[0].place = () => void stage.session.calls.push(['placeEdit'])");
  await click("Place");
  assert.equal((await calls("placeEdit")).length, 1);
});
