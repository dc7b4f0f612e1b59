/** A Photoshop in memory, strict where the real one is strict: what it forbids throws, and what it does not know is a violation. */

import type { ColorMode, Depth, Rect } from "../../src/host/host";
import type { Photoshop } from "../../src/host/layers";
import { type Command, performAll } from "./commands";
import { appOf, MODES, PLACEMENT } from "./dom";
import { allLayers, copyPicture, type FakeKind, type FakeLayer, type Picture, siblingsOf, take } from "./picture";
import { fakeImaging } from "./imaging";
import { xmpOfNew } from "./xmp";
import { type Fault, LIKELY, type Switches } from "./switches";

/** The menu bar's number of View › Show › Selection Edges (26.6). */
export const SELECTION_EDGES = 3501;

export interface State {
  readonly id: number;
  readonly name: string;
  readonly picture: Picture;
}

export interface FakeDocument {
  readonly id: number;
  title: string;
  path: string;
  /** Another colour mode than Inlay edits, where it has one. */
  otherMode: string;
  quickMask: boolean;
  picture: Picture;
  history: State[];
  current: number;
  /** The selection whose edges are hidden; another one shows its own. */
  edgeless: Picture["selection"];
  suspended: { id: number; name: string; before: Picture; changed: boolean } | null;
}

/** The fake and what a test may look at or do from outside. */
export class FakePhotoshop {
  readonly documents: FakeDocument[] = [];
  active: FakeDocument | null = null;
  /** Things that Photoshop would have refused or that nobody knows; each is a failed test. */
  /** What dialogs said. */
  readonly alerts: string[] = [];
  readonly violations: string[] = [];
  readonly faults = new Set<Fault>();
  /** Images that were not disposed of. */
  images = 0;
  memoryBytes = 0;
  /** How often the DOM was asked or a batch of commands was sent. */
  calls = 0;
  /** Seconds for which something else stays modal. */
  busyS = 0;
  /** The user presses Escape at this call inside a modal scope, counted from 1. */
  cancelAt = 0;
  /** How often a progress dialog was asked for: Photoshop shows it at once, and of its own accord only after some seconds. */
  progressDialogs = 0;
  modalDepth = 0;
  modalScopes = 0;
  private nextId = 1;
  private sinceModal = 0;
  private context: { isCancelled: boolean } | null = null;
  private readonly listeners = new Set<(name: string, descriptor: object) => void>();
  readonly module: Photoshop;

  constructor(readonly switches: Switches = LIKELY) {
    this.module = {
      app: appOf(this),
      core: { executeAsModal: this.executeAsModal, isModal: () => this.modalDepth > 0, performMenuCommand: this.performMenuCommand },
      action: this.action(),
      imaging: fakeImaging(this),
      constants: {
        DocumentMode: {
          RGB: MODES["RGB"], GRAYSCALE: MODES["Gray"], LAB: MODES["Lab"], CMYK: MODES["CMYK"], INDEXEDCOLOR: "indexedColorMode",
          BITMAP: "bitmapMode", DUOTONE: "duotoneMode", MULTICHANNEL: "multichannelMode",
        },
        NewDocumentMode: { RGB: MODES["RGB"], GRAYSCALE: MODES["Gray"], LAB: MODES["Lab"] },
        BitsPerChannelType: { EIGHT: "bitDepth8", SIXTEEN: "bitDepth16", THIRTYTWO: "bitDepth32" },
        DocumentFill: { WHITE: "white", TRANSPARENT: "transparent" },
        SaveOptions: { DONOTSAVECHANGES: "no" },
        BlendMode: { NORMAL: "normal", PASSTHROUGH: "passThrough", MULTIPLY: "multiply", SCREEN: "screen", LINEARDODGE: "linearDodge" },
        AnchorPosition: Object.fromEntries(
          ["top", "middle", "bottom"].flatMap((row) => ["Left", "Center", "Right"].map((column) => [`${row}${column}`.toUpperCase(), `${row}${column}`])),
        ),
        LayerKind: { NORMAL: "pixel", GROUP: "group" },
        ElementPlacement: PLACEMENT,
      },
    } as unknown as Photoshop;
  }

  // --- what Photoshop enforces ------------------------------------------------

  id(): number {
    return this.nextId++;
  }

  /** Every call inside a modal scope passes here. */
  inModal(what: string): void {
    if (this.modalDepth === 0) throw new Error(`${what} is only allowed inside a modal scope.`);
    this.sinceModal++;
    if (this.context !== null && this.sinceModal === this.cancelAt) this.context.isCancelled = true;
    if (this.context?.isCancelled === true) throw new Error("The modal scope was cancelled.");
  }

  violate(what: string): never {
    this.violations.push(what);
    throw new Error(`Nobody knows what Photoshop does: ${what}`);
  }

  open(id: number): FakeDocument {
    const found = this.documents.find((document) => document.id === id);
    if (found === undefined) throw new Error(`The document ${id} does not exist.`);
    return found;
  }

  layer(document: FakeDocument, id: number): FakeLayer {
    const found = allLayers(document.picture.layers).find((layer) => layer.id === id);
    if (found === undefined) throw new Error(`The layer ${id} does not exist.`);
    return found;
  }

  /** Writes a history state, or notes that the suspended one changes. */
  record(document: FakeDocument, name: string): void {
    this.trimActive(document);
    if (document.suspended !== null) {
      document.suspended.changed = true;
      return;
    }
    document.history.splice(document.current + 1);
    document.history.push({ id: this.id(), name, picture: copyPicture(document.picture) });
    document.current = document.history.length - 1;
    if (this.modalDepth === 0) for (const listener of this.listeners) listener("historyStateChanged", {});
  }

  private trimActive(document: FakeDocument): void {
    const ids = new Set(allLayers(document.picture.layers).map(({ id }) => id));
    document.picture.active = document.picture.active.filter((id) => ids.has(id));
  }

  // --- documents --------------------------------------------------------------

  create(options: { width: number; height: number; mode: ColorMode; depth: Depth; profile: string; title?: string }): FakeDocument {
    const { title = "Untitled-1", ...facts } = options;
    const picture: Picture = { ...facts, xmp: xmpOfNew(), layers: [], selection: null, active: [], target: "pixels" };
    const document: FakeDocument = {
      id: this.id(),
      title,
      path: title,
      otherMode: "",
      quickMask: false,
      picture,
      history: [{ id: this.id(), name: "Neu", picture: copyPicture(picture) }],
      current: 0,
      edgeless: null,
      suspended: null,
    };
    this.documents.push(document);
    this.active = document;
    return document;
  }

  /** A new layer above the active one, or on top where none is active. */
  addLayer(document: FakeDocument, kind: FakeKind, name: string, options: { readonly isBackground?: boolean; readonly board?: Rect } = {}): FakeLayer {
    const { isBackground = false, board = null } = options;
    const layer: FakeLayer = {
      id: this.id(), kind, isBackground, name, visible: true, locked: isBackground, clipped: false, board,
      blend: kind === "group" ? this.switches.groupBlend : "normal", pixels: null, mask: null, layers: [], notes: new Map(),
    };
    const { picture } = document;
    const active = allLayers(picture.layers).find(({ id }) => id === picture.active[0]);
    const goesInside = active !== undefined && (active.kind === "artboard" || (active.kind === "group" && this.switches.newInGroup === "inside"));
    const siblings = goesInside ? active.layers : active === undefined ? picture.layers : (siblingsOf(picture.layers, active.id) ?? []);
    const home = allLayers(picture.layers).filter(({ layers }) => allLayers(layers).some(({ id }) => id === active?.id));
    if ([...home, ...(goesInside ? [active] : [])].some((group) => group.locked)) throw new Error("The group is locked.");
    const at = goesInside ? 0 : Math.max(0, siblings.findIndex(({ id }) => id === active?.id));
    layer.clipped = siblings[at - 1]?.clipped === true; // Inside a clipping stack it becomes part of it.
    siblings.splice(at, 0, layer);
    picture.active = [layer.id];
    picture.target = "pixels";
    return layer;
  }

  /** Layers become the content of a new group where the topmost of them was. */
  group(document: FakeDocument, name: string, ids: readonly number[], blend: FakeLayer["blend"]): FakeLayer {
    const { picture } = document;
    const content = allLayers(picture.layers).filter(({ id }) => ids.includes(id));
    const [top] = content;
    if (top === undefined || content.length !== ids.length) throw new Error("The layers to group do not exist.");
    if (content.some(({ locked }) => locked)) throw new Error("The layer is locked.");
    const siblings = siblingsOf(picture.layers, top.id) as FakeLayer[];
    const group: FakeLayer = {
      id: this.id(), kind: "group", isBackground: false, name, visible: true, locked: false, clipped: false, board: null,
      blend, pixels: null, mask: null, layers: [], notes: new Map(),
    };
    siblings.splice(siblings.indexOf(top), 0, group);
    for (const layer of content) {
      take(picture.layers, layer.id);
      group.layers.push(layer);
    }
    picture.active = [group.id];
    picture.target = "pixels";
    return group;
  }

  close(document: FakeDocument): void {
    this.documents.splice(this.documents.indexOf(document), 1);
    if (this.active === document) this.active = this.documents.at(-1) ?? null;
  }

  restore(document: FakeDocument, picture: Picture): void {
    document.picture = copyPicture(picture);
  }

  /** Goes back to a picture of the history, but for what no history has. */
  back(document: FakeDocument, picture: Picture): void {
    const { xmp } = document.picture;
    document.picture = { ...copyPicture(picture), ...(this.switches.xmpHistory === "outside history" && { xmp }) };
  }

  // --- modal scopes and history -----------------------------------------------

  private readonly executeAsModal = async <T>(work: (context: object) => Promise<T>, options: { commandName: string; timeOut?: number }): Promise<T> => {
    if (!options.commandName) this.violate("executeAsModal without commandName");
    if (this.modalDepth === 0 && this.busyS > (options.timeOut ?? 1)) {
      throw Object.assign(new Error("host is in a modal state"), { number: 9 });
    }
    if (this.modalDepth === 0) {
      this.busyS = 0;
      this.sinceModal = 0;
      this.context = { isCancelled: false };
      this.modalScopes++;
    }
    this.modalDepth++;
    const context = this.context as { isCancelled: boolean };
    try {
      return await work(Object.assign(context, { reportProgress: () => this.progressDialogs++, hostControl: this.hostControl() }));
    } finally {
      this.modalDepth--;
      if (this.modalDepth === 0) {
        this.context = null;
        for (const document of this.documents) if (document.suspended !== null) this.rollBack(document);
      }
    }
  };

  /** View › Show › Selection Edges of the document in front. */
  readonly performMenuCommand = async ({ commandID }: { commandID: number }): Promise<{ available: boolean }> => {
    if (commandID !== SELECTION_EDGES) this.violate(`menu command ${commandID}`);
    const isWhere = { "inside modal scopes": this.modalDepth > 0, "outside modal scopes": this.modalDepth === 0, untold: true }[this.switches.selectionEdges];
    const selection = this.active?.picture.selection ?? null;
    if (this.active === null || selection === null || !isWhere) return { available: false };
    this.active.edgeless = this.active.edgeless === selection ? null : selection;
    return { available: true };
  };

  /** Whether the marching ants are seen. */
  showsEdges({ picture, edgeless }: FakeDocument): boolean {
    return picture.selection !== null && picture.selection !== edgeless;
  }

  private hostControl(): object {
    return {
      suspendHistory: async ({ documentID, name }: { documentID: number; name: string }) => {
        this.inModal("suspendHistory");
        const document = this.open(documentID);
        if (document.suspended !== null) this.violate("suspendHistory twice");
        document.suspended = { id: this.id(), name, before: copyPicture(document.picture), changed: false };
        return { documentID, historySuspensionID: document.suspended.id };
      },
      resumeHistory: async (given: { documentID: number; historySuspensionID: number }, commit = true) => {
        this.inModal("resumeHistory");
        const document = this.open(given.documentID);
        const { suspended } = document;
        if (suspended?.id !== given.historySuspensionID) throw new Error("No such history suspension.");
        if (!commit) {
          this.rollBack(document);
          return;
        }
        document.suspended = null;
        if (suspended.changed) this.record(document, suspended.name);
      },
      registerAutoCloseDocument: async () => undefined,
      unregisterAutoCloseDocument: async () => undefined,
    };
  }

  private rollBack(document: FakeDocument): void {
    const { suspended, picture } = document;
    if (suspended === null) return;
    document.suspended = null;
    this.back(document, suspended.before);
    if (this.switches.rollback === "with visibility") return;
    const visible = new Map(allLayers(picture.layers).map((layer) => [layer.id, layer.visible]));
    for (const layer of allLayers(document.picture.layers)) layer.visible = visible.get(layer.id) ?? layer.visible;
  }

  // --- commands ---------------------------------------------------------------

  private action(): object {
    return {
      addNotificationListener: async (_events: string[], listener: (name: string, descriptor: object) => void) => void this.listeners.add(listener),
      removeNotificationListener: async (_events: string[], listener: (name: string, descriptor: object) => void) => void this.listeners.delete(listener),
      batchPlay: async (commands: Command[], options: object) => performAll(this, commands, options),
    };
  }
}

/** A file on the fake's disk. */
export interface FakeFile {
  readonly name: string;
  readonly path: string;
  saved: Picture | null;
}
