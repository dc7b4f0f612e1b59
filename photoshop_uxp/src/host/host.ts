/** What the plugin says of the editor: documents, a selection, pixels, results made of layers, and what can go wrong there. */

import type { LiveType, Point } from "../gen/inlay/v1/recipe_pb";
import { say } from "../words";

/** A half-open rectangle in document pixels. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Raw samples; the array's type is the depth: 8 bit (white 255), 16 bit (white 32768), 32 bit float (white 1.0). */
export type Samples = Uint8Array | Uint16Array | Float32Array;

/** Interleaved samples of `rect`, row by row; the last channel is alpha where `channels` is 2 or 4. */
export interface Pixels {
  readonly rect: Rect;
  readonly channels: number;
  readonly samples: Samples;
}

/** A selection or a layer mask, soft as it is: one sample a pixel of `region`. 0 outside of it. */
export interface Mask {
  readonly region: Rect;
  readonly samples: Samples;
  /** The grey profile that Photoshop named for its values; written with another, they might be converted. */
  readonly profile?: string;
}

export type ColorMode = "RGB" | "Gray" | "Lab";
export type Depth = 8 | 16 | 32;

/** A document's canvas and samples. Two documents with equal facts take the same patch. */
export interface Facts {
  readonly width: number;
  readonly height: number;
  readonly mode: ColorMode;
  readonly depth: Depth;
  /** The profile's name as Photoshop spells it; 32-bit samples are linear, and the name says so. */
  readonly profile: string;
}

/** A document's number while it is open; never used again for another. */
export type DocumentHandle = number;

/** The document in front, as cheaply as it can be read: fit for looking several times a second. */
export interface Glance {
  readonly document: DocumentHandle;
  readonly title: string;
  /** The selection's bounds inside the canvas; null where nothing inside it is selected. */
  readonly region: Rect | null;
  /** Whether the document is in Quick Mask mode, where what is selected is being painted. */
  readonly isQuickMask?: boolean;
}

/** What of a picture an edit reads: all that is visible, or the active layer and what lies below it. */
export type Reads = "picture" | "below";

/** Where a result's group goes: on top of everything, above the active layer, or into the active group. */
export type Lands = "top" | "above" | "group";

/** What a result group remembers of where it comes from. Survives saving. */
export interface Origin {
  readonly jobId: string;
  /** The document's id (see Host.identify), by which a reopened document is known again. */
  readonly documentId: string;
  /** Where the selection lay. */
  readonly region: Rect;
  readonly reads: Reads;
}

/** One pixel layer of a result: what remembers being painted. Other layers in its group are the retoucher's. */
export interface Variation {
  readonly layer: number;
  readonly name: string;
  readonly visible: boolean;
  /** The contract's ResultMemory, as text. */
  readonly memory: string;
}

/** A result in a document: a group that carries the mask and holds the variations, top to bottom. */
export interface Result {
  readonly document: DocumentHandle;
  readonly group: number;
  readonly name: string;
  readonly visible: boolean;
  readonly origin: Origin;
  readonly variations: readonly Variation[];
}

/** A layer, for choosing one. */
export interface Layer {
  readonly id: number;
  readonly name: string;
}

/** A layer of what is to be placed, in the document's own mode, depth and profile. */
export interface PlacedLayer {
  readonly name: string;
  /** Layers are loaded one after the other, so that no more than one is in memory. */
  readonly load: () => Promise<Pixels>;
  /** What it remembers as a variation; empty: it is none. */
  readonly memory: string;
  /** As the contract spells it; empty: normal. */
  readonly blend: string;
  readonly visible: boolean;
  /** Where it is a line of type: it is set so that its words stay editable. */
  readonly type?: LineOfType;
  /** What it shows through; without one it shows wholly. */
  readonly mask?: Mask;
}

/** The contract's line of type, with its baseline's beginning. */
export type LineOfType = Pick<LiveType, "words" | "font" | "bold" | "slant" | "stretch" | "sizePx" | "angle" | "color"> & { readonly origin: Pick<Point, "x" | "y"> };

/** The active layer: what of it can be seen lies inside `rect`. */
export interface InHand {
  readonly id: number;
  readonly rect: Rect;
}

/** A document's XMP packet, and the one that takes its place; that one is empty where it stays. */
export interface Restated {
  readonly was: string;
  readonly becomes: string;
}

/** What is to be placed: a group. */
export interface Placement {
  /** Name of the group, and of the history state. */
  readonly name: string;
  /** What it shows through; null: everything. */
  readonly mask: Mask | null;
  /** Top to bottom. */
  readonly layers: readonly PlacedLayer[];
  /** Null: it is no result that could be flipped, kept or finished. */
  readonly origin: Origin | null;
  readonly replaces: readonly Replaced[];
  /** A group's or a layer's number: right above that one, where it still is. */
  readonly lands: Lands | number;
  /** The layer that it stands for, and that is hidden from then on; null: none. */
  readonly standsFor?: number | null;
  /** What the group of a result that is no patch remembers, as JSON. */
  readonly note?: string;
  /** What the document's metadata say from then on; null: nobody could tell. Without it nothing of them is looked at. */
  readonly xmp?: Restated | null;
}

/**
 * An earlier result that another takes the place of. Where it holds nothing but variations as they were placed, it is deleted; what the
 * retoucher added or painted stays: such a group is hidden.
 */
export interface Replaced {
  readonly group: number;
  /** Whether it shows through the same mask: its variations go on, hidden, below those of the new one. */
  readonly isAlike: boolean;
}

/** A result that was placed. */
export interface Placed {
  readonly group: number;
  /** What there is to know of it; empty: nothing. */
  readonly note: string;
}

/** This document, as it is now, cannot be edited; the message says what to do. */
export class CannotEdit extends Error {
  override readonly name: string = "CannotEdit";
}

/** The document was closed. */
export class DocumentGone extends CannotEdit {
  override readonly name: string = "DocumentGone";
  constructor() {
    super(say("state.closed"));
  }
}

/** A dialog, a transform or another plugin holds the editor; trying again later helps. */
export class HostBusy extends Error {
  override readonly name: string = "HostBusy";
  constructor() {
    super(say("state.host_busy"));
  }
}

/** The retoucher stopped a step in Photoshop's own progress window. */
export class HostCancelled extends Error {
  override readonly name: string = "HostCancelled";
  constructor() {
    super(say("state.stopped"));
  }
}

/** What went wrong, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Bytes that were put aside. */
export interface Stowed {
  get(): Promise<Uint8Array>;
  drop(): Promise<void>;
}
