/** The colour probe in the panel, in headless Chromium with stand-in widgets. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, describe, test } from "node:test";
import { Browser } from "./browser";
import { buildPage } from "./page";
import { PLUGIN } from "./room";

const OUT = join(PLUGIN, "../build/photoshop-probe");

let browser: Browser;

async function open(scene: string): Promise<void> {
  await browser.open(`${pathToFileURL(join(OUT, "stage.html")).href}?scene=${scene}&theme=dark`, 300, 900);
}

/** What is seen of the probe, line by line. */
async function seen(): Promise<string[]> {
  const text = await browser.evaluate<string>(`document.querySelector(".probe").innerText`);
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

function click(text: string): Promise<void> {
  return browser.evaluate(
    `Array.from(document.querySelectorAll(".probe sp-action-button, .probe .fold"))
       .find((button) => button.textContent === ${JSON.stringify(text)} && button.offsetParent).click()`,
  );
}

function asked(): Promise<unknown[][]> {
  return browser.evaluate("stage.session.probe.asked");
}

describe("the colour probe", () => {
  before(async () => {
    await buildPage(OUT);
    browser = await Browser.start();
  });
  after(() => browser.stop());

  test("it stands closed below the words, and opens under its title", async () => {
    await open("planned");
    assert.deepEqual(await seen(), ["▸ Colour probe"]);
    await click("▸ Colour probe");
    assert.deepEqual(await asked(), [["turn", true]]);
    await click("▾ Colour probe");
    assert.deepEqual(await asked(), [["turn", true], ["turn", false]]);
  });

  test("Recolor opens it, and typing the target tells of it", async () => {
    await open("planned");
    await browser.evaluate(`(() => {
      const verb = document.querySelector(".verb");
      verb.selectedIndex = 5;
      verb.dispatchEvent(new Event("change"));
      const color = document.querySelector(".color");
      color.value = "#3050A0";
      color.dispatchEvent(new Event("input"));
    })()`);
    assert.deepEqual(await asked(), [["turn", true]]);
    const wishes = await browser.evaluate<[string, { targetColor: string }][]>(
      `stage.session.calls.filter(([name]) => name === "wish")`,
    );
    assert.equal(wishes.at(-1)?.[1].targetColor, "#3050A0");
    await click("▾ Colour probe");
    await browser.evaluate(`document.querySelector(".color").dispatchEvent(new Event("input"))`);
    assert.deepEqual(await seen(), ["▸ Colour probe"]); // Whoever closed it wants it closed.
  });

  test("it shows mean and spread in the document's values and in Lab, and how far that is from the target", async () => {
    await open("measured");
    assert.deepEqual(await seen(), [
      "▾ Colour probe", "#9C4617", "Again", "Use",
      "R 20000", "± 12", "G 9000", "± 8", "B 3000", "± 0",
      "L* 40.2", "± 0.1", "a* 33.6", "± 0.0", "b* 39.4", "± 0.2",
      "ΔE 1.5", "to #C0392B: hardly visible",
    ]);
    const swatch = await browser.evaluate<string>(`getComputedStyle(document.querySelector(".measured")).backgroundColor`);
    assert.equal(swatch, "rgb(156, 70, 23)");
    const tip = await browser.evaluate<string>(`document.querySelector(".probe [title^='The mean']").title`);
    assert.equal(tip, "The mean of 1,234,567 pixels in sRGB, as an averaging eyedropper sees it");
  });

  test("without a target there is no difference, and 32 bit has three decimals", async () => {
    await open("measured");
    await browser.evaluate(`stage.session.probe.set({
      reading: { ...stage.session.probe.reading, depth: 32, channels: ["Gray"], mean: [0.5], spread: [0.0004], deltaE: null, target: "" },
    })`);
    assert.deepEqual((await seen()).slice(4, 6), ["Gray 0.500", "± 0.000"]);
    assert.equal((await seen()).some((line) => line.includes("ΔE")), false);
  });

  test("trouble stands there instead of numbers, and measuring again is offered", async () => {
    await open("unmeasured");
    assert.deepEqual(await seen(), ["▾ Colour probe", "Again", "Select what to measure."]);
    await click("Again");
    assert.deepEqual((await asked()).at(-1), ["measure"]);
  });

  test("the measured colour becomes the target of Recolor", async () => {
    await open("planned");
    await click("▸ Colour probe");
    await browser.evaluate(`stage.session.probe.measured()`);
    await click("Use");
    await click("▾ Colour probe");
    const color = await browser.evaluate<string>(`document.querySelector(".color").value`);
    assert.equal(color, "#9C4617");
    const wishes = await browser.evaluate<[string, { verb: string; targetColor: string }][]>(
      `stage.session.calls.filter(([name]) => name === "wish")`,
    );
    assert.deepEqual([wishes.at(-1)?.[1].verb, wishes.at(-1)?.[1].targetColor], ["recolor", "#9C4617"]);
  });

  test("its command opens it and measures", async () => {
    await open("planned");
    await browser.evaluate("stage.commands.probe.run()");
    assert.deepEqual(await asked(), [["turn", true], ["measure"]]);
    assert.equal((await seen())[0], "▾ Colour probe");
  });
});
