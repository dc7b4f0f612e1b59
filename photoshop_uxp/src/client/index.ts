/** The client's room: one server, and the edits that run there. */

import { adopt, begin, finish, more, type Roll } from "../edit";
import { type Job, JobState } from "../gen/inlay/v1/job_pb";
import type { DocumentHandle, Host, Mask, Result } from "../host/host";
import { measure, type Reading } from "../probe";
import type { PlanQuestion } from "../planning";
import type { RunningEdit } from "../standing";
import type { Address, ConnectionView, Finding, PlanView } from "../ui/model";
import type { Wish } from "../wish";
import { Connection } from "./connection";
import { examine, isMac } from "./doctor";
import { Trouble } from "./trouble";

/** Set by a studio build (see photoshop_uxp/build.mjs): the only server it talks to. */
declare const LOCKED_ORIGIN: string;

const OFFERED: readonly JobState[] = [JobState.QUEUED, JobState.RUNNING, JobState.DONE];

/** Promises are rejected with an Error whose message is for people. */
export class InlayServer {
  private readonly link: Connection;

  /** lockedOrigin: the only server to talk to; empty: any. */
  constructor(
    private readonly host: Host,
    private readonly native: typeof fetch,
    readonly lockedOrigin: string,
  ) {
    this.link = new Connection(host.settings, native, lockedOrigin, host.locale);
  }

  get connection(): ConnectionView {
    return this.link.view;
  }

  onChange(listener: () => void): void {
    this.link.onChange(listener);
  }

  address(): Address {
    return this.link.address;
  }

  use(address: Address): void {
    this.link.use(address);
  }

  check(): void {
    this.link.check();
  }

  stop(): void {
    this.link.stop();
  }

  async plan(question: PlanQuestion): Promise<PlanView> {
    const { window, working, scale, sentence, notes } = await this.link.line.plan(question, undefined, this.host.locale);
    if (!window || !working) throw new Trouble("internal", "The server's plan has no window.");
    return { window: { width: window.width, height: window.height }, scale, sentence, notes };
  }

  /** What colour a document shows under a mask, and how far it is from a target; empty: none. */
  measure(document: DocumentHandle, mask: Mask, target: string): Promise<Reading> {
    return measure(this.link.line, this.host, document, mask, target);
  }

  async examine(address: Address, found: (finding: Finding) => void): Promise<void> {
    await examine(address, { native: this.native, lockedOrigin: this.lockedOrigin, isMac: isMac() }, found);
  }

  begin(document: DocumentHandle, wish: Wish): RunningEdit {
    return begin(this.link.line, this.host, document, wish);
  }

  more(result: Result, roll: Roll): RunningEdit {
    return more(this.link.line, this.host, result, roll);
  }

  finish(result: Result): RunningEdit {
    return finish(this.link.line, this.host, result);
  }

  adopt(job: Job): RunningEdit {
    return adopt(this.link.line, this.host, job, this.connection.description?.verbs ?? []);
  }

  async jobs(documentId: string): Promise<readonly Job[]> {
    return (await this.link.line.list(documentId)).filter(({ state }) => OFFERED.includes(state));
  }

  rate(jobId: string, variation: number, isKept: boolean): void {
    this.link.line.rate(jobId, variation, isKept);
  }
}

/** The server of this plugin, over the fetch that is here. */
export function serverOf(host: Host): InlayServer {
  const lockedOrigin = typeof LOCKED_ORIGIN === "string" ? LOCKED_ORIGIN : "";
  return new InlayServer(host, (input, init) => fetch(input, init), lockedOrigin);
}
