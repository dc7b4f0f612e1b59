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
  sessionId?: string;
}

type Answer = Record<string, unknown>;

/** The process, and what goes to and fro: answers by their question's number, events by the session that they are of. */
class Pipe {
  private readonly waiting = new Map<number, { resolve(result: Answer): void; reject(error: Error): void }>();
  private readonly listeners = new Map<string, (method: string, params: Answer) => void>();
  private readonly folder = mkdtempSync(join(tmpdir(), "inlay-panel-"));
  private readonly process: ChildProcess;
  private next = 1;
  private rest = "";

  constructor() {
    const url = "about:blank";
    this.process = spawn(PROGRAM, [...FLAGS, `--user-data-dir=${this.folder}`, url], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    const output = this.process.stdio[4] as Readable;
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
    this.process.on("exit", fail("Chromium ended"));
    this.process.on("error", fail(`${PROGRAM} does not start; scripts/system-packages installs it`));
    (this.process.stdio[3] as Writable).on("error", () => undefined); // Its end is told by "exit".
  }

  ask(method: string, params: Answer, session: string): Promise<Answer> {
    const id = this.next;
    this.next += 1;
    const message = { id, method, params, ...(session === "" ? {} : { sessionId: session }) };
    (this.process.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  listen(session: string, listener: (method: string, params: Answer) => void): void {
    this.listeners.set(session, listener);
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    await this.ask("Browser.close", {}, "").catch(() => undefined);
    await gone;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private heard({ id, method = "", result = {}, error, params = {}, sessionId = "" }: Message): void {
    if (id === undefined) {
      this.listeners.get(sessionId)?.(method, params);
      return;
    }
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) {
      waiting?.reject(new Error(error.message));
    } else {
      waiting?.resolve(result);
    }
  }
}

/** One page; the first one starts the process. */
export class Browser {
  private readonly once = new Map<string, () => void>();
  private readonly heard = new Map<string, (params: Answer) => void>();
  /** Exceptions and console errors of the page. */
  readonly errors: string[] = [];

  private constructor(
    private readonly pipe: Pipe,
    private readonly session: string,
  ) {
    pipe.listen(session, (method, params) => this.hear(method, params));
  }

  static async start(): Promise<Browser> {
    return Browser.page(new Pipe(), {});
  }

  /** A page of somebody else's: with cookies and storage of its own. */
  async another(): Promise<Browser> {
    const { browserContextId } = await this.pipe.ask("Target.createBrowserContext", {}, "");
    return Browser.page(this.pipe, { browserContextId });
  }

  private static async page(pipe: Pipe, where: Answer): Promise<Browser> {
    const { targetId } = await pipe.ask("Target.createTarget", { url: "about:blank", ...where }, "");
    const { sessionId } = await pipe.ask("Target.attachToTarget", { targetId, flatten: true }, "");
    const browser = new Browser(pipe, String(sessionId));
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

  /** Calls back at each event of a kind. */
  on(method: string, listener: (params: Answer) => void): void {
    this.heard.set(method, listener);
  }

  /** Chrome's DevTools Protocol, for this page. */
  ask(method: string, params: Answer = {}): Promise<Answer> {
    return this.pipe.ask(method, params, this.session);
  }

  /** Ends the process, and with it the pages of all. */
  async stop(): Promise<void> {
    await this.pipe.stop();
  }

  private hear(method: string, params: Answer): void {
    if (method === "Runtime.exceptionThrown") {
      this.errors.push(JSON.stringify(params));
    } else if (method === "Runtime.consoleAPICalled" && params["type"] === "error") {
      this.errors.push(JSON.stringify(params["args"]));
    }
    this.heard.get(method)?.(params);
    this.once.get(method)?.();
    this.once.delete(method);
  }
}
