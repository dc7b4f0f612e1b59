/** What the panel shows and what it asks for: all that the ui knows of the rest of the plugin. */

export const VERBS = [
  "erase",
  "fill",
  "generate",
  "refine",
  "instruct",
  "recolor",
  "replace_background",
  "expand",
] as const;
export type Verb = (typeof VERBS)[number];

export const TIERS = ["draft", "standard", "final"] as const;
export type Tier = (typeof TIERS)[number];

/** What a retoucher asks for, before any pixel is looked at. The fields mean what they mean in the contract's Recipe. */
export interface Wish {
  readonly verb: Verb;
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly tier: Tier;
  /** 0 .. 1. */
  readonly strength: number;
  readonly count: number;
  readonly seed: number;
  readonly growPx: number;
  readonly featherPx: number;
  /** `#rrggbb` in sRGB or `lab(L, a, b)`; empty unless the verb is recolor. */
  readonly targetColor: string;
  /** Whether earlier results of the same region are part of what the server sees, instead of what lies below them. */
  readonly buildOn: boolean;
}

export const MAX_COUNT = 16;
export const MAX_SEED = 2 ** 32 - 1;
export const MAX_GROW_PX = 512;
export const MAX_FEATHER_PX = 512;

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
  /** What this server's models can do; empty while that is not known. */
  readonly verbs: ReadonlySet<Verb>;
  /** What those of its models that read prompts can do. */
  readonly wordedVerbs: ReadonlySet<Verb>;
  /** The ids of those that can finish a draft. */
  readonly finishers: ReadonlySet<string>;
}

/** What will be painted, as PlanEdit answered. */
export interface PlanView {
  readonly window: { readonly width: number; readonly height: number };
  /** Working px per document px. */
  readonly scale: number;
  readonly estimateS: number | null;
  /** What the server has to say about it beforehand, in sentences. */
  readonly notes: readonly string[];
}

/** Everything the panel shows. */
export interface PanelState {
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

/** What colour a region has, and how far it is from a target. */
export interface Reading {
  /** The document's colour channels, as people order them. */
  readonly channels: readonly string[];
  readonly depth: 8 | 16 | 32;
  /** Mean and standard deviation by channel, in the document's own samples. */
  readonly mean: readonly number[];
  readonly spread: readonly number[];
  readonly lab: readonly number[];
  readonly labSpread: readonly number[];
  /** The mean as `#RRGGBB` in sRGB, clipped to it. */
  readonly hex: string;
  readonly pixels: number;
  /** What it was compared with; empty: nothing. */
  readonly target: string;
  /** CIEDE2000 between the mean and the target. */
  readonly deltaE: number | null;
}

/** The colour probe: measures while it is open. Nothing here throws: what goes wrong is in `trouble`. */
export interface ColorProbe {
  /** What was measured last; null: nothing, and `trouble` may say why. */
  readonly reading: Reading | null;
  readonly trouble: string;
  /** Calls whenever one of them is another than before; returns what ends that. */
  onChange(listener: () => void): () => void;
  turn(isOpen: boolean): void;
  /** Measures now, where it is open. */
  measure(): void;
  /** The colour there is now, as a target; empty: `trouble` says why not. */
  spell(): Promise<string>;
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
