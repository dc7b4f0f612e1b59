/** The Host that is Photoshop. Reference: Adobe's "Photoshop API", sections imaging, executeAsModal and batchPlay. */

import type { ExecutionContext } from "photoshop/dom/CoreModules";
import type { Document } from "photoshop/dom/Document";
import type { Layer } from "photoshop/dom/Layer";

import { intersection } from "./capture";
import {
  CannotEdit,
  DocumentGone,
  HostBusy,
  HostCancelled,
  type ColorMode,
  type Depth,
  type DocumentHandle,
  type Facts,
  type Glance,
  type Host,
  type Mask,
  type Memory,
  type Pixels,
  type Placement,
  type Rect,
  type Result,
  type Variation,
} from "./host";
import { Identity } from "./identity";
import { grown, readLayerMask, readPixels, readSelection, rectOf } from "./images";
import { groupsOf, layerWith, readNote, type Photoshop } from "./layers";
import { build } from "./place";
import { readMemory } from "./memory";
import { settingsOf, type Uxp } from "./uxp";

/** How long to wait for somebody else's modal state before HostBusy, in seconds. */
const WAIT_S = 10;
/** `error.number` of executeAsModal when something else is modal. */
const HOST_IS_MODAL = 9;
const EVENTS = [
  "select", "set", "open", "close", "newDocument", "selectDocument", "make", "delete", "historyStateChanged", "inverse",
  "feather", "expand", "contract", "addTo", "subtractFrom", "deselect", "undoEvent", "show", "hide", "paste", "move",
];
const LINEAR = " (Linear RGB Profile)";
const LINEAR_GRAY = " (Linear Gray Profile)";
/** What a document without colour management is taken for, so that a model sees plausible colours; its numbers stay. */
const ASSUMED: Record<ColorMode, string> = { RGB: "sRGB IEC61966-2.1", Gray: "Gray Gamma 2.2", Lab: "Lab" };

/** Photoshop, as this plugin runs in it. */
export function photoshopHost(ps: Photoshop, uxp: Uxp): Host {
  const settings = settingsOf(uxp);
  const identity = new Identity(settings, () => uxp.newId());
  /** Group ids by document, as of a history state: walking the tree costs a call for every layer. */
  const seen = new Map<DocumentHandle, { state: number; groups: { id: number; memory: Memory }[] }>();

  function documents(): Document[] {
    return Array.from(ps.app.documents);
  }

  function open(handle: DocumentHandle): Document {
    const found = documents().find((document) => document.id === handle);
    if (found === undefined) throw new DocumentGone();
    return found;
  }

  function facts(handle: DocumentHandle): Facts {
    return factsOf(ps, open(handle));
  }

  async function modal<T>(name: string, work: (context: ExecutionContext) => Promise<T>): Promise<T> {
    let context: ExecutionContext | undefined;
    try {
      const options = { commandName: name, timeOut: WAIT_S };
      return await ps.core.executeAsModal((given) => work((context = given)), options);
    } catch (error) {
      if ((error as { number?: unknown }).number === HOST_IS_MODAL) throw new HostBusy();
      if (context?.isCancelled) throw new HostCancelled();
      throw error;
    }
  }

  /** Runs `work` with `document` in front, as one history state: Photoshop's commands go to the document in front. */
  async function asOneStep<T>(document: Document, name: string, work: (context: ExecutionContext) => Promise<T>): Promise<T> {
    return modal(name, async (context) => {
      const before = ps.app.activeDocument;
      if (before.id !== document.id) ps.app.activeDocument = document;
      const suspension = await context.hostControl.suspendHistory({ documentID: document.id, name });
      let done = false;
      try {
        const value = await work(context);
        done = true;
        return value;
      } finally {
        if (!context.isCancelled) {
          await context.hostControl.resumeHistory(suspension, done);
          if (before.id !== document.id) ps.app.activeDocument = before;
        }
      }
    });
  }

  /** The composite; empty where the document is, for which Photoshop may have an error or an image without pixels. */
  async function readPixelsOrNone(document: Document, rect: Rect): Promise<Pixels> {
    try {
      return await readPixels(ps, document.id, rect);
    } catch (error) {
      if (hasPixels(ps, document, rect)) throw error;
      const { mode, depth } = factsOf(ps, document);
      return noPixels(mode, depth);
    }
  }

  async function groups(document: Document): Promise<{ id: number; memory: Memory }[]> {
    const state = document.activeHistoryState.id;
    const known = seen.get(document.id);
    if (known?.state === state) return known.groups;
    const found: { id: number; memory: Memory }[] = [];
    for (const { id } of groupsOf(ps, document)) {
      const memory = readMemory(await readNote(ps, document.id, id));
      if (memory !== null) found.push({ id, memory });
    }
    seen.set(document.id, { state, groups: found });
    return found;
  }

  async function resultOf(document: Document, layer: Layer, memory: Memory): Promise<Result> {
    const variations: Variation[] = [];
    for (const { id, name, visible, kind } of Array.from(layer.layers ?? [])) {
      if (kind !== ps.constants.LayerKind.NORMAL) continue;
      variations.push({ layer: id, name, visible, receipt: await receiptOf(document.id, id) });
    }
    return { document: document.id, group: layer.id, name: layer.name, visible: layer.visible, memory, variations };
  }

  const receipts = new Map<string, string>();

  async function receiptOf(document: number, layer: number): Promise<string> {
    const key = `${document}:${layer}`;
    const known = receipts.get(key) ?? (await readNote(ps, document, layer));
    receipts.set(key, known);
    return known;
  }

  async function results(handle: DocumentHandle): Promise<Result[]> {
    const document = open(handle);
    const found: Result[] = [];
    for (const { id, memory } of await groups(document)) {
      const layer = layerWith(document, id);
      if (layer !== null) found.push(await resultOf(document, layer, memory));
    }
    return found;
  }

  return {
    name: uxp.host.version ? `Photoshop ${uxp.host.version}` : "Photoshop",
    settings,

    glance(): Glance | null {
      if (ps.app.documents.length === 0) return null;
      const document = ps.app.activeDocument;
      const bounds = document.selection.bounds;
      const region = bounds === null ? null : intersection(rectOf(bounds), canvasOf(document));
      return { document: document.id, title: document.title, region };
    },

    onChange(listener) {
      const heard = (): void => listener();
      void ps.action.addNotificationListener(EVENTS, heard);
      return () => void ps.action.removeNotificationListener(EVENTS, heard);
    },

    foregroundColor: () => `#${ps.app.foregroundColor.rgb.hexValue.toUpperCase()}`,

    facts,

    identify: async (handle) => {
      const document = open(handle);
      return identity.of(document, documents(), (await groups(document)).at(0)?.memory.documentId ?? "");
    },

    async find(documentId) {
      return (await this.known()).get(documentId) ?? null;
    },

    async known() {
      const found = new Map<string, DocumentHandle>();
      for (const document of documents()) {
        const id = identity.known(document) || ((await groups(document)).at(0)?.memory.documentId ?? "");
        if (id !== "" && (!found.has(id) || identity.isSure(document))) found.set(id, document.id);
      }
      return found;
    },

    async readSelection(handle): Promise<Mask> {
      const document = open(handle);
      if (document.quickMaskMode) {
        throw new CannotEdit("The document is in Quick Mask mode. Press Q to leave it, so that there is a selection.");
      }
      const bounds = document.selection.bounds;
      return modal("Inlay: read selection", () =>
        readSelection(ps, handle, canvasOf(document), bounds === null ? null : rectOf(bounds)),
      );
    },

    async readComposite(handle, rect, hidden): Promise<Pixels> {
      const document = open(handle);
      return modal("Inlay: read picture", async ({ hostControl }) => {
        const layers = hidden.map((id) => layerWith(document, id)).filter((layer) => layer?.visible === true) as Layer[];
        if (layers.length === 0) return readPixelsOrNone(document, rect);
        const suspension = await hostControl.suspendHistory({ documentID: handle, name: "Inlay: read picture" });
        try {
          for (const layer of layers) layer.visible = false;
          return await readPixelsOrNone(document, rect);
        } finally {
          // Photoshop may or may not count visibility as history, so rolling back alone might leave them hidden.
          for (const layer of layers) layer.visible = true;
          await hostControl.resumeHistory(suspension, false);
        }
      });
    },

    async readLayer(handle, layer, rect) {
      open(handle);
      return modal("Inlay: read variation", () => readPixels(ps, handle, rect, layer));
    },

    results,

    async resultInHand(handle) {
      const document = open(handle);
      const known = await groups(document);
      for (let layer: Layer | null = document.activeLayers[0] ?? null; layer !== null; layer = layer.parent) {
        const found = known.find(({ id }) => id === layer?.id);
        if (found !== undefined) return resultOf(document, layer, found.memory);
      }
      return null;
    },

    async readMask(handle, group) {
      const document = open(handle);
      const memory = (await groups(document)).find(({ id }) => id === group)?.memory;
      const all = canvasOf(document);
      const around = memory === undefined ? all : (intersection(grown(memory.region, 1024), all) ?? all);
      return modal("Inlay: read mask", () => readLayerMask(ps, handle, group, around));
    },

    async place(handle, placement: Placement) {
      const document = open(handle);
      const { mode } = facts(handle);
      return asOneStep(document, `Inlay: ${placement.name}`, () => build(ps, document, mode, placement));
    },

    async show(result, index) {
      const document = open(result.document);
      await modal("Inlay: show variation", async () => {
        for (const [number, { layer }] of result.variations.entries()) {
          const node = layerWith(document, layer);
          if (node !== null && node.visible !== (number === index)) node.visible = number === index;
        }
      });
    },

    async keep(result) {
      const document = open(result.document);
      const others = result.variations
        .map(({ layer }) => layerWith(document, layer))
        .filter((layer) => layer !== null && !layer.visible) as Layer[];
      if (others.length === 0 || others.length === result.variations.length) return;
      await asOneStep(document, "Inlay: keep variation", async () => {
        for (const layer of others) layer.delete();
      });
    },

    copy: (text) => uxp.copy(text),
    save: (suggestedName, text) => uxp.save(suggestedName, text),
  };
}

function canvasOf(document: Document): Rect {
  return { x: 0, y: 0, width: document.width, height: document.height };
}

/** Whether a visible layer reaches into `rect`. */
function hasPixels(ps: Photoshop, document: Document, rect: Rect): boolean {
  const reaches = (layer: Layer): boolean => {
    if (!layer.visible) return false;
    if (layer.kind === ps.constants.LayerKind.GROUP) return Array.from(layer.layers ?? []).some(reaches);
    return intersection(rectOf(layer.bounds), rect) !== null;
  };
  return Array.from(document.layers).some(reaches);
}

function noPixels(mode: ColorMode, depth: Depth): Pixels {
  const samples = depth === 8 ? new Uint8Array(0) : depth === 16 ? new Uint16Array(0) : new Float32Array(0);
  return { rect: { x: 0, y: 0, width: 0, height: 0 }, channels: mode === "Gray" ? 2 : 4, samples };
}

/** The document's facts. Throws CannotEdit for what Inlay cannot edit without converting the user's document. */
export function factsOf(ps: Photoshop, document: Document): Facts {
  const { DocumentMode, BitsPerChannelType } = ps.constants;
  const modes = new Map<string, ColorMode>([
    [DocumentMode.RGB, "RGB"],
    [DocumentMode.GRAYSCALE, "Gray"],
    [DocumentMode.LAB, "Lab"],
  ]);
  const depths = new Map<string, Depth>([
    [BitsPerChannelType.EIGHT, 8],
    [BitsPerChannelType.SIXTEEN, 16],
    [BitsPerChannelType.THIRTYTWO, 32],
  ]);
  const mode = modes.get(document.mode);
  const depth = depths.get(document.bitsPerChannel);
  if (mode === undefined || depth === undefined) {
    throw new CannotEdit(
      "Inlay edits RGB, Grayscale and Lab documents with 8, 16 or 32 bits. The colours of this one would have to be" +
        " separated anew. Convert a copy with Image › Mode › RGB Color, edit it there, and convert the finished picture.",
    );
  }
  const profile = profileOf(document.colorProfileName, mode, depth);
  return { width: document.width, height: document.height, mode, depth, profile };
}

function profileOf(named: string, mode: ColorMode, depth: Depth): string {
  if (mode === "Lab") return ASSUMED.Lab;
  const name = named === "" || named === "None" ? ASSUMED[mode] : named;
  if (depth !== 32 || name.includes("(Linear ")) return name;
  return name + (mode === "RGB" ? LINEAR : LINEAR_GRAY);
}

