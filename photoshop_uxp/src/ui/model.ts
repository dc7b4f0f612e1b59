/** What the panel shows: all that the ui knows of the rest of the plugin. */

import type { Model } from "../gen/inlay/v1/inlay_pb";
import type { DescribeVerbsResponse } from "../gen/inlay/v1/verbs_pb";

export type Phase =
  | "capturing"
  | "uploading"
  | "queued"
  | "painting"
  | "fetching"
  | "finished"
  | "placing"
  | "placed"
  | "waiting"
  | "failed"
  | "cancelled";

/** An edit on its way, or one that ended without its result. */
export interface EditView {
  readonly jobId: string;
  readonly name: string;
  readonly phase: Phase;
  /** For people: what it waits for, or what the server said; empty where the phase says it all. */
  readonly message: string;
  /** 0 .. 1 of the painting, the upload or the fetching. */
  readonly fraction: number;
  /** Jobs before this one while it is queued. */
  readonly position: number | null;
  readonly etaS: number | null;
  /** An early look at it, as the source of an `<img>`; empty: none. */
  readonly preview: string;
  /** Takes it back; where it has ended: shows it no more. */
  cancel(): void;
}

/** Whether an edit ended without its result: what it says stays until it is closed. */
export function hasFailed({ phase }: EditView): boolean {
  return phase === "failed" || phase === "waiting";
}

/** The result in hand: a group in the document in front. */
export interface ResultView {
  /** Differs from the id of every other result, and changes when the variations do. */
  readonly id: string;
  readonly name: string;
  /** Whether it shows at all. */
  readonly visible: boolean;
  /** `picture`: the source of an `<img>`; empty while there is none. */
  readonly variations: readonly { readonly name: string; readonly picture: string }[];
  /** Which one is visible; -1: none. */
  readonly shown: number;
  /** Whether the visible one is a draft that this server can finish. */
  readonly canFinish: boolean;
  /** What there is to know of it: what was ignored, what to try; empty: nothing. */
  readonly note: string;
}

export interface ConnectionView {
  readonly state: "ready" | "connecting" | "trouble";
  readonly serverName: string;
  readonly serverVersion: string;
  readonly url: string;
  /** Why there is no server, and what to do. */
  readonly reason: string;
  /** The forms and the words of this server, or of the last one; null: none was ever heard. */
  readonly description: DescribeVerbsResponse | null;
  readonly models: readonly Model[];
}

/** What will be painted, as PlanEdit answered. */
export interface PlanView {
  readonly window: { readonly width: number; readonly height: number };
  /** Working px per document px. */
  readonly scale: number;
  /** Seconds and sharpness, in one line. */
  readonly sentence: string;
  /** What the server has to say about it beforehand, in sentences. */
  readonly notes: readonly string[];
}

/** Everything the panel shows. */
export interface PanelState {
  /** The document in front; null: none. */
  readonly document: number | null;
  readonly connection: ConnectionView;
  /** The edits of the document in front, oldest first; then those that ended without a result, until they are closed. */
  readonly edits: readonly EditView[];
  /** Results at the server that are not in the document in front. */
  readonly offers: number;
  /** The plan for the selection, or a sentence on why there is none. */
  readonly plan: PlanView | string;
  readonly canRun: boolean;
  readonly result: ResultView | null;
  /** What went wrong last with the document in front, but for its edits; empty: nothing. */
  readonly trouble: string;
}

export interface Address {
  /** Scheme, host and port. */
  readonly url: string;
  readonly token: string;
}

/** One thing that the connection doctor found out, or Inlay Self-Test. */
export interface Finding {
  readonly name: string;
  readonly state: "good" | "bad" | "unsure" | "skipped";
  readonly what: string;
  /** What to do about it; empty where nothing is to be done. */
  readonly cure: string;
}
