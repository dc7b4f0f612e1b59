/** The Host that is Photoshop. Reference: Adobe's "Photoshop API", sections imaging, executeAsModal and batchPlay. */

import type { ExecutionContext } from "photoshop/dom/CoreModules";
import type { Document } from "photoshop/dom/Document";
import type { Layer as DomLayer } from "photoshop/dom/Layer";

import { intersection } from "./capture";
import { CannotEdit, DocumentGone, HostBusy, HostCancelled, QUICK_MASK } from "./host";
import type { ColorMode, Depth, DocumentHandle, Facts, Glance, Host, Layer, Mask, Origin, Pixels, Placement, Rect, Result } from "./host";
import { factsOf } from "./facts";
import { Identity } from "./identity";
import { grown, pictureUrl, readLayerMask, readPixels, readSelection, rectOf, thumbnailOf } from "./images";
import { readNotes, type Photoshop } from "./layers";
import { build, remove } from "./place";
import { readOrigin } from "./notes";
import { areUntouched, contentOf } from "./touched";
import { groupsOf, layerAt, type Node, nodeWith, pathTo, treeOf } from "./tree";
import { openPicture, select } from "./results";
import { settingsOf, type Uxp } from "./uxp";

/** How long to wait for somebody else's modal state before HostBusy, in seconds. */
const WAIT_S = 10;
/** `error.number` of executeAsModal when something else is modal. */
const HOST_IS_MODAL = 9;
/** Photoshop warns at 600 MB of a plugin's memory. */
const HELD_BYTES = 64 * 1024 * 1024;
const EVENTS = [
  "select", "set", "open", "close", "newDocument", "selectDocument", "make", "delete", "historyStateChanged", "inverse",
  "feather", "expand", "contract", "addTo", "subtractFrom", "deselect", "undoEvent", "show", "hide", "paste", "move",
];

/** Photoshop, as this plugin runs in it. */
export function photoshopHost(ps: Photoshop, uxp: Uxp): Host {
  const settings = settingsOf(uxp);
  const identity = new Identity(settings, () => uxp.newId());
  /** What the notes of groups say, by document and group: a group's note is written once, when it is made. */
  const remembered = new Map<DocumentHandle, Map<number, Origin | null>>();
  const inside = new Map<DocumentHandle, { state: number; id: string }>();

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

  /** Runs `work` with layers hidden, and leaves no trace of that in the history. */
  async function without<T>(document: Document, hidden: readonly number[], work: () => Promise<T>): Promise<T> {
    return modal("Inlay: read picture", async ({ hostControl }) => {
      const tree = hidden.length === 0 ? [] : await treeOf(ps, document);
      const layers = hidden.map((id) => layerAt(document, tree, id)).filter((layer) => layer?.visible === true) as DomLayer[];
      if (layers.length === 0) return work();
      const suspension = await hostControl.suspendHistory({ documentID: document.id, name: "Inlay: read picture" });
      try {
        for (const layer of layers) layer.visible = false;
        return await work();
      } finally {
        // Photoshop may or may not count visibility as history, so rolling back alone might leave them hidden.
        for (const layer of layers) layer.visible = true;
        await hostControl.resumeHistory(suspension, false);
      }
    });
  }

  /** The composite; empty where the document is, for which Photoshop may have an error or an image without pixels. */
  async function readPixelsOrNone(document: Document, rect: Rect): Promise<Pixels> {
    try {
      return await readPixels(ps, document.id, rect);
    } catch (error) {
      if (hasPixels(document, rect)) throw error;
      const { mode, depth } = factsOf(ps, document);
      return noPixels(mode, depth);
    }
  }

  /** The document's groups that are results. Only groups that were not there before are asked for their notes. */
  async function groups(document: Document, tree: readonly Node[]): Promise<{ node: Node; origin: Origin }[]> {
    const known = remembered.get(document.id) ?? new Map<number, Origin | null>();
    remembered.set(document.id, known);
    const fresh = groupsOf(tree).filter(({ id }) => !known.has(id));
    const notes = await readNotes(ps, document.id, fresh.map(({ id }) => id));
    for (const [at, { id }] of fresh.entries()) known.set(id, readOrigin(notes[at] ?? ""));
    return groupsOf(tree).flatMap((node) => {
      const origin = known.get(node.id) ?? null;
      return origin === null ? [] : [{ node, origin }];
    });
  }

  async function resultOf(document: Document, { node, origin }: { node: Node; origin: Origin }): Promise<Result> {
    const { variations } = await contentOf(ps, document, node);
    const shown = variations.map(({ id, node: { name, visible }, memory }) => ({ layer: id, name, visible, memory }));
    return { document: document.id, group: node.id, name: node.name, visible: node.visible, origin, variations: shown };
  }

  /** The id that a result in the document remembers for it; empty: there is none. */
  async function idInside(document: Document): Promise<string> {
    const state = document.activeHistoryState.id;
    const known = inside.get(document.id);
    if (known?.state === state) return known.id;
    const id = (await groups(document, await treeOf(ps, document))).at(0)?.origin.documentId ?? "";
    inside.set(document.id, { state, id });
    return id;
  }

  async function results(handle: DocumentHandle): Promise<Result[]> {
    const document = open(handle);
    const found: Result[] = [];
    for (const group of await groups(document, await treeOf(ps, document))) found.push(await resultOf(document, group));
    return found;
  }

  return {
    name: uxp.host.version ? `Photoshop ${uxp.host.version}` : "Photoshop",
    settings,
    locale: (uxp.host.uiLocale ?? "").replace(/_/g, "-"),

    glance(): Glance | null {
      if (ps.app.documents.length === 0) return null;
      const document = ps.app.activeDocument;
      const bounds = document.selection.bounds;
      const region = bounds === null ? null : intersection(rectOf(bounds), canvasOf(document));
      return { document: document.id, title: document.title, region, isQuickMask: document.quickMaskMode };
    },

    onChange(listener) {
      const heard = (): void => listener();
      void ps.action.addNotificationListener(EVENTS, heard);
      return () => void ps.action.removeNotificationListener(EVENTS, heard);
    },

    foregroundColor: () => labOf(ps.app.foregroundColor),

    inksAsLab(cyan, magenta, yellow, black) {
      const color = new ps.app.SolidColor();
      Object.assign(color.cmyk, { cyan, magenta, yellow, black });
      return labOf(color);
    },

    facts,

    identify: async (handle) => {
      const document = open(handle);
      return identity.of(document, documents(), await idInside(document));
    },

    async find(documentId) {
      return (await this.known()).get(documentId) ?? null;
    },

    async known() {
      const found = new Map<string, DocumentHandle>();
      for (const document of documents()) {
        const id = identity.known(document) || (await idInside(document));
        if (id !== "" && (!found.has(id) || identity.isSure(document))) found.set(id, document.id);
      }
      return found;
    },

    async readSelection(handle): Promise<Mask> {
      const document = open(handle);
      if (document.quickMaskMode) throw new CannotEdit(QUICK_MASK);
      const bounds = document.selection.bounds;
      return modal("Inlay: read selection", () =>
        readSelection(ps, handle, canvasOf(document), bounds === null ? null : rectOf(bounds)),
      );
    },

    async readComposite(handle, rect, hidden): Promise<Pixels> {
      const document = open(handle);
      return without(document, hidden, () => readPixelsOrNone(document, rect));
    },

    async look({ document, group, origin }, isBefore, side) {
      const rect = intersection(origin.region, canvasOf(open(document)));
      return rect === null ? "" : without(open(document), isBefore ? [group] : [], () => thumbnailOf(ps, document, undefined, rect, side));
    },

    async enlarge(handle, { x, y, width, height }) {
      const document = open(handle);
      const old = { ...canvasOf(document), x: -x, y: -y };
      const at = (shift: number, room: number): number => (room === 0 ? 1 : Math.round((2 * shift) / room));
      const rows = ["TOP", "MIDDLE", "BOTTOM"][at(old.y, height - old.height)] ?? "MIDDLE";
      const name = `${rows}${["LEFT", "CENTER", "RIGHT"][at(old.x, width - old.width)] ?? "CENTER"}` as "MIDDLECENTER";
      await asOneStep(document, "Inlay: canvas", async () => {
        await document.resizeCanvas(width, height, ps.constants.AnchorPosition[name]);
        const samples = new Uint8Array(width * height).fill(255);
        for (let row = old.y; row < old.y + old.height; row++) samples.fill(0, row * width + old.x, row * width + old.x + old.width);
        await select(ps, document, { region: { x: 0, y: 0, width, height }, samples });
      });
    },

    async readLayer(handle, layer, rect) {
      open(handle);
      return modal("Inlay: read variation", () => readPixels(ps, handle, rect, layer));
    },

    async thumbnail({ document, origin }, layer, side) {
      const rect = intersection(origin.region, canvasOf(open(document)));
      return rect === null ? "" : modal("Inlay: look at variation", () => thumbnailOf(ps, document, layer, rect, side));
    },

    picture: (rgb, width, height) => pictureUrl(ps, rgb, width, height),

    async layers(handle) {
      const document = open(handle);
      const tree = await treeOf(ps, document);
      const ours = new Set((await groups(document, tree)).map(({ node }) => node.id));
      const listed = (nodes: readonly Node[], indent: string): Layer[] =>
        nodes
          .filter(({ id }) => !ours.has(id))
          .flatMap(({ id, name, isGroup, layers }) => (isGroup ? listed(layers, `${indent}${name} / `) : [{ id, name: indent + name }]));
      return listed(tree, "");
    },

    async above(handle, layer) {
      const document = open(handle);
      const wanted = layer ?? document.activeLayers[0]?.id;
      let siblings = await treeOf(ps, document);
      if (wanted === document.backgroundLayer?.id) return siblings.map(({ id }) => id); // No list has it.
      const found: number[] = [];
      for (const { id, layers } of wanted === undefined ? [] : pathTo(siblings, wanted)) {
        found.push(...siblings.slice(0, siblings.findIndex((node) => node.id === id)).map((node) => node.id));
        siblings = layers;
      }
      return found;
    },

    results,

    async resultInHand(handle) {
      const document = open(handle);
      const active = document.activeLayers[0]?.id;
      if (active === undefined) return null;
      const tree = await treeOf(ps, document);
      const known = await groups(document, tree);
      for (const { id } of [...pathTo(tree, active)].reverse()) {
        const found = known.find(({ node }) => node.id === id);
        if (found !== undefined) return resultOf(document, found);
      }
      return null;
    },

    async readMask(handle, group) {
      const document = open(handle);
      const origin = (await groups(document, await treeOf(ps, document))).find(({ node }) => node.id === group)?.origin;
      const all = canvasOf(document);
      const around = origin === undefined ? all : (intersection(grown(origin.region, 1024), all) ?? all);
      return modal("Inlay: read mask", () => readLayerMask(ps, handle, group, around));
    },

    async place(handle, placement: Placement) {
      const document = open(handle);
      const { mode } = facts(handle);
      return asOneStep(document, `Inlay: ${placement.name}`, () => build(ps, document, mode, placement));
    },

    async select(handle, name, mask) {
      const document = open(handle);
      await asOneStep(document, `Inlay: ${name}`, () => select(ps, document, mask));
    },

    async open(like, name, pixels) {
      const document = open(like);
      await modal(`Inlay: ${name}`, () => openPicture(ps, document, facts(like), name, pixels));
    },

    async show(result, index) {
      const document = open(result.document);
      await modal("Inlay: show variation", async () => {
        const tree = await treeOf(ps, document);
        for (const [number, { layer }] of result.variations.entries()) {
          const node = layerAt(document, tree, layer);
          if (node !== null && node.visible !== (number === index)) node.visible = number === index;
        }
      });
    },

    async keep(result) {
      const document = open(result.document);
      const node = nodeWith(await treeOf(ps, document), result.group);
      const variations = node === null ? [] : (await contentOf(ps, document, node)).variations;
      const others = variations.filter((variation) => !variation.node.visible);
      if (others.length === 0 || others.length === variations.length) return;
      await asOneStep(document, "Inlay: keep variation", async () => {
        const tree = await treeOf(ps, document);
        for (const other of others) if (await areUntouched(ps, document, [other])) layerAt(document, tree, other.id)?.delete();
      });
    },

    async reveal(result, isVisible) {
      const document = open(result.document);
      await modal("Inlay: before and after", async () => {
        const group = layerAt(document, await treeOf(ps, document), result.group);
        if (group !== null) group.visible = isVisible;
      });
    },

    async discard(result) {
      const document = open(result.document);
      return asOneStep(document, "Inlay: discard result", () => remove(ps, document, result.group));
    },

    stow: (bytes) => uxp.stow(bytes),
    heldBytes: HELD_BYTES,
    copy: (text) => uxp.copy(text),
    alert: (message) => ps.app.showAlert(message),
  };
}

/** By its Lab: the RGB of a colour is the working space's, not sRGB. */
function labOf({ lab: { l, a, b } }: { readonly lab: { readonly l: number; readonly a: number; readonly b: number } }): string {
  return `lab(${[l, a, b].map((value) => value.toFixed(2)).join(", ")})`;
}

function canvasOf(document: Document): Rect {
  return { x: 0, y: 0, width: document.width, height: document.height };
}

/** Whether a visible layer reaches into `rect`. */
function hasPixels(document: Document, rect: Rect): boolean {
  const reaches = (layer: DomLayer): boolean => {
    if (!layer.visible) return false;
    const inner = layer.layers; // The kind of an artboard is not documented.
    if (inner !== null) return Array.from(inner).some(reaches);
    return intersection(rectOf(layer.bounds), rect) !== null;
  };
  return Array.from(document.layers).some(reaches);
}

function noPixels(mode: ColorMode, depth: Depth): Pixels {
  const samples = depth === 8 ? new Uint8Array(0) : depth === 16 ? new Uint16Array(0) : new Float32Array(0);
  return { rect: { x: 0, y: 0, width: 0, height: 0 }, channels: mode === "Gray" ? 2 : 4, samples };
}
