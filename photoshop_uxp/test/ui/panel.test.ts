/** The panel in headless Chromium with stand-in widgets, at three widths and in Photoshop's four themes. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, beforeEach, describe, test } from "node:test";
import { COMMANDS } from "../../src/entry/commands";
import type { Wish } from "../../src/wish";
import { Browser } from "./browser";
import { buildPage } from "./page";
import { PLUGIN } from "./room";
import { STATES } from "./scenes";

/** The size at which Photoshop docks the panel, and the smallest that it may have (manifest.json). */
const DOCKED = [280, 560] as const;
const SMALLEST = [230, 300] as const;
const OUT = join(PLUGIN, "../build/photoshop-panel");
const WIDTHS = [230, 300, 450];
const THEMES = ["darkest", "dark", "light", "lightest"];

let browser: Browser;

async function open(scene: string, width = 300, theme = "dark", height = 900): Promise<void> {
  const page = pathToFileURL(join(OUT, "stage.html"));
  await browser.open(`${page.href}?scene=${scene}&theme=${theme}`, width, height);
}

/** Where an element ends, in px from the panel's top; text that it has to have. */
function bottomOf(selector: string, text = ""): Promise<number> {
  return browser.evaluate(
    `Array.from(document.querySelectorAll(${JSON.stringify(selector)}))
       .find((element) => element.offsetParent && element.textContent.includes(${JSON.stringify(text)})).getBoundingClientRect().bottom`,
  );
}

async function shoot(name: string): Promise<void> {
  const shot = join(OUT, "screenshots", `${name}.png`);
  mkdirSync(dirname(shot), { recursive: true });
  writeFileSync(shot, await browser.screenshot());
}

function calls(name: string): Promise<unknown[][]> {
  return browser.evaluate(`stage.session.calls.filter(([name]) => name === ${JSON.stringify(name)})`);
}

function click(text: string): Promise<void> {
  return browser.evaluate(
    `Array.from(document.querySelectorAll("sp-button, sp-action-button, .fold"))
       .find((button) => button.textContent === ${JSON.stringify(text)} && button.offsetParent).click()`,
  );
}

/** Turns the panel to another verb. */
async function choose(title: string): Promise<void> {
  await browser.evaluate(`(() => {
    const list = document.querySelector(".list");
    list.selectedIndex = Array.from(list.querySelectorAll("sp-menu-item")).findIndex((item) => item.textContent === ${JSON.stringify(title)});
    list.dispatchEvent(new Event("change"));
  })()`);
}

function isShown(selector: string): Promise<boolean> {
  return browser.evaluate(`Boolean(document.querySelector(${JSON.stringify(selector)})?.offsetParent)`);
}

function textOf(selector: string): Promise<string> {
  return browser.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`);
}

describe("the panel", () => {
  before(async () => {
    await buildPage(OUT);
    browser = await Browser.start();
  });
  after(() => browser.stop());
  beforeEach(() => {
    browser.errors.length = 0;
  });

  test("what hides and comes back never depends on an emptied style: UXP may not give an element its display back", async () => {
    await open("planned");
    await browser.evaluate(`Object.defineProperty(CSSStyleDeclaration.prototype, "display", {
      set(value) { if (value !== "") this.setProperty("display", value); } }); true`);
    assert.equal(await isShown(".prompt"), true);
    await browser.evaluate("stage.panel.openSettings()");
    assert.equal(await isShown(".prompt"), false);
    await browser.evaluate("stage.panel.closeSettings()");
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
    await browser.evaluate(`stage.session.history = ["the last", "the one before"]`);
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
    await browser.evaluate(`stage.session.filled = { verb: "expand", values: { "words.prompt": "more sky", "sampling.count": 3 }, buildOn: true, isOpen: true }`);
    await browser.evaluate(`stage.session.set({ document: 2 })`);
    await click("Run");
    const [[, { form, values, buildOn }]] = (await calls("run")) as [[string, Wish]];
    assert.deepEqual([form.id, values["words.prompt"], values["sampling.count"], buildOn], ["expand", "more sky", 3, true]);
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
    for (const [text, call] of [["More", ["more", 1]], ["Keep", ["keep"]], ["Discard", ["discard"]], ["Finish", ["finish"]]] as const) {
      await click(text);
      assert.deepEqual(await calls(call[0]), [call]);
    }
  });

  test("the result is hidden while Before is held, and shows again when it is let go or left", async () => {
    await open("result");
    const mouse = (type: string): Promise<unknown> =>
      browser.evaluate(`document.querySelector(".held").dispatchEvent(new MouseEvent(${JSON.stringify(type)}))`);
    await mouse("mousedown");
    assert.deepEqual(await calls("before"), [["before", true]]);
    await mouse("mouseup");
    await mouse("mouseleave");
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
    const made = await browser.evaluate<string[]>(`stage.session.calls.map(([name]) => name).filter((name) => name !== "wish")`);
    assert.deepEqual(made, ["run", "run", "cancel", "more", "flip", "flip", "keep", "discard", "before", "finish", "tellColor", "accept"]);
    assert.deepEqual(await calls("flip"), [["flip", 1], ["flip", -1]]);
  });

  test("results that finished elsewhere are offered", async () => {
    await open("offers");
    assert.match(await textOf(".card:not(.hidden)"), /^2 results are at the server, but not in this picture\./);
    assert.match(await textOf(".edit"), /^Erase: The document's size/);
    assert.match(await textOf(".row.trouble"), /is no result of Inlay/);
    await browser.evaluate(`document.querySelector(".row.trouble sp-action-button").click()`);
    assert.equal((await calls("closeTrouble")).length, 1);
    await click("Place");
    await click("Dismiss");
    assert.equal((await calls("accept")).length, 1);
    assert.equal((await calls("dismiss")).length, 1);
  });

  test("without a server there is one card instead of the form: why, the command to copy, another try, and the doctor", async () => {
    await open("trouble");
    assert.equal(await isShown(".prompt"), false);
    assert.match(await textOf(".card"), /Inlay needs its server[\s\S]*No answer from https[\s\S]*inlay serve/);
    await click("Copy");
    assert.deepEqual(await calls("copy"), [["copy", "inlay serve"]]);
    await click("Try again");
    assert.equal((await calls("reconnect")).length, 1);
    await click("Doctor");
    assert.equal((await calls("examine")).length, 1);
    assert.match(await textOf(".settings"), /Install the studio's root certificate/);
  });

  test("a server that goes away for a while takes the card, and not the words that were typed", async () => {
    await open("planned");
    await browser.evaluate(`stage.session.set({ connection: { ...stage.session.state.connection, state: "trouble", reason: "Gone." } })`);
    assert.deepEqual([await isShown(".prompt"), await isShown(".card")], [true, true]);
  });

  test("the settings take another server, and say what leaves this machine", async () => {
    await open("settings");
    await browser.evaluate(`(() => {
      const field = document.querySelector(".settings .wide");
      field.value = " gpu.lan:50052/ ";
      field.dispatchEvent(new Event("input"));
    })()`);
    assert.match(await textOf(".settings"), /go to http:\/\/gpu\.lan:50052, and nowhere else\. This line is not encrypted\./);
    await click("Save");
    assert.deepEqual(await calls("useAddress"), [["useAddress", { url: "http://gpu.lan:50052", token: "s3cret" }]]);
    assert.equal(await isShown(".prompt"), true);
  });

  test("the token is readable while it is edited, as Photoshop on macOS needs it", async () => {
    await open("settings");
    const type = (event: string): Promise<string> =>
      browser.evaluate(`(() => {
        const field = document.querySelectorAll(".settings .wide")[1];
        field.dispatchEvent(new Event("${event}"));
        return field.getAttribute("type");
      })()`);
    assert.equal(await type("focus"), "text");
    assert.equal(await type("blur"), "password");
  });

  test("the self-test counts what passed and what failed, and its report can be saved and copied", async () => {
    await open("selftest");
    assert.match(await textOf(".panel"), /1 failed, 48 passed\. Please send the report\./);
    assert.match(await textOf(".finding"), /One undo step/); // What failed stands first.
    await click("Copy");
    assert.deepEqual(JSON.parse(String((await calls("copy"))[0]?.[1])), { passed: 48, failed: 1 });
    await click("Save report…");
    assert.match(await textOf(".panel"), /Saved: inlay-self-test\.json/);
  });
});
