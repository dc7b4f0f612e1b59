/** The real server as a process of its own, to be stopped, killed and started again on the same data and port. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PLUGIN } from "../ui/room";

const REPOSITORY = join(PLUGIN, "..");
const PYTHON = process.env["INLAY_PYTHON"] ?? join(REPOSITORY, ".venv/bin/python");
const SCRIPT = join(REPOSITORY, "tests/rpc/server_process.py");

/** What of the server's configuration a test may choose. */
export interface Settings {
  /** `module:function` that workers paint with; the server's own paints with the classic engine. */
  readonly painter?: string;
  /** `module:function` that makes the registry of engines. */
  readonly engines?: string;
  readonly token?: string;
  /** Who may say who somebody is, and in which header their groups. */
  readonly proxy?: { readonly networks: readonly string[]; readonly groups_header: string };
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Machines without a token may ask for one. */
  readonly pairs?: boolean;
}

export class Inlay {
  readonly folder = mkdtempSync(join(tmpdir(), "inlay-client-"));
  private process: ChildProcess | null = null;
  private port = 0;

  private constructor(private readonly settings: Settings) {}

  static async start(settings: Settings = {}): Promise<Inlay> {
    const server = new Inlay(settings);
    await server.start();
    return server;
  }

  /** One that speaks TLS with a certificate that it signed itself, as `inlay serve --host 0.0.0.0` does. */
  static async startSecure(more: Settings = {}): Promise<Inlay> {
    const folder = mkdtempSync(join(tmpdir(), "inlay-certificate-"));
    const code = "import sys, pathlib; from inlay.rpc.security import own_certificate; own_certificate(pathlib.Path(sys.argv[1]))";
    execFileSync(PYTHON, ["-c", code, folder]);
    const tls = { certificate: join(folder, "certificate.pem"), key: join(folder, "key.pem") };
    try {
      return await Inlay.start({ tls, token: "a token", ...more });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Begins again where `stop` ended. */
  async start(): Promise<void> {
    const facts = {
      data_dir: join(this.folder, "data"),
      record: join(this.folder, "record"),
      ends_with_caller: true,
      grpc_port: 0,
      http_port: this.port,
      ...this.settings,
    };
    const child = spawn(PYTHON, [SCRIPT, JSON.stringify(facts)], { stdio: ["pipe", "pipe", "inherit"], cwd: REPOSITORY });
    this.process = child;
    let words = "";
    child.stdout.setEncoding("utf8");
    for await (const text of child.stdout) {
      words += String(text);
      if (words.includes("\n")) {
        break;
      }
    }
    if (words === "") {
      throw new Error("The server did not start; `make .venv/.dev` installs it.");
    }
    this.port = (JSON.parse(words) as { http_port: number }).http_port;
  }

  get url(): string {
    return `${this.settings.tls ? "https" : "http"}://127.0.0.1:${this.port}`;
  }

  /** Ends the process; its data stays. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.process;
    this.process = null;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, "exit");
    }
  }

  /** Stops the process where it is, as a machine that sleeps does. */
  freeze(): void {
    this.process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.process?.kill("SIGCONT");
  }

  /** How many calls of a method began at the server, or were cancelled there. */
  notes(method: string, what: "began" | "cancelled"): number {
    const file = join(this.folder, "record");
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    return lines.filter((line) => line.includes(`"${method}"`) && line.includes(`"${what}"`)).length;
  }

  async end(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
