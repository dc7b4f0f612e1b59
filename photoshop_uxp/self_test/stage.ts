/** What the self-test needs beside a Host: documents of its own, to paint in, to look at raw, and to close again. */

import type { Document } from "photoshop/dom/Document";
import type { Layer } from "photoshop/dom/Layer";

import { showAnts } from "../src/host/ants";
import { copyRect } from "../src/host/capture";
import type { ColorMode, Depth, DocumentHandle, Mask, Pixels, Rect } from "../src/host/host";
import { boundsOf, maskImage, readLayerMask, readPixels, readSelection, writePixels, writeSelection } from "../src/host/images";
import { brushOf, type Photoshop, play, readNotes, restoreBrush, selectLayers, selectNoLayers, writeNote } from "../src/host/layers";
import { readXmp, restate } from "../src/host/metadata";
import { layerAt, treeOf } from "../src/host/tree";
import { saying } from "./expect";

/** A kind of document. */
export interface Kind {
  readonly mode: ColorMode;
  readonly depth: Depth;
  readonly profile: string;
}

/** A layer as the tree shows it. */
export interface Leaf {
  readonly id: number;
  readonly name: string;
  readonly visible: boolean;
  readonly layers: readonly Leaf[];
}

/** A question that nobody has answered, by the name of the fake's switch. */
export interface Question {
  readonly name: string;
  readonly ask: () => Promise<string>;
}

export interface Stage {
  create(kind: Kind, width: number, height: number, background: "white" | "transparent"): Promise<DocumentHandle>;
  /** A new pixel layer on top. */
  addLayer(document: DocumentHandle, name: string, pixels: Pixels): Promise<number>;
  addGroup(document: DocumentHandle, name: string): Promise<number>;
  select(document: DocumentHandle, mask: Mask | null): Promise<void>;
  /** Selects what a layer shows, by its own transparency. */
  selectShape(document: DocumentHandle, layer: number): Promise<void>;
  /** Puts other pixels on a layer, as a brush would. */
  paint(document: DocumentHandle, layer: number, pixels: Pixels): Promise<void>;
  /** Gives a layer a mask and makes that the brush's target. */
  brushOnMask(document: DocumentHandle, layer: number): Promise<void>;
  isBrushOnMask(document: DocumentHandle): Promise<boolean>;
  isNormal(document: DocumentHandle, layer: number): Promise<boolean>;
  activate(document: DocumentHandle, layers: readonly number[]): Promise<void>;
  active(document: DocumentHandle): readonly number[];
  bringToFront(document: DocumentHandle): Promise<void>;
  front(): DocumentHandle | null;
  states(document: DocumentHandle): number;
  undo(document: DocumentHandle): Promise<void>;
  tree(document: DocumentHandle): readonly Leaf[];
  /** Samples of a layer, or of the composite, filled up to `rect`. */
  read(document: DocumentHandle, rect: Rect, layer?: number): Promise<Pixels>;
  readMask(document: DocumentHandle, layer: number, rect: Rect): Promise<Mask | null>;
  duplicate(document: DocumentHandle): Promise<DocumentHandle>;
  saveAndReopen(document: DocumentHandle): Promise<DocumentHandle>;
  close(document: DocumentHandle): Promise<void>;
  readonly questions: readonly Question[];
}

const BASE: Kind = { mode: "RGB", depth: 16, profile: "sRGB IEC61966-2.1" };
const SIZE = 48;
const PATCH: Rect = { x: 8, y: 8, width: 16, height: 12 };

/** A stage in the Photoshop that the plugin runs in. `temporaryFile` gives a new file entry by name. */
export function photoshopStage(ps: Photoshop, temporaryFile: (name: string) => Promise<unknown>): Stage {
  const { NewDocumentMode, DocumentFill } = ps.constants;
  const modes = { RGB: NewDocumentMode.RGB, Gray: NewDocumentMode.GRAYSCALE, Lab: NewDocumentMode.LAB };
  const open = (handle: DocumentHandle): Document => {
    const found = Array.from(ps.app.documents).find((document) => document.id === handle);
    if (found === undefined) throw new Error(`The document ${handle} is not open.`);
    return found;
  };
  const modal = <T>(work: () => Promise<T>): Promise<T> => {
    const options = { commandName: "Inlay: self-test", timeOut: 10 };
    return ps.core.executeAsModal(work, options);
  };
  const front = (handle: DocumentHandle): void => {
    if (ps.app.activeDocument.id !== handle) ps.app.activeDocument = open(handle);
  };
  const modeOf = (document: Document): ColorMode =>
    document.mode === ps.constants.DocumentMode.GRAYSCALE ? "Gray" : document.mode === ps.constants.DocumentMode.LAB ? "Lab" : "RGB";
  const leaves = (layers: ArrayLike<{ id: number; name: string; visible: boolean; layers: unknown }> | null): Leaf[] =>
    Array.from(layers ?? [], ({ id, name, visible, layers: inner }) => ({ id, name, visible, layers: leaves(inner as never) }));

  const stage: Omit<Stage, "questions"> = {
    create: ({ mode, depth, profile }, width, height, background) =>
      modal(async () => {
        const options = {
          name: "Inlay self-test", width, height, resolution: 72, mode: modes[mode], depth, profile,
          fill: background === "white" ? DocumentFill.WHITE : DocumentFill.TRANSPARENT,
        };
        const document = await ps.app.createDocument(options);
        if (document === null) throw new Error("Photoshop made no document.");
        return document.id;
      }),
    addLayer: (handle, name, pixels) =>
      modal(async () => {
        front(handle);
        const layer = await open(handle).createPixelLayer({ name });
        if (layer === null) throw new Error("Photoshop made no layer.");
        await writePixels(ps, handle, layer.id, modeOf(open(handle)), pixels);
        return layer.id;
      }),
    addGroup: (handle, name) =>
      modal(async () => {
        front(handle);
        const group = await open(handle).createLayerGroup({ name });
        if (group === null) throw new Error("Photoshop made no group.");
        return group.id;
      }),
    select: (handle, mask) =>
      modal(async () => {
        front(handle);
        const { selection } = open(handle);
        if (mask === null) return selection.deselect();
        await selection.selectAll(); // Now there is one that tells its profile.
        const all = { x: 0, y: 0, width: 1, height: 1 };
        const profile = (await readSelection(ps, handle, all, all))?.profile;
        await writeSelection(ps, handle, { ...mask, ...(profile !== undefined && { profile }) });
      }),
    selectShape: (handle, layer) =>
      modal(async () => {
        front(handle);
        await selectTransparency(ps, handle, layer);
      }),
    paint: (handle, layer, pixels) => modal(() => writePixels(ps, handle, layer, modeOf(open(handle)), pixels)),
    brushOnMask: (handle, layer) =>
      modal(async () => {
        front(handle);
        await putLayerMask(ps, handle, layer, softMask());
        await restoreBrush(ps, open(handle), { layers: [layer], isOnMask: true }, () => true, layer);
      }),
    isBrushOnMask: async (handle) => (await brushOf(ps, open(handle))).isOnMask,
    isNormal: async (handle, layer) => (await layerWith(ps, open(handle), layer))?.blendMode === ps.constants.BlendMode.NORMAL,
    activate: (handle, layers) =>
      modal(async () => {
        front(handle);
        await selectLayers(ps, handle, layers);
      }),
    active: (handle) => Array.from(open(handle).activeLayers, ({ id }) => id),
    bringToFront: (handle) => modal(async () => front(handle)),
    front: () => (ps.app.documents.length === 0 ? null : ps.app.activeDocument.id),
    states: (handle) => {
      const document = open(handle);
      return Array.from(document.historyStates).findIndex(({ id }) => id === document.activeHistoryState.id) + 1;
    },
    undo: (handle) =>
      modal(async () => {
        const document = open(handle);
        const states = Array.from(document.historyStates);
        const before = states[states.findIndex(({ id }) => id === document.activeHistoryState.id) - 1];
        if (before !== undefined) document.activeHistoryState = before;
      }),
    tree: (handle) => leaves(open(handle).layers),
    read: (handle, rect, layer) => modal(async () => copyRect(await readPixels(ps, handle, rect, layer), rect)),
    readMask: (handle, layer, rect) => modal(() => readLayerMask(ps, handle, layer, rect)),
    duplicate: (handle) => modal(async () => (await open(handle).duplicate()).id),
    saveAndReopen: (handle) =>
      modal(async () => {
        const file = await temporaryFile(`inlay-self-test-${handle}.psd`);
        await open(handle).saveAs.psd(file as never);
        open(handle).closeWithoutSaving();
        return (await ps.app.open(file as never)).id;
      }),
    close: (handle) =>
      modal(async () => {
        if (Array.from(ps.app.documents).some(({ id }) => id === handle)) open(handle).closeWithoutSaving();
      }),
  };

  /** Asks in a document of its own. */
  async function within(ask: (document: DocumentHandle, layer: number) => Promise<string>, layered = true): Promise<string> {
    const document = await stage.create(BASE, SIZE, SIZE, "transparent");
    try {
      const layer = layered ? await stage.addLayer(document, "Layer", gradient(PATCH)) : 0;
      return await ask(document, layer);
    } finally {
      await stage.close(document);
    }
  }

  const soft = softMask();
  const whole = { x: 0, y: 0, width: SIZE, height: SIZE };
  const questions: Question[] = [
    {
      name: "selectionRead",
      ask: () =>
        within(async (document) => {
          await stage.select(document, soft);
          const { width } = await modal(() => rawSelection(ps, document, whole));
          return width === SIZE ? "whole" : "trimmed";
        }),
    },
    {
      name: "maskDepth",
      ask: () =>
        within(async (document) => {
          await stage.select(document, soft);
          return (await modal(() => rawSelection(ps, document, whole))).depth === 8 ? "8" : "document";
        }),
    },
    {
      name: "selectionBounds",
      ask: () =>
        within(async (document) => {
          await stage.select(document, soft);
          const bounds = open(document).selection.bounds;
          return bounds !== null && bounds.right - bounds.left < soft.region.width ? "half" : "any";
        }),
    },
    {
      name: "rollback",
      ask: () =>
        within(async (document, layer) => {
          await ps.core.executeAsModal(
            async ({ hostControl }) => {
              const suspension = await hostControl.suspendHistory({ documentID: document, name: "Inlay" });
              const node = await layerWith(ps, open(document), layer);
              if (node !== null) node.visible = false;
              await hostControl.resumeHistory(suspension, false);
            },
            { commandName: "Inlay: self-test" },
          );
          return (await layerWith(ps, open(document), layer))?.visible === true ? "with visibility" : "without visibility";
        }),
    },
    {
      name: "emptyRead",
      ask: () => within((document) => modal(() => readPixels(ps, document, whole).then(() => "nothing", () => "throws")), false),
    },
    {
      name: "newInGroup",
      ask: () =>
        within(async (document) => {
          const group = await stage.addGroup(document, "Group");
          await stage.activate(document, [group]);
          await stage.addLayer(document, "New", gradient(PATCH));
          return stage.tree(document).some(({ name }) => name === "New") ? "above" : "inside";
        }),
    },
    {
      name: "selectNone",
      ask: () => within(() => modal(async () => ((await selectNoLayers(ps)) ? "works" : "fails"))),
    },
    {
      name: "groupBlend",
      ask: () =>
        within(async (document) => {
          const group = await stage.addGroup(document, "Group");
          const layer = await layerWith(ps, open(document), group);
          return layer?.blendMode === ps.constants.BlendMode.NORMAL ? "normal" : String(layer?.blendMode);
        }),
    },
    {
      name: "maskProfile",
      ask: () =>
        within((document) =>
          modal(async () => {
            await open(document).selection.selectAll();
            const { imageData } = await ps.imaging.getSelection({ documentID: document, sourceBounds: boundsOf(PATCH) });
            await imageData.dispose();
            return imageData.colorProfile;
          }),
        ),
    },
    {
      name: "missingNote",
      ask: () =>
        within(async (document, layer) => {
          const target = [{ _property: "generatorSettings" }, { _ref: "layer", _id: layer }, { _ref: "document", _id: document }];
          const get = { _obj: "get", _target: target, property: "studio_inlay_none" };
          return ps.action.batchPlay([get], {}).then(([answer]) => (answer?._obj === "error" ? "error" : "nothing"), () => "rejects");
        }),
    },
    {
      name: "failedCommand",
      ask: () =>
        within(async (document, layer) => {
          await stage.activate(document, [layer]);
          const mask = [{ _ref: "channel", _enum: "channel", _value: "mask" }];
          return modal(() => ps.action.batchPlay([{ _obj: "delete", _target: mask }], {}).then(() => "answers", () => "rejects"));
        }),
    },
    {
      name: "selectionEdges",
      ask: () =>
        within(async (document) => {
          await stage.select(document, soft);
          if (await modal(() => showAnts(ps, false))) return "inside modal scopes";
          return (await showAnts(ps, false)) ? "outside modal scopes" : "untold";
        }),
    },
    {
      name: "xmpHistory",
      ask: () =>
        within(async (document, layer) => {
          const packet = async (): Promise<string> => readXmp(ps, open(document));
          const was = await packet();
          await modal(async () => {
            front(document);
            if (!(await restate(ps, open(document), { was, becomes: saying(was, "http://purl.org/dc/elements/1.1/", "source", "Inlay") }))) throw new Error("It cannot be written.");
            await writePixels(ps, document, layer, "RGB", gradient(PATCH));
          });
          for (let step = 0; step < 2; step++) if ((await packet()).includes(">Inlay<")) await stage.undo(document);
          return (await packet()).includes(">Inlay<") ? "outside history" : "with history";
        }),
    },
    {
      name: "noteLimit",
      ask: () =>
        within(async (document, layer) => {
          let held = 0;
          for (const kib of [4, 16, 64, 256]) {
            const text = JSON.stringify("x".repeat(1024 * kib));
            const back = await modal(async () => {
              await writeNote(ps, document, layer, text);
              return (await readNotes(ps, document, [layer]))[0] ?? "";
            }).catch(() => "");
            if (back === text) held = kib;
          }
          return `${held} KiB`;
        }),
    },
    {
      name: "depthConversion",
      ask: () =>
        within((document) =>
          modal(async () => {
            const options = { documentID: document, sourceBounds: boundsOf(PATCH), componentSize: 8 as const };
            return ps.imaging.getPixels(options).then(
              async ({ imageData }) => {
                await imageData.dispose();
                return "works";
              },
              () => "fails",
            );
          }),
        ),
    },
    {
      name: "readOutsideModal",
      ask: () => within((document) => readPixels(ps, document, whole).then(() => "works", () => "fails")),
    },
  ];
  return { ...stage, questions };
}

/** A mask on a layer, in place of all that was there. Inside a modal scope. */
export async function putLayerMask(ps: Photoshop, document: number, layer: number, mask: Mask): Promise<void> {
  const image = await maskImage(ps, mask);
  const { x: left, y: top, width, height } = mask.region;
  await ps.imaging.putLayerMask({ documentID: document, layerID: layer, kind: "user", imageData: image, replace: true, targetBounds: { left, top, width, height } });
  await image.dispose();
}

/** The layer with this id, or null. */
async function layerWith(ps: Photoshop, document: Document, id: number): Promise<Layer | null> {
  return layerAt(document, await treeOf(ps, document), id);
}

async function selectTransparency(ps: Photoshop, document: number, layer: number): Promise<void> {
  const transparency = { _ref: "channel", _enum: "channel", _value: "transparencyEnum" };
  const to = { _ref: [transparency, { _ref: "layer", _id: layer }, { _ref: "document", _id: document }] };
  await play(ps, [{ _obj: "set", _target: [{ _ref: "channel", _property: "selection" }], to }]);
}

async function rawSelection(ps: Photoshop, document: number, rect: Rect): Promise<{ width: number; depth: number }> {
  const { imageData } = await ps.imaging.getSelection({ documentID: document, sourceBounds: boundsOf(rect) });
  try {
    return { width: imageData.width, depth: imageData.componentSize };
  } finally {
    await imageData.dispose();
  }
}

/** A mask whose values fall from left to right. */
function softMask(): Mask {
  const { width, height } = PATCH;
  return { region: PATCH, samples: Uint8Array.from({ length: width * height }, (_, at) => 255 - 16 * (at % width)) };
}

function gradient(rect: Rect): Pixels {
  const length = 4 * rect.width * rect.height;
  return { rect, channels: 4, samples: Uint16Array.from({ length }, (_, at) => (at % 4 === 3 ? 32768 : (at * 97) % 32769)) };
}
