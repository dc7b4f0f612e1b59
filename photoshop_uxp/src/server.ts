/** The server, as the session knows it: the connection, its words, and the edits that run there. */

import { Calls } from "./client/connect";
import { type Address, Connection } from "./client/connection";
import { examine, type Finding, isMac } from "./client/doctor";
import { letIn } from "./client/pairing";
import type { Stop } from "./client/pause";
import type { planOf, Remembered, WholeRecipe } from "./client/messages";
import type { RunningEdit } from "./client/standing";
import { Edit, type Roll } from "./edit";
import type { PlanEditResponse } from "./gen/inlay/v1/inlay_pb";
import type { HistoryEntry, ListHistoryResponse } from "./gen/inlay/v1/history_pb";
import { type Job, JobState, Rating } from "./gen/inlay/v1/job_pb";
import type { SetupSection } from "./gen/inlay/v1/setup_pb";
import { CannotEdit, type DocumentHandle, type Mask, type Result } from "./host/host";
import type { Host } from "./host/photoshop";
import { check, measure, type Reading } from "./probe";
import { bring, mark } from "./references";
import { PLAIN, type Reference, type Region, type Wish } from "./wish";
import { hear, remember, say } from "./words";

/** Set by a studio build (see photoshop_uxp/build.mjs): the only server it talks to. */
declare const LOCKED_ORIGIN: string;

/** As many as the server lists at once. */
const MAX_JOBS = 1000;
const OFFERED: readonly JobState[] = [JobState.QUEUED, JobState.RUNNING, JobState.DONE];

/** UXP tells no plugin what the machine is called. */
const MACHINE = "Photoshop";

const HINTS = "hints";
const OFF = "off";

/** How an edit like another one is made. */
interface Likeness {
  readonly called?: string;
  readonly buildsOn?: boolean;
  readonly liesOn?: number | null;
}

/** Promises are rejected with an Error whose message is for people. */
export class InlayServer extends Connection {
  /** lockedOrigin: the only server to talk to; empty: any. */
  constructor(
    readonly host: Host,
    native: typeof fetch,
    lockedOrigin: string,
  ) {
    super(host.settings, native, lockedOrigin, host.locale);
    remember(host.settings);
    this.onChange(() => hear(this.view.description?.words, host.settings));
  }

  get wantsHints(): boolean {
    return this.host.settings.read(HINTS) !== OFF;
  }

  set wantsHints(wanted: boolean) {
    this.host.settings.write(HINTS, wanted ? "" : OFF);
  }

  plan(question: ReturnType<typeof planOf>): Promise<PlanEditResponse> {
    return this.calls.call("planEdit", question);
  }

  /** What colour a document shows under a mask, and how far it is from a target; empty: none. */
  measure(document: DocumentHandle, mask: Mask, target: string): Promise<Reading> {
    return measure(this.calls, this.host, document, mask, target);
  }

  /** How what a document shows under a mask keeps to the colours of a style, in words. */
  checkBrand(document: DocumentHandle, mask: Mask, style: string): Promise<string> {
    return check(this.calls, this.host, document, mask, style, this.locale);
  }

  /** A layer of a document to bring along, or by 0 what is selected. */
  reference(document: DocumentHandle, layer: number): Promise<Reference> {
    return bring(this, document, layer);
  }

  /** The same as a place that is an edit of its own. */
  region(document: DocumentHandle, layer: number): Promise<Region> {
    return mark(this, document, layer);
  }

  examine(address: Address, found: (finding: Finding) => void): Promise<void> {
    return examine(address, { native: this.native, lockedOrigin: this.lockedOrigin, isMac: isMac() }, found);
  }

  /** Asks a server to let this machine in, and turns to it once it does. `read` gets the words to read out. */
  async letIn(url: string, name: string, read: (words: string) => void, signal: Stop): Promise<void> {
    const calls = new Calls(url, "", this.native, undefined, this.locale);
    this.use({ url, token: await letIn(calls, name, MACHINE, read, signal) });
  }

  begin(document: DocumentHandle, wish: Wish): RunningEdit {
    return new Edit(this, wish.form.title, wish).start((edit) => edit.make(document, wish));
  }

  more(result: Result, roll: Roll): RunningEdit {
    return new Edit(this, result.name, { ...PLAIN, reads: result.origin.reads }).start((edit) => edit.repeat(result, roll));
  }

  /** One more variation of a result in its group, by what `by` says. `called`: its name. */
  vary(result: Result, by: Remembered, called: string): RunningEdit {
    const edit = new Edit(this, result.name, { ...PLAIN, reads: result.origin.reads });
    edit.called = called;
    return edit.start((one) => one.vary(result, by));
  }

  /**
   * What a recipe of another document says, in this one, through a mask. `called`: its variation's name; empty: by its number. `liesOn`: the layer above
   * which nothing is read, and on which the result goes; null: on top of all that is seen.
   */
  like(document: DocumentHandle, name: string, recipe: WholeRecipe, mask: Mask, { called = "", buildsOn = false, liesOn = null }: Likeness = {}): RunningEdit {
    const edit = new Edit(this, name, { ...PLAIN, buildsOn, reads: liesOn === null ? PLAIN.reads : "below" });
    edit.called = called;
    return edit.start((one) => one.through(document, recipe, mask, liesOn));
  }

  finish(result: Result): RunningEdit {
    return new Edit(this, result.name, { ...PLAIN, reads: result.origin.reads }).start((edit) => edit.finish(result));
  }

  /** Takes over a job that was submitted earlier. `only`: the variation to place; null: all of them. */
  adopt(job: Job, only: number | null = null): RunningEdit {
    return new Edit(this, job.title, PLAIN, job.jobId, only).start((edit) => edit.resume(job));
  }

  /** What the server's machine has to paint with, and what there is to get. */
  async setup(): Promise<readonly SetupSection[]> {
    return (await this.calls.call("describeSetup", { locale: this.locale })).sections;
  }

  /** The document's jobs that are waiting, running or finished, newest first. */
  async jobs(documentId: string): Promise<readonly Job[]> {
    const { jobs } = await this.calls.call("listJobs", { label: documentId, locale: this.locale });
    return jobs.filter(({ state }) => OFFERED.includes(state));
  }

  /** What was made for a document, newest first. `cursor`: where the list goes on; empty: at the newest. */
  history(documentId: string, search: string, cursor: string): Promise<ListHistoryResponse> {
    return this.calls.call("listHistory", { label: documentId, search, cursor, locale: this.locale });
  }

  /** Places one variation of a job again. */
  async again(documentId: string, { jobId, variation }: Pick<HistoryEntry, "jobId" | "variation">): Promise<RunningEdit> {
    const { jobs } = await this.calls.call("listJobs", { label: documentId, limit: MAX_JOBS, locale: this.locale });
    const job = jobs.find((known) => known.jobId === jobId);
    if (!job) throw new CannotEdit(say("history.forgotten"));
    return this.adopt(job, variation);
  }

  /** Keeps how a job was painted as a style for everybody; the style's title. */
  async saveStyle(jobId: string, title: string): Promise<string> {
    const { style } = await this.calls.call("saveStyle", { jobId, style: { title } });
    return style?.title ?? title;
  }

  /** Tells what became of a variation; what goes wrong is nobody's concern. */
  rate(jobId: string, variation: number, isKept: boolean): void {
    const rating = isKept ? Rating.KEPT : Rating.REJECTED;
    this.calls.call("rateVariation", { jobId, variation, rating }).catch(() => undefined);
  }
}

/** The server of this plugin, over the fetch that is here. */
export function serverOf(host: Host): InlayServer {
  const lockedOrigin = typeof LOCKED_ORIGIN === "string" ? LOCKED_ORIGIN : "";
  return new InlayServer(host, (input, init) => fetch(input, init), lockedOrigin);
}
