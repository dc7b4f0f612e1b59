/** What the plugin needs of the editor, and nothing more: documents, a selection, pixels, and results made of layers. */

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

/** What a result group remembers of how it was made. Survives saving. */
export interface Memory {
  readonly jobId: string;
  /** The document's id (see Host.identify), by which a reopened document is known again. */
  readonly documentId: string;
  /** The contract's Recipe, serialised, as base64. */
  readonly recipe: string;
  /** Where the selection lay. */
  readonly region: Rect;
}

/** One pixel layer of a result: what has a receipt. Other layers in its group are the retoucher's. */
export interface Variation {
  readonly layer: number;
  readonly name: string;
  readonly visible: boolean;
  /** JSON: everything that decided its pixels. */
  readonly receipt: string;
}

/** A result in a document: a group that carries the mask and holds the variations, top to bottom. */
export interface Result {
  readonly document: DocumentHandle;
  readonly group: number;
  readonly name: string;
  readonly visible: boolean;
  readonly memory: Memory;
  readonly variations: readonly Variation[];
}

/** A layer, for choosing one. */
export interface Layer {
  readonly id: number;
  readonly name: string;
}

/** What is to be placed. */
export interface Placement {
  /** Name of the group, and of the history state. */
  readonly name: string;
  readonly mask: Mask;
  /**
   * The first is visible. All have the document's own mode, depth and profile. They are loaded one after the other, so that no more
   * than one is in memory.
   */
  readonly layers: readonly { readonly name: string; readonly load: () => Promise<Pixels>; readonly receipt: string }[];
  readonly memory: Memory;
  readonly replaces: readonly Replaced[];
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

/** What to do in Quick Mask mode. */
export const QUICK_MASK = "The document is in Quick Mask mode. Press Q to leave it, so that there is a selection.";

/** The document was closed. */
export class DocumentGone extends CannotEdit {
  override readonly name: string = "DocumentGone";
  constructor() {
    super("The document was closed meanwhile. The result is offered again when it is opened.");
  }
}

/** A dialog, a transform or another plugin holds the editor; trying again later helps. */
export class HostBusy extends Error {
  override readonly name: string = "HostBusy";
  constructor() {
    super("Photoshop is busy with a dialog, a transform or another plugin. Finish it to go on.");
  }
}

/** The retoucher stopped a step in Photoshop's own progress window. */
export class HostCancelled extends Error {
  override readonly name: string = "HostCancelled";
  constructor() {
    super("Stopped in Photoshop.");
  }
}

/** Settings that outlive the session. */
export interface Settings {
  read(name: string): string;
  write(name: string, value: string): void;
  /** Encrypted for this user of this machine; empty where it was lost. */
  readSecret(name: string): Promise<string>;
  writeSecret(name: string, value: string): Promise<void>;
}

/** Bytes that were put aside. */
export interface Stowed {
  get(): Promise<Uint8Array>;
  drop(): Promise<void>;
}

/** An editor. Methods that throw: CannotEdit, DocumentGone, HostBusy, HostCancelled. */
export interface Host {
  /** Such as "Photoshop 26.5.0". */
  readonly name: string;
  readonly settings: Settings;
  /** The language of its menus as a BCP 47 tag, such as `de-DE`; empty: unknown. */
  readonly locale: string;

  /** The document in front, or null. */
  glance(): Glance | null;
  /** Calls back when the document in front, its selection or its layers may have changed; returns how to stop. */
  onChange(listener: () => void): () => void;
  /** The foreground colour as `lab(L, a, b)`, which names it whatever the colour settings are. */
  foregroundColor(): string;
  /** The document's facts. */
  facts(document: DocumentHandle): Facts;

  /** The document's id for its jobs' labels: kept as long as the file keeps its place, or holds a result. */
  identify(document: DocumentHandle): Promise<string>;
  /** The open document with this id, or null. */
  find(documentId: string): Promise<DocumentHandle | null>;
  /** The open documents that have an id already, with it. */
  known(): Promise<ReadonlyMap<string, DocumentHandle>>;

  /** The selection as Photoshop holds it: trimmed or not, possibly beyond the canvas (see capture.selectionOf). */
  readSelection(document: DocumentHandle): Promise<Mask>;
  /** The composite without `hidden` layers, trimmed to what has pixels, and no trace in the history (see capture.windowOf). */
  readComposite(document: DocumentHandle, rect: Rect, hidden: readonly number[]): Promise<Pixels>;

  /** One pixel layer inside `rect`, trimmed to what has pixels. */
  readLayer(document: DocumentHandle, layer: number, rect: Rect): Promise<Pixels>;

  /** The document's layers, top to bottom, with the names of their groups, but for what belongs to results. */
  layers(document: DocumentHandle): Promise<readonly Layer[]>;
  /** The document's results, top to bottom. */
  results(document: DocumentHandle): Promise<readonly Result[]>;
  /** The result that the active layer is, or is part of; null where it is neither. */
  resultInHand(document: DocumentHandle): Promise<Result | null>;
  /** The mask on a result's group as it is now; null where it was removed. */
  readMask(document: DocumentHandle, group: number): Promise<Mask | null>;
  /** Places a result as exactly one history state, restoring selection, active layers and what a brush paints on. */
  place(document: DocumentHandle, placement: Placement): Promise<Placed>;
  /** Makes one variation visible and hides the others. */
  show(result: Result, index: number): Promise<void>;
  /** Keeps the visible variation and deletes the others, as one history state; one that was painted on stays, hidden. */
  keep(result: Result): Promise<void>;

  /** Shows or hides a whole result, to compare. */
  reveal(result: Result, isVisible: boolean): Promise<void>;
  /** Deletes a result, as one history state; where the retoucher added to it, it is hidden. Returns what there is to know. */
  discard(result: Result): Promise<string>;

  /** How one of a result's layers looks in its region, as the source of an `<img>`, at most `side` px long; empty: like nothing. */
  thumbnail(result: Result, layer: number, side: number): Promise<string>;
  /** 8-bit sRGB samples, three a pixel, as the source of an `<img>`. */
  picture(rgb: Uint8Array, width: number, height: number): Promise<string>;

  /** Puts bytes aside in a temporary file, so that they need no memory; they stay in memory where that fails. */
  stow(bytes: Uint8Array): Promise<Stowed>;

  /** What of pictures may be held in memory at once; variations that are larger together wait in files. */
  readonly heldBytes: number;
  /** Puts text on the clipboard. */
  copy(text: string): Promise<void>;
  /** Tells something in a dialog, which has to be closed. */
  alert(message: string): Promise<void>;
}
