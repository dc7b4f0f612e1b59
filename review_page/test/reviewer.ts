/** Somebody who reviews, in a real Chromium: what he sees, and what he does with mouse and keys. Nothing goes past the page's policy. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "../../photoshop_uxp/test/ui/browser";
import { type Pixels, readPng } from "./png";

const LIMIT_MS = 20_000;
const LOOK_MS = 20;
const SHOTS = join(process.cwd(), "../build/review-screenshots");

/** A control as people find it: by what it is called. */
export interface Named {
  readonly role: string;
  readonly name: string;
}

interface AxNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
  readonly backendDOMNodeId?: number;
}

export class Reviewer {
  /** What was asked for, in order. */
  readonly requests: { readonly url: string; readonly requestId: string }[] = [];

  private constructor(readonly browser: Browser) {}

  /** Opens a link in a page. */
  static async at(browser: Browser, url: string, width = 1280, height = 800): Promise<Reviewer> {
    const reviewer = new Reviewer(browser);
    browser.on("Log.entryAdded", ({ entry }) => {
      const { level, text } = entry as { level: string; text: string };
      if (level === "error") browser.errors.push(text);
    });
    browser.on("Network.requestWillBeSent", ({ request, requestId }) => reviewer.requests.push({ url: (request as { url: string }).url, requestId: String(requestId) }));
    await Promise.all(["Log.enable", "Network.enable", "Accessibility.enable", "DOM.enable"].map((method) => browser.ask(method)));
    await browser.open(url, width, height);
    return reviewer;
  }

  evaluate<T>(expression: string): Promise<T> {
    return this.browser.evaluate<T>(expression);
  }

  /** Waits until an expression is true in the page. */
  async until(expression: string): Promise<void> {
    const limit = `setTimeout(() => { clearInterval(looking); reject(new Error("not within ${LIMIT_MS} ms: " + ${JSON.stringify(expression)} + "\\n" + document.body.innerText)); }, ${LIMIT_MS})`;
    const look = `const looking = setInterval(() => { if (${expression}) { clearInterval(looking); resolve(true); } }, ${LOOK_MS});`;
    await this.evaluate(`new Promise((resolve, reject) => { ${look} ${limit}; })`);
  }

  async sees(text: string): Promise<void> {
    await this.until(`document.body.innerText.includes(${JSON.stringify(text)})`);
  }

  /** Waits until the pictures that are wanted are there. */
  async seesPictures(): Promise<void> {
    await this.until(`document.querySelector(".window .preview[src]") && !document.querySelector(".window [data-waits]") && !document.querySelector(".thumb [data-waits]")`);
  }

  /** Every control and its name, as a screen reader has them. */
  async named(): Promise<Named[]> {
    const { nodes } = await this.browser.ask("Accessibility.getFullAXTree");
    return (nodes as AxNode[]).filter(({ ignored }) => !ignored).map(({ role, name }) => ({ role: role?.value ?? "", name: name?.value ?? "" }));
  }

  /** Clicks on what has this role and this name, where it is on the screen. */
  async clicks(role: string, name: string): Promise<void> {
    const { nodes } = await this.browser.ask("Accessibility.getFullAXTree");
    const found = (nodes as AxNode[]).find((node) => !node.ignored && node.role?.value === role && node.name?.value.startsWith(name));
    if (!found) throw new Error(`no ${role} is called ${name}`);
    const backendNodeId = found.backendDOMNodeId ?? 0;
    await this.browser.ask("DOM.scrollIntoViewIfNeeded", { backendNodeId });
    const { model } = await this.browser.ask("DOM.getBoxModel", { backendNodeId });
    const [left = 0, top = 0, right = 0, , , bottom = 0] = (model as { border: number[] }).border;
    await this.clicksAt((left + right) / 2, (top + bottom) / 2);
  }

  async clicksAt(x: number, y: number): Promise<void> {
    await this.mouse("mousePressed", x, y);
    await this.mouse("mouseReleased", x, y);
  }

  async mouse(type: "mousePressed" | "mouseReleased" | "mouseMoved", x: number, y: number): Promise<void> {
    await this.browser.ask("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons: type === "mouseReleased" ? 0 : 1, clickCount: 1 });
  }

  /** Presses a key; `hold` leaves it down. */
  async presses(key: string, more: { readonly shift?: boolean; readonly hold?: boolean } = {}): Promise<void> {
    const facts = { key, ...KEYS[key], modifiers: more.shift ? 8 : 0 };
    await this.browser.ask("Input.dispatchKeyEvent", { type: facts.text ? "keyDown" : "rawKeyDown", ...facts });
    if (!more.hold) await this.browser.ask("Input.dispatchKeyEvent", { type: "keyUp", ...facts, text: undefined });
  }

  async releases(key: string): Promise<void> {
    await this.browser.ask("Input.dispatchKeyEvent", { type: "keyUp", key, ...KEYS[key], text: undefined });
  }

  async types(text: string): Promise<void> {
    await this.browser.type(text);
  }

  /** Where the paper of a pane lies on the screen, in CSS pixels. */
  paper(pane = 0): Promise<{ x: number; y: number; width: number; height: number }> {
    return this.evaluate(`document.querySelectorAll(".paper")[${pane}].getBoundingClientRect().toJSON()`);
  }

  /** Where the first pane lies. */
  window(): Promise<{ x: number; y: number; width: number; height: number }> {
    return this.evaluate("document.querySelector('.window').getBoundingClientRect().toJSON()");
  }

  async screenshot(): Promise<Pixels> {
    const { data } = await this.browser.ask("Page.captureScreenshot", { format: "png" });
    return readPng(Buffer.from(String(data), "base64"));
  }

  /** Keeps a picture for whoever wants to look. */
  async shoots(name: string): Promise<void> {
    mkdirSync(SHOTS, { recursive: true });
    const { data } = await this.browser.ask("Page.captureScreenshot", { format: "png" });
    writeFileSync(join(SHOTS, `${name}.png`), Buffer.from(String(data), "base64"));
  }
}

const KEYS: Readonly<Record<string, { readonly code: string; readonly windowsVirtualKeyCode: number; readonly text?: string }>> = {
  Tab: { code: "Tab", windowsVirtualKeyCode: 9 },
  Enter: { code: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
  Escape: { code: "Escape", windowsVirtualKeyCode: 27 },
  " ": { code: "Space", windowsVirtualKeyCode: 32, text: " " },
  ArrowLeft: { code: "ArrowLeft", windowsVirtualKeyCode: 37 },
  ArrowUp: { code: "ArrowUp", windowsVirtualKeyCode: 38 },
  ArrowRight: { code: "ArrowRight", windowsVirtualKeyCode: 39 },
  ArrowDown: { code: "ArrowDown", windowsVirtualKeyCode: 40 },
  "+": { code: "BracketRight", windowsVirtualKeyCode: 187, text: "+" },
  "-": { code: "Slash", windowsVirtualKeyCode: 189, text: "-" },
  Home: { code: "Home", windowsVirtualKeyCode: 36 },
  ...Object.fromEntries(["a", "c", "x", "p"].map((key) => [key, { code: `Key${key.toUpperCase()}`, windowsVirtualKeyCode: key.toUpperCase().charCodeAt(0), text: key }])),
  ...Object.fromEntries(["0", "1", "2", "3"].map((key) => [key, { code: `Digit${key}`, windowsVirtualKeyCode: key.charCodeAt(0), text: key }])),
};
