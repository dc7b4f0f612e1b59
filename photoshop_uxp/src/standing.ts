/** Where an edit stands, for whoever watches it: from its own steps, and from the events of its job. */

import type { Event } from "./gen/inlay/v1/job_pb";
import type { Variation } from "./gen/inlay/v1/recipe_pb";
import type { EditView, Phase } from "./ui/model";

const ENDED: readonly Phase[] = ["placed", "waiting", "failed", "cancelled"];

/** An edit that was begun. It changes; `on` tells when. */
export interface RunningEdit extends EditView {
  readonly documentId: string;
  readonly hasEnded: boolean;
  /** The result's group once it is placed. */
  readonly group: number | null;
  on(change: () => void): void;
}

/** The changing part of an edit. Subclasses take its steps. */
export abstract class Standing {
  phase: Phase = "capturing";
  message = "";
  fraction = 0;
  position: number | null = null;
  etaS: number | null = null;
  preview = "";
  /** Those that the server has finished, by number. */
  protected readonly variations: Variation[] = [];
  private readonly listeners: (() => void)[] = [];

  /** `encode`: makes the source of an `<img>` of 8-bit sRGB samples. */
  constructor(private readonly encode: (rgb: Uint8Array, width: number, height: number) => Promise<string>) {}

  get hasEnded(): boolean {
    return ENDED.includes(this.phase);
  }

  on(change: () => void): void {
    this.listeners.push(change);
  }

  protected changed(): void {
    this.listeners.forEach((listener) => listener());
  }

  /** The next step begins. */
  protected turn(phase: Phase): void {
    this.phase = phase;
    this.fraction = 0;
    this.message = "";
    this.position = null;
    this.etaS = null;
    this.changed();
  }

  protected end(phase: Phase, message: string): void {
    this.phase = phase;
    this.message = message;
    this.changed();
  }

  protected say(message: string): void {
    this.message = message;
    this.changed();
  }

  protected readonly progress = (done: number, total: number): void => {
    this.fraction = total > 0 ? done / total : 1;
    this.changed();
  };

  /** Something happened to the job, other than its end. */
  protected heard({ happening: event }: Event): void {
    this.message = "";
    switch (event.case) {
      case "queued":
        this.phase = "queued";
        this.fraction = 0; // It may have been painted already, before the server was started again.
        this.position = event.value.position;
        this.etaS = event.value.etaS ?? null;
        this.message = event.value.why && `waiting: ${event.value.why}`;
        break;
      case "loading":
        this.phase = "painting";
        this.position = null;
        this.message = `Loading ${event.value.what}`;
        break;
      case "step":
        this.phase = "painting";
        this.position = null;
        this.fraction = event.value.index / Math.max(1, event.value.total);
        this.etaS = event.value.etaS ?? null;
        break;
      case "preview": {
        const { size, rgb } = event.value;
        void this.encode(rgb, size?.width ?? 0, size?.height ?? 0).then(
          (preview) => {
            this.preview = preview;
            this.changed();
          },
          () => undefined, // It is an early look and no more.
        );
        break;
      }
      case "variation": {
        const { variation } = event.value;
        if (variation && !this.variations.some(({ index }) => index === variation.index)) {
          this.variations.push(variation);
          this.variations.sort((one, other) => one.index - other.index);
        }
        break;
      }
      default:
    }
    this.changed();
  }
}
