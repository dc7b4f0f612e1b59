/** Where an edit stands, for whoever watches it: from its own steps, and from the events of its job. */

import type { Event } from "../gen/inlay/v1/job_pb";
import type { Variation } from "../gen/inlay/v1/recipe_pb";
import { say } from "../words";

export type Phase =
  | "capturing"
  | "uploading"
  | "queued"
  | "painting"
  | "fetching"
  | "finished" // It waits until it is called for.
  | "placing"
  | "placed"
  | "waiting"
  | "failed"
  | "cancelled";

const ENDED: readonly Phase[] = ["placed", "waiting", "failed", "cancelled"];

/** An edit on its way, or one that ended without its result. */
export type EditView = Pick<Standing, "jobId" | "name" | "phase" | "message" | "fraction" | "position" | "etaS" | "preview" | "cancel" | "place">;

/** An edit that was begun. It changes; `on` tells when. */
export type RunningEdit = Pick<Standing, keyof Standing>;

/** Whether an edit ended without its result: what it says stays until it is closed. */
export function hasFailed({ phase }: Pick<EditView, "phase">): boolean {
  return phase === "failed" || phase === "waiting";
}

/** The changing part of an edit. Subclasses take its steps. */
export abstract class Standing {
  abstract readonly jobId: string;
  abstract name: string;
  /** Empty while its document has no id. */
  documentId = "";
  phase: Phase = "capturing";
  /** For people: what it waits for, or what the server said; empty where the phase says it all. */
  message = "";
  /** 0 .. 1 of the painting, the upload or the fetching. */
  fraction = 0;
  /** Jobs before this one while it is queued. */
  position: number | null = null;
  etaS: number | null = null;
  /** An early look at it, as the source of an `<img>`; empty: none. */
  preview = "";
  /** The result's group once it is placed; null: it has none. */
  group: number | null = null;
  /** Those that the server has finished, in their order. */
  protected variations: readonly Variation[] = [];
  private readonly listeners: (() => void)[] = [];

  /** What its result says of fields of the form, by their paths. */
  get suggested(): Readonly<Record<string, string>> {
    return Object.assign({}, ...this.variations.map(({ report }) => report?.suggested)) as Record<string, string>;
  }

  /** `encode`: makes the source of an `<img>` of 8-bit sRGB samples. */
  constructor(private readonly encode: (rgb: Uint8Array, width: number, height: number) => Promise<string>) {}

  /** Takes it back; where it has ended: shows it no more. */
  abstract cancel(): void;
  /** Places it, where it is finished and waits for that. */
  abstract place(): void;

  get hasEnded(): boolean {
    return ENDED.includes(this.phase);
  }

  on(change: () => void): void {
    this.listeners.push(change);
  }

  protected changed(): void {
    this.listeners.forEach((listener) => listener());
  }

  /** The next step begins, or the last one has ended. */
  protected turn(phase: Phase, message = ""): void {
    Object.assign(this, { phase, message, fraction: 0, position: null, etaS: null });
    this.changed();
  }

  protected tell(message: string): void {
    this.message = message;
    this.changed();
  }

  protected readonly progress = (done: number, total: number): void => {
    Object.assign(this, { fraction: total > 0 ? done / total : 1, message: "" });
    this.changed();
  };

  /** Something happened to the job, other than its end. */
  protected heard({ happening: event }: Event): void {
    if (event.case === "queued") {
      const { position, etaS = null, why } = event.value; // It may have been painted before, until the server was started again.
      Object.assign(this, { phase: "queued", fraction: 0, position, etaS, message: why && say("state.hindered", { why }) });
    } else if (event.case === "loading") {
      Object.assign(this, { phase: "painting", position: null, message: say("state.loading", { what: event.value.what }) });
    } else if (event.case === "step") {
      const { index, total, etaS = null } = event.value;
      Object.assign(this, { phase: "painting", position: null, message: "", fraction: index / Math.max(1, total), etaS });
    } else if (event.case === "preview") {
      const { size, rgb } = event.value;
      void this.encode(rgb, size?.width ?? 0, size?.height ?? 0).then(
        (preview) => {
          this.preview = preview;
          this.changed();
        },
        () => undefined, // It is an early look and no more.
      );
    } else if (event.case === "variation") {
      const { variation } = event.value;
      const others = this.variations.filter(({ index }) => index !== variation?.index);
      this.variations = variation ? [...others, variation].sort((one, other) => one.index - other.index) : others;
    }
    this.changed();
  }
}
