/** The panel on its page in headless Chromium: what tests of it look at, and press. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, beforeEach } from "node:test";
import { Browser } from "./browser";
import { buildPage } from "./page";
import { PLUGIN } from "./room";

/** The size at which Photoshop docks the panel, and the smallest that it may have (manifest.json). */
export const DOCKED = [280, 560] as const;
export const SMALLEST = [230, 300] as const;
export const WIDTHS = [230, 300, 450];

export let browser: Browser;
let folder = "";

/** Builds the page for one file of tests. */
export function onStage(name: string): void {
  folder = join(PLUGIN, "../build", name);
  before(async () => {
    await buildPage(folder);
    browser = await Browser.start();
  });
  after(() => browser.stop());
  beforeEach(() => {
    browser.errors.length = 0;
  });
}

export async function open(scene: string, width = 300, theme = "dark", height = 900): Promise<void> {
  const page = pathToFileURL(join(folder, "stage.html"));
  await browser.open(`${page.href}?scene=${scene}&theme=${theme}`, width, height);
}

/** Where an element ends, in px from the panel's top; text that it has to have. */
export function bottomOf(selector: string, text = ""): Promise<number> {
  return browser.evaluate(
    `Array.from(document.querySelectorAll(${JSON.stringify(selector)}))
       .find((element) => element.offsetParent && element.textContent.includes(${JSON.stringify(text)})).getBoundingClientRect().bottom`,
  );
}

export async function shoot(name: string): Promise<void> {
  const shot = join(folder, "screenshots", `${name}.png`);
  mkdirSync(dirname(shot), { recursive: true });
  writeFileSync(shot, await browser.screenshot());
}

export function calls(name: string): Promise<unknown[][]> {
  return browser.evaluate(`stage.session.calls.filter(([name]) => name === ${JSON.stringify(name)})`);
}

export function click(text: string): Promise<void> {
  return browser.evaluate(
    `Array.from(document.querySelectorAll("sp-button, sp-action-button, .fold"))
       .find((button) => button.textContent === ${JSON.stringify(text)} && button.offsetParent).click()`,
  );
}

/** Chooses from a list by its title; the list of verbs where none is named. */
export async function choose(title: string, list = ".list"): Promise<void> {
  await browser.evaluate(`(() => {
    const list = document.querySelector(${JSON.stringify(list)});
    list.selectedIndex = Array.from(list.querySelectorAll("sp-menu-item")).findIndex((item) => item.textContent === ${JSON.stringify(title)});
    list.dispatchEvent(new Event("change"));
  })()`);
}

export function isShown(selector: string): Promise<boolean> {
  return browser.evaluate(`Boolean(document.querySelector(${JSON.stringify(selector)})?.offsetParent)`);
}

export function textOf(selector: string): Promise<string> {
  return browser.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`);
}

/** A mouse event at an element. */
export function mouse(selector: string, type: string): Promise<unknown> {
  return browser.evaluate(`document.querySelector(${JSON.stringify(selector)}).dispatchEvent(new MouseEvent(${JSON.stringify(type)}))`);
}

/** Waits for a state of the page. */
export async function until(what: string, expression: string): Promise<void> {
  for (const end = Date.now() + 30_000; !(await browser.evaluate<boolean>(expression)); ) {
    if (Date.now() > end) throw new Error(`Not so: ${what}`);
  }
}
