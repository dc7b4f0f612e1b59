/** The form: what it asks, remembers and hands over. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Wish } from "../../src/wish";
import { bottomOf, browser, calls, choose, click, isShown, onStage, open, shoot, textOf } from "./sight";

onStage("photoshop-panel-form");

test("Run hands over what the form says, and the next run has another seed", async () => {
  await open("planned");
  await browser.evaluate(`document.querySelector(".prompt textarea").focus()`);
  await browser.type("  a linen tablecloth ");
  await click("▸ More settings");
  await click("Best");
  await click("Run");
  await click("Run");
  const runs = (await calls("run")) as [string, Record<string, unknown>][];
  const { form, values } = runs[0]?.[1] as unknown as Wish;
  const { "sampling.seed": seed, ...others } = values;
  assert.equal(form.id, "fill");
  assert.deepEqual(others, {
    "words.prompt": "a linen tablecloth",
    "sampling.tier": "final",
    "sampling.count": 1,
    "sampling.strength": 1,
    "where.grow_px": 0,
    "where.feather_px": 0,
  });
  assert.notEqual(seed, (runs[1]?.[1] as unknown as Wish).values["sampling.seed"]);
});

test("a locked seed stays for the next run", async () => {
  await open("details");
  await browser.evaluate(`document.querySelector('[data-path="sampling.seed"] sp-checkbox').click()`);
  await click("Run");
  await click("Run");
  const [first, second] = (await calls("run")) as [string, Wish][];
  assert.equal(first?.[1].values["sampling.seed"], second?.[1].values["sampling.seed"]);
});

test("Ctrl+Enter in the prompt runs", async () => {
  await open("planned");
  await browser.evaluate(`document.querySelector(".prompt textarea").focus()`);
  await browser.press("Enter", true);
  assert.equal((await calls("run")).length, 1);
});

test("what is missing for a run stands below the words, and Run can be pressed: it says why, where a disabled one would be mute", async () => {
  await open("before");
  assert.equal(await textOf(".plan"), "Select what should change.");
  assert.equal(await browser.evaluate(`document.querySelector("sp-button[variant=cta]").hasAttribute("disabled")`), false);
});

test("before the run one line says how long it takes, and what the server has to say about it", async () => {
  await open("planned");
  assert.equal(await textOf(".plan"), "about 14 s, 62 % sharpness: select less for full");
});

test("what the form says is planned anew when it changes", async () => {
  await open("planned");
  await click("▸ More settings");
  await click("Draft");
  const wishes = (await calls("wish")) as [string, Wish][];
  assert.equal(wishes.at(-1)?.[1].values["sampling.tier"], "draft");
});

test("a number stays inside its limits, and what is no number is not taken", async () => {
  await open("details");
  const enter = (text: string): Promise<unknown> =>
    browser.evaluate(`(() => {
      const field = document.querySelectorAll(".number")[0];
      field.value = ${JSON.stringify(text)};
      field.dispatchEvent(new Event("input"));
      field.dispatchEvent(new Event("change"));
      return field.value;
    })()`);
  assert.equal(await enter("7"), "7");
  assert.equal(await enter("99"), "16");
  assert.equal(await enter("many"), "16");
  assert.equal(await enter("-3"), "1");
});

test("another verb asks for what the server says of it, and what was entered for both stays", async () => {
  await open("planned");
  await browser.evaluate(`document.querySelector(".prompt textarea").focus()`);
  await browser.type("a red kite");
  await choose("Recolor");
  assert.deepEqual([await isShown(".prompt"), await isShown('[data-path="words.target_color"]')], [false, true]);
  await click("Run");
  const recolored = (await calls("run")).at(-1) as [string, Wish];
  assert.deepEqual([recolored[1].form.id, recolored[1].values["words.prompt"]], ["recolor", undefined]);
  await choose("Expand");
  assert.equal(await browser.evaluate(`document.querySelector(".prompt textarea").value`), "a red kite");
});

test("arrow up in the words brings those of earlier runs, arrow down goes back to none", async () => {
  await open("planned");
  await browser.evaluate(`stage.session.typed = ["the last", "the one before"]`);
  await browser.evaluate(`document.querySelector(".prompt textarea").focus()`);
  const seen: string[] = [];
  for (const key of ["ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"]) {
    await browser.press(key);
    seen.push(await browser.evaluate(`document.querySelector(".prompt textarea").value`));
  }
  assert.deepEqual(seen, ["the last", "the one before", "the one before", "the last", ""]);
  await browser.type("new words");
  await browser.press("ArrowUp");
  assert.equal(await browser.evaluate(`document.querySelector(".prompt textarea").value`), "new words");
});

test("each document has a form of its own, with what was entered there", async () => {
  await open("planned");
  await browser.evaluate(`stage.session.filled = { verb: "expand", values: { "words.prompt": "more sky", "sampling.count": 3 }, landing: { reads: "below", lands: "group", isAtOnce: false, buildsOn: true }, isOpen: true }`);
  await browser.evaluate(`stage.session.set({ document: 2 })`);
  await click("Run");
  const [[, { form, values, ...landing }]] = (await calls("run")) as [[string, Wish]];
  assert.deepEqual([form.id, values["words.prompt"], values["sampling.count"]], ["expand", "more sky", 3]);
  assert.deepEqual(landing, { reads: "below", lands: "group", isAtOnce: false, buildsOn: true });
});

test("what a result says of a field shows in the form at once, and what else was entered stays", async () => {
  await open("planned");
  await browser.evaluate(`stage.session.filled = { verb: "fill", values: { "words.prompt": "a vase", "sampling.count": 3 }, landing: { reads: "picture", lands: "top", isAtOnce: true, buildsOn: false }, isOpen: true }`);
  await browser.evaluate(`stage.session.set({ document: 2 })`);
  await browser.evaluate(`(() => { const { session } = stage; session.filled.values["words.prompt"] = "a beach"; session.set({ filledIn: 1 }); })()`);
  await click("Run");
  const [[, { values }]] = (await calls("run")) as [[string, Wish]];
  assert.deepEqual([values["words.prompt"], values["sampling.count"]], ["a beach", 3]);
});

test("Recolor asks for a colour instead of words, takes the foreground colour, and measures what is there", async () => {
  await open("recolor");
  await click("Pick");
  await click("Run");
  const run = (await calls("run")).at(-1) as [string, Wish];
  assert.equal(run[1].values["words.target_color"], "lab(52.10, -12.50, 30.00)");
  const swatch = await browser.evaluate<string>(`getComputedStyle(document.querySelector(".swatch")).backgroundColor`);
  assert.match(swatch, /^rgb\(1\d\d, 1\d\d, [67]\d\)$/); // A dull green, where it showed nothing.
  await click("Measure");
  assert.deepEqual(await calls("measure"), [["measure", "lab(52.10, -12.50, 30.00)"]]);
  assert.match(await textOf('[data-path="words.target_color"]'), /#9C4617 · ΔE 1\.5/);
  await click("Use");
  assert.equal(await browser.evaluate(`document.querySelector('[data-path="words.target_color"] input').value`), "lab(40.24, 33.58, 39.41)");
});

test("the panel speaks the editor's language", async () => {
  await open("german");
  assert.match(await textOf(".head"), /Füllen/);
  assert.doesNotMatch(await textOf(".body"), /More settings|Variations/);
});

test("verbs that no model of the server can do are greyed out", async () => {
  await open("planned");
  const disabled = await browser.evaluate(
    `Array.from(document.querySelectorAll("sp-menu-item[disabled]")).map((item) => item.textContent)`,
  );
  assert.deepEqual(disabled, ["Generate", "Refine", "Instruct", "Replace background"]);
});

test("where it reads, where it lands and when are choices; what reads the layer and below lands above it", async () => {
  await open("details");
  const landing = async (): Promise<unknown> => {
    const { reads, lands, isAtOnce } = ((await calls("wish")).at(-1) as [string, Wish])[1];
    return [reads, lands, isAtOnce];
  };
  assert.deepEqual(await landing(), ["picture", "top", true]);
  await choose("Layer and below", '[data-choice="reads"] .list');
  assert.deepEqual(await landing(), ["below", "above", true]);
  await choose("In the group", '[data-choice="lands"] .list');
  await choose("When I say", '[data-choice="placing"] .list');
  assert.deepEqual(await landing(), ["below", "group", false]);
  assert.deepEqual(await browser.evaluate("stage.misfits()"), []);
});

test("Expand has one click for each size of canvas, and nine points for where the old picture lies; other verbs have not", async () => {
  for (const width of [230, 280]) {
    await open("planned", width, "dark", 560);
    assert.equal(await isShown(".points"), false);
    await choose("Expand");
    await shoot(`expand-${width}`);
    assert.equal(await isShown(".points"), true);
    assert.deepEqual(await browser.evaluate("stage.misfits()"), []);
    await click("16:9");
    await browser.evaluate(`document.querySelectorAll(".point")[6].click()`);
    await click("+10 %");
    assert.deepEqual(await calls("enlarge"), [["enlarge", [16, 9], [1, 1]], ["enlarge", null, [0, 2]]]);
    assert.equal(await browser.evaluate(`document.querySelectorAll(".point").length`), 9);
  }
});

test("inks that were typed become the colour that Photoshop takes them for, and the swatch shows hex without # and rgb()", async () => {
  await open("recolor");
  const enter = (text: string): Promise<unknown> =>
    browser.evaluate(`(() => {
      const field = document.querySelector('[data-path="words.target_color"] sp-textfield');
      field.value = ${JSON.stringify(text)};
      field.dispatchEvent(new Event("input"));
      field.dispatchEvent(new Event("change"));
    })()`);
  const swatch = (): Promise<string> => browser.evaluate(`getComputedStyle(document.querySelector(".swatch")).backgroundColor`);
  const target = async (): Promise<unknown> => ((await calls("wish")).at(-1) as [string, Wish])[1].values["words.target_color"];
  await enter("cmyk(10, 20, 30.5, 0)");
  assert.equal(await target(), "lab(10, 20, 30.5)");
  await enter("1F7A4E");
  assert.deepEqual([await target(), await swatch()], ["1F7A4E", "rgb(31, 122, 78)"]);
  await enter("rgb(31, 122, 78)");
  assert.equal(await swatch(), "rgb(31, 122, 78)");
});

test("what leaves the server's machine stands beside Run, in sight at the smallest size, and nowhere where nothing leaves", async () => {
  await open("planned");
  assert.equal(await isShown(".leaving"), false);
  await open("leaving", 230, "dark", 300);
  await shoot("leaving-230x300");
  assert.equal(await textOf(".leaving"), "Run – sends 1024 x 768 px to example.org, 0.07 USD (2026-11)");
  assert.equal(await textOf("sp-button[variant=cta]"), "Run ↗");
  assert.ok((await bottomOf(".leaving")) <= 160, String(await bottomOf(".leaving")));
});

test("a style is picked in a menu like any other choice, and what the model would be told stands there before the run", async () => {
  await open("styled");
  assert.equal(await textOf(".plan"), "about 14 s, 62 % sharpness: select less for full · The model is told: a photo of a can, soft light");
  await click("▸ More settings");
  const listed = await textOf('[data-path="sampling.style"]');
  for (const title of ["No style", "House kit"]) assert.ok(listed.includes(title), listed);
  await click("House kit");
  await click("Run");
  assert.equal(((await calls("run")).at(-1)?.[1] as Wish).values["sampling.style"], "kit");
});
