/** The page for everybody: with a screen reader, with keys alone, on a phone, in German, without motion. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { expectQuiet, inTheStudio, LIMIT, opens, review, stranger, studio } from "./scene";
import { Reviewer } from "./reviewer";

inTheStudio();

const CONTROLS = new Set(["application", "button", "checkbox", "combobox", "link", "radio", "slider", "textbox", "ListBox", "spinbutton", "searchbox"]);
const LEAST_PX = 24;

async function busyReview(title: string): Promise<Awaited<ReturnType<typeof review>>> {
  const asked = await review(title);
  await studio.says(asked.id, { draft: 1, text: "Softer here, please", at: { x: 0.3, y: 0.4 } });
  await studio.says(asked.id, { draft: 1, text: "All in all good" });
  return asked;
}

test("every control has a name, and each landmark and list has its own", LIMIT, async () => {
  const ada = await opens(await busyReview("Names"), "Ada");
  await ada.clicks("radio", "Wipe");
  await ada.clicks("button", "About the whole");
  const named = await ada.named();
  const controls = named.filter(({ role }) => CONTROLS.has(role));
  assert.ok(controls.length >= 24, `${controls.length} controls`);
  assert.deepEqual(controls.filter(({ name }) => name.trim() === ""), []);
  const buttons = named.filter(({ role }) => role === "button").map(({ name }) => name);
  assert.deepEqual(buttons.filter((name, at) => buttons.indexOf(name) !== at), [], "two buttons of one name");
  assert.ok(buttons.includes("Pin 1, The studio: Softer here, please"));
  assert.ok(named.some(({ role, name }) => role === "navigation" && name === "Drafts"));
  ["banner", "main", "complementary", "status"].forEach((wanted) => assert.ok(named.some(({ role }) => role === wanted), wanted));
  expectQuiet(ada);
});

/** Ada's browser, in a language. */
async function opensIn(language: string, asked: Awaited<ReturnType<typeof review>>, width = 1280, height = 800): Promise<Reviewer> {
  const browser = await stranger();
  await browser.ask("Emulation.setUserAgentOverride", { userAgent: "Chromium", acceptLanguage: language });
  const ada = await Reviewer.at(browser, asked.link("Ada").url, width, height);
  await ada.seesPictures();
  return ada;
}

for (const [width, language, wipe, whole] of [[320, "de-DE,de", "Wischen", "Zum Ganzen"], [360, "en-GB,en", "Wipe", "About the whole"]] as const) {
  test(`${width} px wide, ${language}: nothing has to be scrolled sideways, and every target is ${LEAST_PX} px or more`, LIMIT, async () => {
    const ada = await opensIn(language, await busyReview(`Narrow ${width}`), width, 740);
    await ada.clicks("radio", wipe);
    await ada.clicks("button", whole);
    await ada.shoots(`${width}-${language.slice(0, 2)}`);
    assert.equal(await ada.evaluate("document.documentElement.scrollWidth"), width);
    const small = await ada.evaluate<string[]>(`Array.from(document.querySelectorAll("button, select, textarea, input"))
      .filter((one) => one.offsetParent).map((one) => [one.getBoundingClientRect(), one])
      .filter(([{ width, height }]) => width < ${LEAST_PX} || height < ${LEAST_PX})
      .map(([{ width, height }, one]) => [one.tagName, one.textContent, width, height].join(" "))`);
    assert.deepEqual(small, []);
    const cut = await ada.evaluate<string[]>(`Array.from(document.querySelectorAll("main button, main label, aside *, header *"))
      .filter((one) => one.offsetParent && one.getBoundingClientRect().right > ${width} + 0.5).map((one) => one.outerHTML.slice(0, 80))`);
    assert.deepEqual(cut, []);
  });
}

test("with keys alone: all controls are reached, each shows its focus, and a pin is placed, worded and sent", LIMIT, async () => {
  const ada = await opens(await busyReview("Keys alone"), "Ada");
  const reached = new Map<string, string>();
  for (let presses = 0; presses < 60; presses += 1) {
    await ada.presses("Tab");
    const [what, ring] = await ada.evaluate<[string, string]>(`(() => { const one = document.activeElement, seen = one.matches(".segment input") ? one.nextElementSibling : one;
      return [one === document.body ? "" : [one.tagName, one.className, one.getAttribute("aria-label") ?? one.textContent].join(" "), getComputedStyle(seen).outlineStyle]; })()`);
    if (what === "" || reached.has(what)) break;
    reached.set(what, ring);
  }
  const names = Array.from(reached.keys());
  ["card", "window", "INPUT", "Zoom out", "Hold: before", "TEXTAREA", "Approve", "Set a pin", "mark Pin 1", "number Show pin 1", "Answer"].forEach((wanted) => assert.ok(names.some((name) => name.includes(wanted)), `${wanted} in ${names.join(", ")}`));
  assert.deepEqual(Array.from(reached).filter(([, ring]) => ring === "none"), []);

  await ada.evaluate("document.querySelector('.window').focus()");
  await ada.presses("p");
  for (let presses = 0; presses < 3; presses += 1) await ada.presses("ArrowRight");
  await ada.presses("ArrowUp", { shift: true });
  await ada.sees("53 % from the left, 40 % from the top");
  await ada.presses("Enter");
  await ada.types("By keys");
  await ada.presses("Tab");
  await ada.presses("Enter");
  await ada.sees("Your pin is set.");
  await ada.until("Array.from(document.querySelectorAll('.mark')).some((one) => one.style.left === '53%' && one.style.top === '40%')");
  assert.equal(await ada.evaluate("document.activeElement.className"), "window whole", "the focus comes back to the picture");
  await ada.presses("p");
  await ada.presses("Escape");
  assert.equal(await ada.evaluate("document.querySelector('.cross').hidden && document.querySelector('.composer').hidden"), true);
  expectQuiet(ada);
});

test("a browser that speaks German gets German", LIMIT, async () => {
  const ada = await opensIn("de-DE,de", await review("Auf Deutsch"));
  await ada.sees("Freigeben");
  assert.equal(await ada.evaluate("document.documentElement.lang"), "de");
  await ada.clicks("button", "Freigeben");
  await ada.sees("Entwurf 1, Version 1: Freigeben");
  await ada.shoots("1280-german");
});

test("nothing moves by itself where motion is to be reduced", LIMIT, async () => {
  const ada = await opens(await review("Still"), "Ada");
  await ada.browser.ask("Emulation.setEmulatedMedia", { features: [{ name: "prefers-reduced-motion", value: "reduce" }] });
  const moving = await ada.evaluate<number>("Array.from(document.querySelectorAll('*')).filter((one) => { const s = getComputedStyle(one); return s.transitionDuration !== '0s' || s.animationName !== 'none'; }).length");
  assert.equal(moving, 0);
});

test("light and dark, wide and narrow, to look at", LIMIT, async () => {
  const asked = await busyReview("Autumn campaign");
  for (const scheme of ["light", "dark"]) {
    for (const [width, height] of [[1280, 800], [360, 740]] as const) {
      const ada = await opens(asked, "Ada", width, height);
      await ada.browser.ask("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
      await ada.clicks("radio", "Wipe");
      await ada.evaluate("scrollTo(0, 0)");
      const [ground, ink] = await ada.evaluate<[string, string]>("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]");
      assert.equal(ground === "rgb(236, 236, 236)", scheme === "light");
      assert.notEqual(ground, ink);
      await ada.shoots(`${width}-${scheme}`);
    }
  }
});
