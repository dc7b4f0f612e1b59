/** A Photoshop in memory, strict where the real one is strict: what it forbids throws, and what it does not know is a violation. */

import type { ColorMode, Depth, Rect } from "../../src/host/host";
import type { Photoshop } from "../../src/host/layers";
import { allLayers, canvasOf, copyPicture, type FakeLayer, type Picture } from "./picture";
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
      return await work(Object.assign(context, { reportProgress: () => undefined, hostControl: this.hostControl() }));
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
      batchPlay: async (commands: Command[]) => commands.map((command) => this.command(command)),
    };
  }

  /** Errors of known commands come back as an answer; unknown commands are violations. */
  private command(command: Command): object {
    const targets = command._target ?? [];
    const idOf = (ref: string): number | undefined => targets.find((target) => target._ref === ref)?._id;
    const isNote = targets[0]?._property === "generatorSettings";
    const document = this.documents.find(({ id }) => id === (idOf("document") ?? this.active?.id));
    if (document === undefined) return failure("The document does not exist.");
    const layer = allLayers(document.picture.layers).find(({ id }) => id === idOf("layer"));
    if (command._obj === "get" && isNote) {
      const json = layer?.notes.get(String(command.property));
      if (json !== undefined) return { generatorSettings: { _obj: "null", json } };
      return this.switches.missingNote === "error" ? failure("The property is missing.") : {};
    }
    this.inModal(command._obj);
    if (command._obj === "set" && isNote) {
      if (layer === undefined) return failure("The layer does not exist.");
      layer.notes = new Map([...layer.notes, [String(command.property), String(command.to?.json)]]);
      this.record(document, "Generator");
      return {};
    }
    if (command._obj === "select" && targets[0]?._ref === "layer") {
      if (layer === undefined) return failure("The layer does not exist.");
      if (document !== this.active) return failure("The document is not in front.");
      document.picture.active = command.selectionModifier === undefined ? [layer.id] : [...document.picture.active, layer.id];
      return {};
    }
    if (command._obj === "make" && command.at?._value === "mask") return this.makeMask(document, command.using?._value);
    if (command._obj === "delete" && targets[0]?._value === "mask") return this.dropMask(document);
    return this.violate(`command ${JSON.stringify(command)}`);
  }

  private dropMask(document: FakeDocument): object {
    const layer = allLayers(document.picture.layers).find(({ id }) => id === document.picture.active[0]);
    if (layer?.mask == null) return failure("The command Delete is not available.");
    layer.mask = null;
    this.record(document, "Ebenenmaske löschen");
    return {};
  }

  private makeMask(document: FakeDocument, using: string | undefined): object {
    const layer = allLayers(document.picture.layers).find(({ id }) => id === document.picture.active[0]);
    if (layer === undefined || layer.mask !== null || layer.isBackground) return failure("The command Make is not available.");
    const { selection, depth } = document.picture;
    const empty = { region: { x: 0, y: 0, width: 0, height: 0 }, samples: new Uint8Array(0) };
    if (using === "hideAll") {
      if (this.switches.hideAll === "fails") return failure("The command Make is not available.");
      layer.mask = { ...empty, outside: 0 };
    } else if (using === "revealSelection" && selection !== null) {
      layer.mask = { ...selection, outside: 0 };
      document.picture.selection = null;
    } else {
      return failure(`The command Make is not available (${String(using)}, ${depth}).`);
    }
    this.record(document, "Ebenenmaske");
    return {};
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

interface Command {
  readonly _obj: string;
  readonly _target?: readonly { readonly _ref?: string; readonly _id?: number; readonly _property?: string; readonly _value?: string }[];
  readonly property?: string;
  readonly to?: { readonly json?: string };
  readonly at?: { readonly _value?: string };
  readonly using?: { readonly _value?: string };
  readonly selectionModifier?: object;
}

function failure(message: string): object {
  return { _obj: "error", result: -25920, message };
}

function siblingsOf(layers: FakeLayer[], id: number): FakeLayer[] | undefined {
  if (layers.some((layer) => layer.id === id)) return layers;
  for (const layer of layers) {
    const found = siblingsOf(layer.layers, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function take(layers: FakeLayer[], id: number): void {
  const siblings = siblingsOf(layers, id) ?? [];
  siblings.splice(siblings.findIndex((layer) => layer.id === id), 1);
}

function whitePixels(picture: Picture) {
  const rect = canvasOf(picture);
  const channels = picture.mode === "Gray" ? 2 : 4;
  const length = rect.width * rect.height * channels;
  const { depth, mode } = picture;
  const samples = depth === 8 ? new Uint8Array(length).fill(255) : depth === 16 ? new Uint16Array(length).fill(32768) : new Float32Array(length).fill(1);
  if (mode === "Lab") {
    const middle = depth === 8 ? 128 : 16384;
    samples.forEach((_, at) => { if (at % 4 === 1 || at % 4 === 2) samples[at] = middle; });
  }
  return { rect, channels, samples };
}

function boundsAbove({ region, samples }: { region: Rect; samples: ArrayLike<number> & { BYTES_PER_ELEMENT: number } }, least: number): object | null {
  const white = samples.BYTES_PER_ELEMENT === 1 ? 255 : samples.BYTES_PER_ELEMENT === 2 ? 32768 : 1;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < samples.length; at++) {
    if ((samples[at] ?? 0) / white < least) continue;
    const [x, y] = [region.x + (at % region.width), region.y + Math.floor(at / region.width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  return right < left ? null : { left, top, right, bottom, width: right - left, height: bottom - top };
}

