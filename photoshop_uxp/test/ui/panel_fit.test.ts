/** The panel in headless Chromium with stand-in widgets, at three widths and in Photoshop's four themes: what is in sight. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { STATES } from "./scenes";
import { bottomOf, browser, DOCKED, isShown, onStage, open, shoot, SMALLEST, WIDTHS } from "./sight";

const THEMES = ["darkest", "dark", "light", "lightest"];

onStage("photoshop-panel-fit");

test("what hides and comes back never depends on an emptied style: UXP may not give an element its display back", async () => {
  await open("planned");
  await browser.evaluate(`Object.defineProperty(CSSStyleDeclaration.prototype, "display", {
    set(value) { if (value !== "") this.setProperty("display", value); } }); true`);
  assert.equal(await isShown(".prompt"), true);
  await browser.evaluate("stage.panel.front.turn(true)");
  assert.equal(await isShown(".prompt"), false);
  await browser.evaluate("stage.panel.front.turn(false)");
  assert.equal(await isShown(".prompt"), true);
});

for (const scene of Object.keys(STATES)) {
  for (const width of WIDTHS) {
    test(`${scene} fits into ${width} px in four themes, with documented widgets only`, async () => {
      const found: string[] = [];
      for (const theme of THEMES) {
        await open(scene, width, theme);
        await shoot(`${scene}-${width}-${theme}`);
        found.push(...(await browser.evaluate<string[]>("stage.misfits()")));
      }
      assert.deepEqual(found, []);
      assert.deepEqual(browser.errors, []);
    });
  }
}

test("what is longer than the panel can be scrolled to", async () => {
  await open("selftest");
  const reach = await browser.evaluate<boolean>(`(() => {
    const panel = document.querySelector(".body");
    panel.scrollTop = 100000;
    const last = Array.from(document.querySelectorAll(".finding")).pop().getBoundingClientRect();
    return panel.scrollTop > 0 && last.bottom <= window.innerHeight && document.body.scrollHeight === window.innerHeight;
  })()`);
  assert.equal(reach, true);
});

for (const [width, height] of [DOCKED, SMALLEST]) {
  test(`at ${width} x ${height} px verb, words and Run are within the first 140 px, and stay there while the rest scrolls`, async () => {
    for (const scene of ["planned", "running", "result", "offers"]) {
      await open(scene, width, "dark", height);
      await shoot(`docked-${scene}-${width}x${height}`);
      await browser.evaluate(`document.querySelector(".body").scrollTop = 100000`);
      for (const selector of [".list", ".prompt", "sp-button[variant=cta]"]) {
        assert.ok((await bottomOf(selector)) <= 140, `${scene}: ${selector} ends at ${await bottomOf(selector)}`);
      }
    }
  });
}

test("at its docked size a result with five variations is wholly in sight, with all that can be done to it", async () => {
  await open("result", DOCKED[0], "dark", DOCKED[1]);
  for (const text of ["More", "Keep", "Discard", "Before", "Finish"]) {
    assert.ok((await bottomOf(".action", text)) <= 420, `${text} ends at ${await bottomOf(".action", text)}`);
  }
  await open("result", SMALLEST[0], "dark", SMALLEST[1]);
  assert.ok((await bottomOf(".cell")) <= SMALLEST[1], "a first thumbnail is in sight at the smallest size");
});
