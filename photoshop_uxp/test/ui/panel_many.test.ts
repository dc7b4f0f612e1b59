/** One result many times in the panel: other documents to tick, rows of words, and what became of each. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { browser, calls, click, isShown, onStage, open, shoot, WIDTHS } from "./sight";

onStage("photoshop-panel-many");

const ROWS = "sp-textarea.rows";

test("other documents are ticked, and the edit is asked for in those that stay so", async () => {
  await open("result");
  assert.equal(await isShown(ROWS), false);
  await click("Apply to others…");
  await browser.evaluate(`(() => { document.querySelectorAll("sp-checkbox[title='shelf.psd'], [title='shelf.psd'] sp-checkbox").forEach((tick) => { tick.checked = false; }); })()`);
  await browser.evaluate(`Array.from(document.querySelectorAll("sp-button[title^='This result many times']")).forEach((go) => go.click())`);
  assert.deepEqual(await calls("apply"), [["apply", [7]]]);
  assert.equal(await isShown(ROWS), false);
});

const GO = "sp-button[title^='This result many times']";

/** The boxes of a table's columns that are ticked, or all, by their titles. */
function columns(which = ":scope"): Promise<string[]> {
  return browser.evaluate(`Array.from(document.querySelectorAll(".columns .row")).filter((row) => "${which}" === ":scope" || row.querySelector("sp-checkbox").checked).map((row) => row.textContent)`);
}

test("each line is a row, once, of what is chosen to differ, in this picture at first and in the formats that are ticked", async () => {
  await open("result");
  await click("Variations table…");
  assert.equal(await isShown(ROWS), true);
  assert.deepEqual(await columns(), ["This picture", "Square 1:1", "Portrait 4:5", "Widescreen 16:9", "Story 9:16"]);
  assert.deepEqual(await columns("ticked"), ["This picture"]);
  assert.equal(await browser.evaluate(`document.querySelectorAll(".columns sp-checkbox")[4].title`), "1800 × 3200 px");
  await browser.evaluate(`(() => { document.querySelector("${ROWS}").value = " a red box \\n\\na blue box\\na red box"; })()`);
  await browser.evaluate(`document.querySelector("${GO}").click()`);
  await browser.evaluate(`(() => { const [here, , , , story] = document.querySelectorAll(".columns sp-checkbox"); here.checked = false; story.checked = true; document.querySelector("${GO}").click(); })()`);
  await browser.evaluate(`(() => { document.querySelectorAll(".columns sp-checkbox").forEach((tick) => { tick.checked = false; }); document.querySelector("${GO}").click(); })()`);
  const rows = ["a red box", "a blue box"];
  assert.deepEqual(await calls("vary"), [["vary", "words.prompt", rows, ["This picture"]], ["vary", "words.prompt", rows, ["Story 9:16"]]]);
});

test("how each stands is told in words, with what a person has to look at, and Stop stops it", async () => {
  await open("many");
  const said = await browser.evaluate<string>(`document.querySelector(".panel").innerText`);
  assert.match(said, /\? shelf\.psd: look at it/);
  assert.match(said, /only 61 % like what was selected there/);
  assert.match(said, /… a linen tablecloth with soft folds: at work/);
  await click("Variations table…");
  await click("Stop");
  assert.deepEqual(await calls("stop"), [["stop"]]);
});

for (const [scene, apply, table] of [["many", "Apply to others…", "Variations table…"], ["german_many", "Auf andere anwenden…", "Variantentabelle…"]] as const) {
  for (const width of WIDTHS) {
    test(`${scene} fits at ${width} px, with documents and with rows`, async () => {
      await open(scene, width, "dark", 1100);
      await click(apply);
      await shoot(`${scene}-documents-${width}`);
      assert.deepEqual(await browser.evaluate("stage.misfits()"), []);
      await click(table);
      await shoot(`${scene}-rows-${width}`);
      assert.deepEqual(await browser.evaluate("stage.misfits()"), []);
    });
  }
}
