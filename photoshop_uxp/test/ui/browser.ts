/** A headless Chromium, spoken to over a pipe (Chrome DevTools Protocol, messages ended by a zero byte). No network. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

const PROGRAM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--hide-scrollbars",
  "--remote-debugging-pipe",
];

interface Message {
  id?: number;
  method?: string;
  result?: Record<string, unknown>;
  error?: { message: string };
  params?: Record<string, unknown>;
}

export class Browser {
  private readonly waiting = new Map<number, { resolve(result: Record<string, unknown>): void; reject(error: Error): void }>();
  private readonly once = new Map<string, () => void>();
  private session = "";
  private next = 1;
  private rest = "";
  /** Exceptions and console errors of the page. */
  readonly errors: string[] = [];

  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {
    const output = process.stdio[4] as Readable;
    output.setEncoding("utf8");
    output.on("data", (text: string) => {
      this.rest += text;
      const messages = this.rest.split("\0");
      this.rest = messages.pop() ?? "";
      messages.forEach((message) => {
        this.heard(JSON.parse(message) as Message);
      });
    });
    const fail = (reason: string) => (): void => {
      this.waiting.forEach((asked) => {
        asked.reject(new Error(reason));
      });
    };
    process.on("exit", fail("Chromium ended"));
    process.on("error", fail(`${PROGRAM} does not start; scripts/system-packages installs it`));
    (process.stdio[3] as Writable).on("error", () => undefined); // Its end is told by "exit".
  }

  static async start(): Promise<Browser> {
    const folder = mkdtempSync(join(tmpdir(), "inlay-panel-"));
    const child = spawn(PROGRAM, [...FLAGS, `--user-data-dir=${folder}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    const browser = new Browser(child, folder);
    const { targetId } = await browser.ask("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.ask("Target.attachToTarget", { targetId, flatten: true });
    browser.session = String(sessionId);
    await browser.ask("Page.enable");
    await browser.ask("Runtime.enable");
    return browser;
  }

  async open(url: string, width: number, height: number): Promise<void> {
    await this.ask("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    const loaded = new Promise<void>((resolve) => {
      this.once.set("Page.loadEventFired", resolve);
    });
    await this.ask("Page.navigate", { url });
    await loaded;
  }

  /** The value of an expression in the page; a promise is waited for. */
  async evaluate<T>(expression: string): Promise<T> {
    const answer = await this.ask("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (answer["exceptionDetails"]) {
      throw new Error(JSON.stringify(answer["exceptionDetails"]));
    }
    return (answer["result"] as { value: T }).value;
  }

  async press(key: string, control = false): Promise<void> {
    const facts = { key, code: key, modifiers: control ? 2 : 0 };
    await this.ask("Input.dispatchKeyEvent", { type: "rawKeyDown", ...facts });
    await this.ask("Input.dispatchKeyEvent", { type: "keyUp", ...facts });
  }

  async type(text: string): Promise<void> {
    await this.ask("Input.insertText", { text });
  }

  /** PNG of the whole page. */
  async screenshot(): Promise<Uint8Array> {
    const { data } = await this.ask("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
    return Buffer.from(String(data), "base64");
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    await this.ask("Browser.close", {}, "").catch(() => undefined);
    await gone;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private ask(method: string, params: Record<string, unknown> = {}, session = this.session): Promise<Record<string, unknown>> {
    const id = this.next;
    this.next += 1;
    const message = { id, method, params, ...(session === "" ? {} : { sessionId: session }) };
    (this.process.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  private heard(message: Message): void {
    if (message.id !== undefined) {
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error) {
        waiting?.reject(new Error(message.error.message));
      } else {
        waiting?.resolve(message.result ?? {});
      }
      return;
    }
    const method = message.method ?? "";
    if (method === "Runtime.exceptionThrown") {
      this.errors.push(JSON.stringify(message.params));
    } else if (method === "Runtime.consoleAPICalled" && message.params?.["type"] === "error") {
      this.errors.push(JSON.stringify(message.params["args"]));
    }
    this.once.get(method)?.();
    this.once.delete(method);
  }
}
