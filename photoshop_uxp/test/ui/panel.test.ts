/** The panel in headless Chromium with stand-in widgets, at three widths and in Photoshop's four themes. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, beforeEach, describe, test } from "node:test";
import { COMMANDS } from "../../src/ui/commands";
import { Browser } from "./browser";
import { buildPage } from "./page";
import { PLUGIN } from "./room";
import { STATES } from "./scenes";

const OUT = join(PLUGIN, "../build/photoshop-panel");
const WIDTHS = [230, 300, 450];
const THEMES = ["darkest", "dark", "light", "lightest"];

let browser: Browser;

async function open(scene: string, width = 300, theme = "dark"): Promise<void> {
  const page = pathToFileURL(join(OUT, "stage.html"));
  await browser.open(`${page.href}?scene=${scene}&theme=${theme}`, width, 900);
}

function calls(name: string): Promise<unknown[][]> {
  return browser.evaluate(`stage.session.calls.filter(([name]) => name === ${JSON.stringify(name)})`);
}

function click(text: string): Promise<void> {
  return browser.evaluate(
    `Array.from(document.querySelectorAll("sp-button, sp-action-button"))
       .find((button) => button.textContent === ${JSON.stringify(text)} && button.offsetParent).click()`,
  );
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
          const shot = join(OUT, "screenshots", `${scene}-${width}-${theme}.png`);
          mkdirSync(dirname(shot), { recursive: true });
          writeFileSync(shot, await browser.screenshot());
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
      const panel = document.querySelector(".panel");
      panel.scrollTop = 100000;
      const last = Array.from(document.querySelectorAll(".finding")).pop().getBoundingClientRect();
      return panel.scrollTop > 0 && last.bottom <= window.innerHeight && document.body.scrollHeight === window.innerHeight;
    })()`);
    assert.equal(reach, true);
  });

  test("Run hands over what the form says, and the next run has another seed", async () => {
    await open("planned");
    await browser.evaluate(`document.querySelector(".prompt textarea").focus()`);
    await browser.type("  a linen tablecloth ");
    await click("Final");
    await click("Run");
    await click("Run");
    const runs = (await calls("run")) as [string, Record<string, unknown>][];
    const { seed, ...wish } = runs[0]?.[1] ?? {};
    assert.deepEqual(wish, {
      verb: "erase",
      prompt: "a linen tablecloth",
      negativePrompt: "",
      tier: "final",
      strength: 1,
      count: 1,
      growPx: 0,
      featherPx: 0,
      targetColor: "",
      buildOn: false,
    });
    assert.notEqual(seed, runs[1]?.[1]["seed"]);
  });

  test("a locked seed stays for the next run", async () => {
    await open("details");
    await browser.evaluate(`document.querySelector("sp-checkbox").click()`);
    await click("Run");
    await click("Run");
    const [first, second] = (await calls("run")) as [string, Record<string, unknown>][];
    assert.equal(first?.[1]["seed"], second?.[1]["seed"]);
  });

  test("Ctrl+Enter in the prompt runs", async () => {
    await open("planned");
    await browser.evaluate(`document.querySelector(".prompt textarea").focus()`);
    await browser.press("Enter", true);
    assert.equal((await calls("run")).length, 1);
  });

  test("nothing runs without a plan", async () => {
    await open("before");
    assert.equal(await browser.evaluate(`document.querySelector(".go sp-button").hasAttribute("disabled")`), true);
    await click("Run");
    assert.deepEqual(await calls("run"), []);
    assert.equal(await textOf(".plan"), "Select what should change.");
  });

  test("the plan shows window, scale and estimate, and what the server has to say about it", async () => {
    await open("planned");
    assert.deepEqual((await textOf(".plan")).split("\n"), [
      "Window 1912 × 1434 px · about 14\u00a0s",
      "Document px : model px = 1.6 : 1",
      "⚠ Softer than the document: a model paints so much at 62% and enlarges it. Select less.",
    ]);
  });

  test("what the form says is planned anew when it changes", async () => {
    await open("planned");
    await click("Draft");
    const wishes = (await calls("wish")) as [string, Record<string, unknown>][];
    assert.equal(wishes.at(-1)?.[1]["tier"], "draft");
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

  test("what to leave out is asked where a model of the server reads words, and nowhere else", async () => {
    await open("planned");
    assert.equal(await isShown(".leave-out"), false);
    await open("worded");
    await browser.evaluate(`document.querySelector(".prompt textarea").focus()`);
    await browser.type("a red kite");
    await browser.evaluate(`document.querySelector(".leave-out input").focus()`);
    await browser.type(" text, logo ");
    await browser.press("Enter", true);
    const run = (await calls("run")).at(-1) as [string, Record<string, unknown>];
    assert.deepEqual([run[1]["prompt"], run[1]["negativePrompt"]], ["a red kite", "text, logo"]);
    await browser.evaluate(`(() => {
      const verb = document.querySelector(".verb");
      verb.selectedIndex = 5;
      verb.dispatchEvent(new Event("change"));
    })()`);
    assert.equal(await isShown(".color"), true);
    assert.equal(await isShown(".leave-out"), false);
    await click("Run");
    const recolored = (await calls("run")).at(-1) as [string, Record<string, unknown>];
    assert.equal(recolored[1]["negativePrompt"], "");
  });

  test("the first word of a prompt asks for another plan, and the last one that goes", async () => {
    await open("worded");
    const before = (await calls("wish")).length;
    await browser.evaluate(`document.querySelector(".prompt textarea").focus()`);
    await browser.type("kite");
    const wishes = (await calls("wish")) as [string, Record<string, unknown>][];
    assert.equal(wishes.length, before + 1);
    assert.notEqual(wishes.at(-1)?.[1]["prompt"], "");
  });

  test("Recolor asks for a colour instead of words, and can take the foreground colour", async () => {
    await open("recolor");
    assert.equal(await isShown(".prompt"), false);
    await click("Take");
    await click("Run");
    const run = (await calls("run")).at(-1) as [string, Record<string, unknown>];
    assert.equal(run[1]["targetColor"], "lab(52.10, -12.50, 30.00)");
    assert.equal(run[1]["prompt"], "");
    const swatch = await browser.evaluate<string>(`getComputedStyle(document.querySelector(".swatch")).backgroundColor`);
    assert.match(swatch, /^rgb\(1\d\d, 1\d\d, [67]\d\)$/); // A dull green, where it showed nothing.
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
      "a linen tablecloth with soft folds, morning light: painting, about 9\u00a0s",
      "Erase: waiting, 2 before it, about 31\u00a0s",
    ]);
    const look = await browser.evaluate(`(() => {
      const image = document.querySelector(".preview");
      return [image.naturalWidth, image.naturalHeight];
    })()`);
    assert.deepEqual(look, [160, 107]);
    await click("Cancel");
    assert.equal((await calls("cancel")).length, 1);
  });

  test("rows of ended edits go away", async () => {
    await open("running");
    await browser.evaluate("stage.session.set({ edits: [] })");
    assert.equal(await isShown(".edit"), false);
    assert.equal(await isShown(".go sp-button[variant=secondary]"), false);
  });

  test("arrow keys, thumbnails and buttons flip through the variations", async () => {
    await open("result");
    assert.equal(await browser.evaluate(`document.querySelector(".cell.shown .number").textContent`), "3");
    await browser.evaluate(`document.querySelector(".strip").focus()`);
    await browser.press("ArrowRight");
    await browser.press("ArrowLeft");
    await click("◂");
    await browser.evaluate(`document.querySelectorAll(".cell")[4].click()`);
    assert.deepEqual(await calls("flip"), [["flip", 1], ["flip", -1], ["flip", -1]]);
    assert.deepEqual(await calls("show"), [["show", 4]]);
    await click("Keep this");
    await click("Re-run");
    assert.equal((await calls("keep")).length, 1);
    assert.equal((await calls("runAgain")).length, 1);
    await click("Finish");
    assert.equal((await calls("finish")).length, 1);
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
    assert.deepEqual(made, ["run", "run", "cancel", "flip", "flip", "keep", "runAgain", "finish", "accept"]);
    assert.deepEqual(await calls("flip"), [["flip", 1], ["flip", -1]]);
  });

  test("results that finished elsewhere are offered", async () => {
    await open("offers");
    assert.match(await textOf(".offer"), /^2 results are at the server, but not in this picture\./);
    assert.match(await textOf(".edit"), /^Erase: The document's size/);
    assert.equal(await isShown(".go sp-button[variant=secondary]"), false, "nothing is under way that could be cancelled");
    assert.match(await textOf(".row.trouble"), /is no result of Inlay/);
    await browser.evaluate(`document.querySelector(".row.trouble sp-action-button").click()`);
    assert.equal((await calls("closeTrouble")).length, 1);
    await click("Place");
    await click("Dismiss");
    assert.equal((await calls("accept")).length, 1);
    assert.equal((await calls("dismiss")).length, 1);
  });

  test("without a server the panel says why, tries again, and opens the doctor", async () => {
    await open("trouble");
    assert.match(await textOf(".main"), /No server[\s\S]*No answer from https/);
    await click("Try again");
    assert.equal((await calls("reconnect")).length, 1);
    await click("Diagnose");
    assert.equal((await calls("examine")).length, 1);
    assert.match(await textOf(".panel"), /Install the studio's root certificate/);
  });

  test("the settings take another server, and say what leaves this machine", async () => {
    await open("settings");
    await browser.evaluate(`(() => {
      const field = document.querySelector(".wide");
      field.value = " gpu.lan:50052/ ";
      field.dispatchEvent(new Event("input"));
    })()`);
    assert.match(await textOf(".panel"), /go to http:\/\/gpu\.lan:50052, and nowhere else\. This line is not encrypted\./);
    await click("Save");
    assert.deepEqual(await calls("useAddress"), [["useAddress", { url: "http://gpu.lan:50052", token: "s3cret" }]]);
    assert.equal(await isShown(".verb"), true);
  });

  test("the token is readable while it is edited, as Photoshop on macOS needs it", async () => {
    await open("settings");
    const type = (event: string): Promise<string> =>
      browser.evaluate(`(() => {
        const field = document.querySelectorAll(".wide")[1];
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
