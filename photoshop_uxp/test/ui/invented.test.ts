/** A verb that no plugin has heard of, with a field of every kind: the panel shows it, fills it, submits it, and its result is placed. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Browser } from "./browser";
import { buildPage } from "./page";
import { PLUGIN } from "./room";

const OUT = join(PLUGIN, "../build/photoshop-invented");
const REPOSITORY = join(PLUGIN, "..");
const PATIENCE_MS = 120_000;

let browser: Browser;
let child: ChildProcess;
let folder = "";
let isOver = false;
let fetching: Promise<void> = Promise.resolve();

/** Fetches for the page what it asks for, until the test is over. */
async function fetchForPage(): Promise<void> {
  while (!isOver) {
    const asked = await browser.evaluate<{ id: number; url: string; headers: Record<string, string>; body: number[] }[]>("bridge.take()");
    for (const { id, url, headers, body } of asked) {
      void fetch(url, { method: "POST", headers, body: Uint8Array.from(body) }).then(async (response) => {
        const bytes = Array.from(new Uint8Array(await response.arrayBuffer()));
        const facts = [id, response.status, response.headers.get("content-type") ?? "", bytes];
        if (!isOver) await browser.evaluate(`bridge.answer(...${JSON.stringify(facts)})`);
      }, () => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function until(what: string, expression: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await browser.evaluate<boolean>(expression)); await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (Date.now() > end) assert.fail(`${what}; the panel says: ${await browser.evaluate<string>("document.body.innerText")}`);
  }
}

/** Enters a value into a field of the form as a retoucher does; `part`: which widget of it. */
function enter(path: string, part: string, property: string, value: unknown): Promise<unknown> {
  return browser.evaluate(`(() => {
    const widget = document.querySelector('[data-path="${path}"] ${part}');
    widget.${property} = ${JSON.stringify(value)};
    widget.dispatchEvent(new Event("input"));
    widget.dispatchEvent(new Event("change"));
  })()`);
}

/** Chooses from a list by its title. */
function choose(list: string, title: string): Promise<unknown> {
  return browser.evaluate(`(() => {
    const list = document.querySelector(${JSON.stringify(list)});
    list.selectedIndex = Array.from(list.querySelectorAll("sp-menu-item")).findIndex((item) => item.textContent === ${JSON.stringify(title)});
    list.dispatchEvent(new Event("change"));
  })()`);
}

function click(text: string): Promise<void> {
  return browser.evaluate(
    `Array.from(document.querySelectorAll("sp-button, sp-action-button, .fold"))
       .find((button) => button.textContent === ${JSON.stringify(text)} && button.offsetParent).click()`,
  );
}

before(async () => {
  await buildPage(OUT, "invented.ts");
  folder = mkdtempSync(join(tmpdir(), "inlay-invented-"));
  const python = process.env["INLAY_PYTHON"] ?? join(REPOSITORY, ".venv/bin/python");
  const facts = ["serve", "--data", join(folder, "data"), "--grpc-port", "0", "--http-port", "0"];
  child = spawn(python, [join(REPOSITORY, "tests/support/invented_verb.py"), ...facts], { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.once("exit", () => reject(new Error(`The server ended: ${said}`)));
    child.stdout?.on("data", (text) => {
      said += String(text);
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) resolve(found[0]);
    });
  });
  browser = await Browser.start();
  await browser.open(pathToFileURL(join(OUT, "stage.html")).href, 280, 560);
  await browser.evaluate(`bridge.begin(${JSON.stringify(url)}, ${JSON.stringify(readFileSync(join(folder, "data/token"), "utf8").trim())})`);
  fetching = fetchForPage();
});
after(async () => {
  isOver = true;
  await fetching;
  await browser.stop();
  child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

test("a verb that the server invents is shown, filled in, submitted and placed, and every value arrives", async () => {
  await until("the server is ready", `document.querySelectorAll(".list sp-menu-item").length > 0 && document.body.innerText.includes("Ready on")`);
  await choose(".list", "Weather");
  await click("▸ More settings");
  const paths = await browser.evaluate<string[]>(`Array.from(document.querySelectorAll("[data-path]"), (field) => field.dataset.path)`);
  assert.deepEqual([...paths].sort(), [
    "inputs.sky", "options.angle", "options.density", "options.drops", "options.kind", "options.motto", "options.thunder", "options.tint",
    "sampling.count", "sampling.model", "sampling.seed", "where.feather_px", "where.grow_px", "words.prompt",
  ]);
  mkdirSync(join(OUT, "screenshots"), { recursive: true });
  writeFileSync(join(OUT, "screenshots/weather.png"), await browser.screenshot());

  await enter("words.prompt", "sp-textarea", "value", "a summer storm");
  await enter("options.motto", "sp-textfield", "value", "");
  await click("Run");
  await until("what is missing is said", `document.querySelector(".trouble .words").textContent !== ""`);
  await enter("options.motto", "sp-textfield", "value", "Nimbus");
  await enter("options.drops", "sp-textfield", "value", "7");
  await enter("options.angle", "sp-textfield", "value", "12.5");
  await enter("options.density", "sp-slider", "value", 50);
  await enter("options.tint", "sp-textfield", "value", "#FF8000");
  await enter("sampling.count", "sp-textfield", "value", "2");
  await browser.evaluate(`document.querySelector('[data-path="options.thunder"] sp-checkbox').click()`);
  await choose('[data-path="sampling.model"] .list', "satellite");
  await click("Run");
  await until("both variations are placed", `room.results().then((results) => results[0]?.receipts.length === 2)`);

  const [result] = await browser.evaluate<{ name: string; receipts: string[] }[]>("room.results()");
  assert.equal(result?.name, "a summer storm");
  const receipt = result.receipts[0] ?? "";
  for (const value of ["satellite", "Nimbus", "#FF8000", "12.5"]) assert.ok(receipt.includes(value), `${value} in ${receipt}`);
  const { recipe } = JSON.parse(receipt) as { recipe: { options: Record<string, unknown> } };
  assert.equal(Number(recipe.options["drops"]), 7);
  assert.equal(recipe.options["thunder"], true);
  const [red = 0, green = 0, blue = 0] = await browser.evaluate<number[]>("room.at(20, 14)"); // Thunder inverts the mean of picture and tint.
  for (const [got, wanted] of [[red, 255 - (200 + 255) / 2], [green, 255 - (100 + 128) / 2], [blue, 255 - 50 / 2]] as const) {
    assert.ok(Math.abs(got - wanted) <= 2, `${red}, ${green}, ${blue}`);
  }
  assert.deepEqual(await browser.evaluate("room.at(2, 2)"), [200, 100, 50], "outside nothing changed");
  assert.deepEqual(await browser.evaluate("room.violations"), []);
});

test("a layer that is chosen becomes the input of its role", async () => {
  await browser.evaluate(`document.querySelector('[data-path="options.thunder"] sp-checkbox').click()`);
  await enter("options.density", "sp-slider", "value", 100);
  await until("the layers are listed", `document.querySelectorAll('[data-path="inputs.sky"] sp-menu-item').length > 1`);
  await choose('[data-path="inputs.sky"] .list', "Sky");
  await click("Run");
  await until("the sky is there", `room.at(20, 14).then(([red, green, blue]) => red < 14 && green > 196 && Math.abs(blue - 90) < 5)`);
  assert.deepEqual(browser.errors, []);
});
