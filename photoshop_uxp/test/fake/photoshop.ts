/** A Photoshop in memory, strict where the real one is strict: what it forbids throws, and what it does not know is a violation. */

import type { ColorMode, Depth } from "../../src/host/host";
import type { Photoshop } from "../../src/host/layers";
import { type Command, performAll } from "./commands";
import { allLayers, boundsAbove, copyPicture, type FakeLayer, type Picture, siblingsOf, take, whitePixels } from "./picture";
import { fakeImaging } from "./imaging";
import { LIKELY, type Switches } from "./switches";

const MODES: Record<string, string> = { RGB: "RGBColorMode", Gray: "grayscaleMode", Lab: "labColorMode", CMYK: "CMYKColorMode" };
const KIND = { NORMAL: "pixel", GROUP: "group" } as const;
const PLACEMENT = { PLACEBEFORE: "placeBefore", PLACEAFTER: "placeAfter", PLACEINSIDE: "placeInside" } as const;

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
  picture: Picture;
  history: State[];
  current: number;
  suspended: { id: number; name: string; before: Picture; changed: boolean } | null;
}

/** The fake and what a test may look at or do from outside. */
export class FakePhotoshop {
  readonly documents: FakeDocument[] = [];
  active: FakeDocument | null = null;
  /** Things that Photoshop would have refused or that nobody knows; each is a failed test. */
  readonly violations: string[] = [];
  /** Images that were not disposed of. */
  images = 0;
  memoryBytes = 0;
  /** How often the DOM was asked. */
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
      app: this.app(),
      core: { executeAsModal: this.executeAsModal, isModal: () => this.modalDepth > 0 },
      action: this.action(),
      imaging: fakeImaging(this),
      constants: {
        DocumentMode: { RGB: MODES["RGB"], GRAYSCALE: MODES["Gray"], LAB: MODES["Lab"] },
        NewDocumentMode: { RGB: MODES["RGB"], GRAYSCALE: MODES["Gray"], LAB: MODES["Lab"] },
        BitsPerChannelType: { EIGHT: "bitDepth8", SIXTEEN: "bitDepth16", THIRTYTWO: "bitDepth32" },
        DocumentFill: { WHITE: "white", TRANSPARENT: "transparent" },
        SaveOptions: { DONOTSAVECHANGES: "no" },
        BlendMode: { NORMAL: "normal", PASSTHROUGH: "passThrough" },
        LayerKind: KIND,
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
    const picture: Picture = { ...facts, layers: [], selection: null, active: [] };
    const document: FakeDocument = {
      id: this.id(),
      title,
      path: title,
      otherMode: "",
      picture,
      history: [{ id: this.id(), name: "Neu", picture: copyPicture(picture) }],
      current: 0,
      suspended: null,
    };
    this.documents.push(document);
    this.active = document;
    return document;
  }

  addLayer(document: FakeDocument, kind: "pixel" | "group", name: string, isBackground = false): FakeLayer {
    const layer: FakeLayer = {
      id: this.id(), kind, isBackground, name, visible: true, locked: isBackground, pixels: null, mask: null, layers: [], notes: new Map(),
    };
    const activeId = document.picture.active[0];
    const home = activeId === undefined ? undefined : siblingsOf(document.picture.layers, activeId);
    const siblings = home ?? document.picture.layers;
    const at = siblings.findIndex(({ id }) => id === activeId);
    siblings.splice(Math.max(0, at), 0, layer);
    document.picture.active = [layer.id];
    return layer;
  }

  close(document: FakeDocument): void {
    this.documents.splice(this.documents.indexOf(document), 1);
    if (this.active === document) this.active = this.documents.at(-1) ?? null;
  }

  restore(document: FakeDocument, picture: Picture): void {
    document.picture = copyPicture(picture);
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
    document.picture = copyPicture(suspended.before);
    if (this.switches.rollback === "with visibility") return;
    const visible = new Map(allLayers(picture.layers).map((layer) => [layer.id, layer.visible]));
    for (const layer of allLayers(document.picture.layers)) layer.visible = visible.get(layer.id) ?? layer.visible;
  }

  // --- the DOM ----------------------------------------------------------------

  private app(): object {
    const fake = this;
    return {
      get documents() {
        return fake.documents.map((document) => fake.documentNode(document));
      },
      get activeDocument() {
        if (fake.active === null) throw new Error("There is no document.");
        return fake.documentNode(fake.active);
      },
      set activeDocument(node: { id: number }) {
        fake.inModal("activeDocument");
        fake.active = fake.open(node.id);
      },
      foregroundColor: { rgb: { hexValue: "c08040" } },
      createDocument: async (options: { width: number; height: number; mode: string; depth: number; profile?: string; fill: string; name?: string }) => {
        fake.inModal("createDocument");
        const mode = (["RGB", "Gray", "Lab"] as const).find((name) => MODES[name] === options.mode) ?? "RGB";
        const document = fake.create({
          width: options.width, height: options.height, mode, depth: options.depth as Depth,
          profile: options.profile ?? "None", title: options.name ?? "Untitled",
        });
        const layer = fake.addLayer(document, "pixel", "Hintergrund", options.fill === "white");
        if (layer.isBackground) layer.pixels = whitePixels(document.picture);
        document.history = [{ id: fake.id(), name: "Neu", picture: copyPicture(document.picture) }];
        return fake.documentNode(document);
      },
      open: async (file: FakeFile) => {
        fake.inModal("open");
        if (file.saved === null) throw new Error("The file is empty.");
        const document = fake.create({ ...file.saved, title: file.name });
        document.path = file.path;
        fake.restore(document, file.saved);
        document.history = [{ id: fake.id(), name: "Öffnen", picture: copyPicture(file.saved) }];
        return fake.documentNode(document);
      },
    };
  }

  private documentNode(document: FakeDocument): { readonly id: number } & Record<string, unknown> {
    const fake = this;
    const { id } = document;
    const picture = (): Picture => fake.open(id).picture;
    return {
      id,
      get title() { return document.title; },
      get name() { return document.title; },
      get path() { return document.path; },
      get width() { return picture().width; },
      get height() { return picture().height; },
      get mode() { return document.otherMode || MODES[picture().mode]; },
      get bitsPerChannel() { return `bitDepth${picture().depth}`; },
      get colorProfileName() { return picture().profile; },
      quickMaskMode: false,
      artboards: [],
      get layers() { return picture().layers.map((layer) => fake.layerNode(document, layer.id)); },
      get activeLayers() { return picture().active.map((layer) => fake.layerNode(document, layer)); },
      get historyStates() { return document.history.map((state) => ({ id: state.id, name: state.name })); },
      get activeHistoryState() {
        fake.open(id);
        const state = document.history[document.current];
        return { id: state?.id, name: state?.name };
      },
      set activeHistoryState(state: { id: number | undefined; name: string | undefined }) {
        fake.inModal("activeHistoryState");
        document.current = document.history.findIndex((known) => known.id === state.id);
        fake.restore(document, (document.history[document.current] as State).picture);
      },
      selection: {
        get bounds() { return fake.selectionBounds(picture()); },
        deselect: async () => {
          fake.inModal("deselect");
          picture().selection = null;
          fake.record(document, "Auswahl aufheben");
        },
      },
      createLayerGroup: async (options: { name: string }) => fake.make(document, "group", options.name),
      createPixelLayer: async (options: { name: string }) => fake.make(document, "pixel", options.name),
      saveAs: {
        psd: async (file: FakeFile) => {
          fake.inModal("saveAs");
          file.saved = withNewIds(fake, copyPicture({ ...picture(), selection: null }));
          document.path = file.path;
          document.title = file.name;
        },
      },
      closeWithoutSaving: () => {
        fake.inModal("close");
        fake.close(document);
      },
      duplicate: async () => {
        fake.inModal("duplicate");
        const copy = fake.create({ ...picture(), title: `${document.title} Kopie` });
        fake.restore(copy, picture());
        copy.history = [{ id: fake.id(), name: "Duplizieren", picture: copyPicture(copy.picture) }];
        return fake.documentNode(copy);
      },
    };
  }

  /** Photoshop's commands go to the document in front, whatever document they were called on. */
  private make(asked: FakeDocument, kind: "pixel" | "group", name: string): object {
    this.inModal("make layer");
    const document = this.active ?? asked;
    const layer = this.addLayer(document, kind, name);
    this.record(document, kind === "group" ? "Neue Gruppe" : "Neue Ebene");
    return this.layerNode(document, layer.id);
  }

  private selectionBounds({ selection }: Picture): object | null {
    if (selection === null) return null;
    const least = this.switches.selectionBounds === "half" ? 0.5 : Number.MIN_VALUE;
    return boundsAbove(selection, least);
  }

  layerNode(document: FakeDocument, id: number): object {
    const fake = this;
    const layer = (): FakeLayer => {
      fake.calls++;
      return fake.layer(fake.open(document.id), id);
    };
    return {
      id,
      get name() { return layer().name; },
      get kind() { return layer().kind; },
      get locked() { return layer().locked; },
      get isBackgroundLayer() { return layer().isBackground; },
      get bounds() {
        const { x, y, width, height } = layer().pixels?.rect ?? { x: 0, y: 0, width: 0, height: 0 };
        return { left: x, top: y, right: x + width, bottom: y + height, width, height };
      },
      get visible() { return layer().visible; },
      set visible(visible: boolean) {
        fake.inModal("visible");
        layer().visible = visible;
        if (document.suspended !== null) document.suspended.changed = true;
      },
      get layers() {
        const { kind, layers } = layer();
        return kind === "group" ? layers.map((inner) => fake.layerNode(document, inner.id)) : null;
      },
      get parent() {
        const parent = allLayers(document.picture.layers).find(({ layers }) => layers.some((inner) => inner.id === id));
        return parent === undefined ? null : fake.layerNode(document, parent.id);
      },
      delete: () => {
        fake.inModal("delete");
        if (layer().locked) throw new Error("The layer is locked.");
        take(document.picture.layers, id);
        fake.record(document, "Ebene löschen");
      },
      move: (relative: { id: number }, where: string) => fake.move(document, id, relative.id, where),
    };
  }

  private move(document: FakeDocument, id: number, relative: number, where: string): void {
    this.inModal("move");
    const layer = this.layer(document, id);
    const target = this.layer(document, relative);
    if (layer.isBackground || layer.locked) throw new Error("The layer is locked.");
    if (allLayers([layer]).some((inner) => inner.id === relative)) throw new Error("A layer cannot move into itself.");
    if (where === PLACEMENT.PLACEAFTER && target.isBackground) throw new Error("Nothing goes below the Background.");
    take(document.picture.layers, id);
    if (where === PLACEMENT.PLACEINSIDE) {
      if (target.kind !== "group") throw new Error("Only a group has an inside.");
      if (this.switches.placeInside === "top") target.layers.unshift(layer);
      else target.layers.push(layer);
    } else {
      const siblings = siblingsOf(document.picture.layers, relative) as FakeLayer[];
      const at = siblings.indexOf(target);
      siblings.splice(where === PLACEMENT.PLACEBEFORE ? at : at + 1, 0, layer);
    }
    this.record(document, "Ebene verschieben");
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

/** Layer ids are kept in a file, but nobody may rely on that. */
function withNewIds(fake: FakePhotoshop, picture: Picture): Picture {
  const renew = (layer: FakeLayer): FakeLayer => ({ ...layer, id: fake.id(), layers: layer.layers.map(renew) });
  const layers = picture.layers.map(renew);
  return { ...picture, layers, active: layers.slice(0, 1).map(({ id }) => id) };
}
