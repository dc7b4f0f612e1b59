/** What the session needs of the client's room: a server to ask, and edits that run there. */

import type { DocumentHandle, Mask, Rect, Result } from "./host/host";
import type { Address, ConnectionView, EditView, Finding, Picture, PlanView, Reading, Wish } from "./ui/model";

/** What decides a plan. */
export interface PlanQuestion {
  readonly width: number;
  readonly height: number;
  readonly region: Rect;
  readonly verb: Wish["verb"];
  readonly tier: Wish["tier"];
  readonly growPx: number;
  readonly featherPx: number;
  readonly count: number;
  /** The edit will have a prompt, which decides between models. */
  readonly prompted: boolean;
}

/** An edit that was begun. It changes; `on` tells when. */
export interface RunningEdit extends EditView {
  readonly documentId: string;
  readonly hasEnded: boolean;
  /** The result's group once it is placed. */
  readonly group: number | null;
  /** How the variations look, by receipt. */
  readonly pictures: ReadonlyMap<string, Picture>;
  on(change: () => void): void;
}

/** A job at the server whose result may not be in its document. */
export interface WaitingJob {
  readonly jobId: string;
}

/** What the session needs of the client's room. Promises are rejected with an Error whose message is for people. */
export interface Server<Job extends WaitingJob = WaitingJob> {
  readonly connection: ConnectionView;
  readonly lockedOrigin: string;
  onChange(listener: () => void): void;
  address(): Address;
  use(address: Address): void;
  check(): void;
  /** Asks no more whether the server is there. */
  stop(): void;
  plan(question: PlanQuestion): Promise<PlanView>;
  /** What colour a document shows under a mask, and how far it is from a target; empty: none. */
  measure(document: DocumentHandle, mask: Mask, target: string, signal?: AbortSignal): Promise<Reading>;
  /** That colour as a target: `#RRGGBB`, or `lab(L, a, b)` where that does not stand for it. */
  spell(document: DocumentHandle, mask: Mask): Promise<string>;
  examine(address: Address, found: (finding: Finding) => void): Promise<void>;
  begin(document: DocumentHandle, wish: Wish): RunningEdit;
  beginAgain(result: Result): RunningEdit;
  /** Paints the visible variation anew at the final tier. */
  finish(result: Result): RunningEdit;
  adopt(job: Job): RunningEdit;
  /** Jobs of a document that are queued, running or done. */
  jobs(documentId: string): Promise<readonly Job[]>;
  rate(jobId: string, variation: number, isKept: boolean): void;
}
