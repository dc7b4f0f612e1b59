/** The fake's DOM: documents and layers as Photoshop hands them out, by number. */

import type { Depth, Pixels, Rect } from "../../src/host/host";
import { copyRect, intersection } from "../../src/host/capture";
import type { FakeDocument, FakeFile, FakePhotoshop, State } from "./photoshop";
import { allLayers, boundsAbove, boxOf, copyPicture, type FakeLayer, type FakeType, isGroup, type Picture, siblingsOf, take, turned, whitePixels } from "./picture";

export const MODES: Record<string, string> = { RGB: "RGBColorMode", Gray: "grayscaleMode", Lab: "labColorMode", CMYK: "CMYKColorMode" };
export const PLACEMENT = { PLACEBEFORE: "placeBefore", PLACEAFTER: "placeAfter", PLACEINSIDE: "placeInside" } as const;

export function appOf(fake: FakePhotoshop): object {
  return {
    get documents() {
      return fake.documents.map((document) => documentNode(fake, document));
    },
    get activeDocument() {
      if (fake.active === null) throw new Error("There is no document.");
      return documentNode(fake, fake.active);
    },
    set activeDocument(node: { id: number }) {
      fake.inModal("activeDocument");
      fake.active = fake.open(node.id);
    },
    fonts: [
      { family: "Arial", style: "Regular", postScriptName: "ArialMT" },
      { family: "Times New Roman", style: "Bold", postScriptName: "TimesNewRomanPS-BoldMT" },
      { family: "Times New Roman", style: "Regular", postScriptName: "TimesNewRomanPSMT" },
    ],
    /** A green in a working space of Adobe RGB (1998), 64, 191, 64 of 255; its Lab by that profile's matrix and gamma. */
    foregroundColor: { rgb: { hexValue: "40bf40" }, lab: { l: 65.7554, a: -86.4876, b: 53.6760 } },
    /** Its Lab is that of printed inks, roughly: what matters is that it follows from them. */
    SolidColor: class {
      readonly cmyk = { cyan: 0, magenta: 0, yellow: 0, black: 0 };
      private readonly own = { l: 0, a: 0, b: 0 };
      get lab() {
        const { cyan, magenta, yellow, black } = this.cmyk;
        return cyan + magenta + yellow + black === 0 ? this.own : { l: 100 - black, a: magenta - cyan, b: yellow };
      }
    },
    showAlert: async (message: string) => void fake.alerts.push(message),
    createDocument: async (options: { width: number; height: number; mode: string; depth: number; profile?: string; fill: string; name?: string }) => {
      fake.inModal("createDocument");
      const mode = (["RGB", "Gray", "Lab"] as const).find((name) => MODES[name] === options.mode) ?? "RGB";
      const document = fake.create({
        width: options.width, height: options.height, mode, depth: options.depth as Depth,
        profile: options.profile ?? "None", title: options.name ?? "Untitled",
      });
      const layer = fake.addLayer(document, "pixel", "Hintergrund", { isBackground: options.fill === "white" });
      if (layer.isBackground) layer.pixels = whitePixels(document.picture);
      document.history = [{ id: fake.id(), name: "Neu", picture: copyPicture(document.picture) }];
      return documentNode(fake, document);
    },
    open: async (file: FakeFile) => {
      fake.inModal("open");
      if (file.saved === null) throw new Error("The file is empty.");
      const document = fake.create({ ...file.saved, title: file.name });
      document.path = file.path;
      fake.restore(document, file.saved);
      document.history = [{ id: fake.id(), name: "Öffnen", picture: copyPicture(file.saved) }];
      return documentNode(fake, document);
    },
  };
}

function documentNode(fake: FakePhotoshop, document: FakeDocument): { readonly id: number } & Record<string, unknown> {
  const { id } = document;
  const picture = (): Picture => fake.open(id).picture;
  return {
    id,
    get title() { return document.title; },
    get name() { return document.title; },
    get path() { return document.path; },
    get width() { return picture().width; },
    get height() { return picture().height; },
    resolution: 72,
    get mode() { return document.otherMode || MODES[picture().mode]; },
    get bitsPerChannel() { return `bitDepth${picture().depth}`; },
    get colorProfileName() { return picture().profile; },
    get quickMaskMode() { return document.quickMask; },
    get artboards() { return picture().layers.filter(({ kind }) => kind === "artboard").map((board) => layerNode(fake, document, board.id)); },
    get layers() { return picture().layers.map((layer) => layerNode(fake, document, layer.id)); },
    get backgroundLayer() {
      const background = picture().layers.find(({ isBackground }) => isBackground);
      return background === undefined ? null : layerNode(fake, document, background.id);
    },
    get activeLayers() { return picture().active.map((layer) => layerNode(fake, document, layer)); },
    get historyStates() { return document.history.map((state) => ({ id: state.id, name: state.name })); },
    get activeHistoryState() {
      fake.open(id);
      const state = document.history[document.current];
      return { id: state?.id, name: state?.name };
    },
    set activeHistoryState(state: { id: number | undefined; name: string | undefined }) {
      fake.inModal("activeHistoryState");
      document.current = document.history.findIndex((known) => known.id === state.id);
      fake.back(document, (document.history[document.current] as State).picture);
    },
    selection: {
      get bounds() {
        const { selection } = picture();
        const least = fake.switches.selectionBounds === "half" ? 0.5 : Number.MIN_VALUE;
        return selection === null ? null : boundsAbove(selection, least);
      },
      selectAll: async () => {
        fake.inModal("selectAll");
        const { width, height } = picture();
        picture().selection = { region: { x: 0, y: 0, width, height }, samples: new Uint8Array(width * height).fill(255) };
        fake.record(document, "Alles auswählen");
      },
      deselect: async () => {
        fake.inModal("deselect");
        picture().selection = null;
        fake.record(document, "Auswahl aufheben");
      },
    },
    createLayerGroup: async (options: { name: string; blendMode?: FakeLayer["blend"]; fromLayers?: { id: number }[] }) => {
      fake.inModal("make group");
      const front = fake.active ?? document;
      const ids = options.fromLayers?.map((layer) => layer.id);
      const group =
        ids === undefined ? fake.addLayer(front, "group", options.name) : fake.group(front, options.name, ids, options.blendMode ?? fake.switches.groupBlend);
      group.blend = options.blendMode ?? group.blend;
      fake.record(front, "Neue Gruppe");
      return layerNode(fake, front, group.id);
    },
    createPixelLayer: async (options: { name: string }) => {
      fake.inModal("make layer");
      const front = fake.active ?? document; // Photoshop's commands go to the document in front, whatever document they were called on.
      const layer = fake.addLayer(front, "pixel", options.name);
      fake.record(front, "Neue Ebene");
      return layerNode(fake, front, layer.id);
    },
    createTextLayer: fake.faults.has("makes no text layers") ? undefined : async (options: { name: string; contents: string; fontSize: number; position: FakeType["at"]; textColor: { lab: FakeType["lab"] } }) => {
      fake.inModal("make text");
      const front = fake.active ?? document;
      const layer = fake.addLayer(front, "text", options.name);
      layer.type = { contents: options.contents, fontSize: options.fontSize, lab: { ...options.textColor.lab }, at: options.position, angle: 0, style: {} };
      fake.record(front, "Neue Textebene");
      return layerNode(fake, front, layer.id);
    },
    resizeCanvas: async (width: number, height: number, anchor: string) => {
      fake.inModal("resizeCanvas");
      const [, row = "", column = ""] = /^(top|middle|bottom)(Left|Center|Right)$/.exec(anchor) ?? [];
      if (row === "") fake.violate(`the anchor ${anchor}`);
      const share = { top: 0, middle: 0.5, bottom: 1, Left: 0, Center: 0.5, Right: 1 } as Readonly<Record<string, number>>;
      const { picture: now } = document;
      const [x, y] = [Math.floor((width - now.width) * (share[column] ?? 0)), Math.floor((height - now.height) * (share[row] ?? 0))];
      const moved = (rect: Rect): Rect => ({ ...rect, x: rect.x + x, y: rect.y + y });
      for (const layer of allLayers(now.layers)) {
        if (layer.pixels) layer.pixels = { ...layer.pixels, rect: moved(layer.pixels.rect) };
        if (layer.mask) layer.mask = { ...layer.mask, region: moved(layer.mask.region) };
      }
      if (now.selection) now.selection = { ...now.selection, region: moved(now.selection.region) };
      Object.assign(now, { width, height });
      const background = now.layers.find(({ isBackground }) => isBackground);
      if (background?.pixels) { // It is as large as the canvas, and white where it is new.
        const { pixels } = background;
        background.pixels = whitePixels(now);
        pasteInto(background.pixels, pixels);
      }
      fake.record(document, "Arbeitsfläche");
    },
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
    duplicate: async (name = `${document.title} Kopie`) => {
      fake.inModal("duplicate");
      const copy = fake.create({ ...picture(), title: name });
      fake.restore(copy, withNewIds(fake, picture()));
      copy.history = [{ id: fake.id(), name: "Duplizieren", picture: copyPicture(copy.picture) }];
      return documentNode(fake, copy);
    },
  };
}

function layerNode(fake: FakePhotoshop, document: FakeDocument, id: number): object {
  const layer = (): FakeLayer => {
    fake.calls++;
    return fake.layer(fake.open(document.id), id);
  };
  return {
    id,
    get name() { return layer().name; },
    set name(name: string) {
      fake.inModal("name");
      layer().name = name;
    },
    get kind() { return layer().kind; },
    get locked() { return layer().locked; },
    get isBackgroundLayer() { return layer().isBackground; },
    get blendMode() { return layer().blend; },
    set blendMode(blend: FakeLayer["blend"]) {
      fake.inModal("blendMode");
      layer().blend = blend;
    },
    get bounds() {
      const { pixels, board, type } = layer();
      const { x, y, width, height } = board !== null ? { x: board.x - 5, y: board.y, width: board.width + 10, height: board.height } : type ? boxOf(type) : (pixels?.rect ?? { x: 0, y: 0, width: 0, height: 0 }); // An artboard's are not its own.
      return { left: x, top: y, right: x + width, bottom: y + height, width, height };
    },
    get visible() { return layer().visible; },
    set visible(visible: boolean) {
      fake.inModal("visible");
      layer().visible = visible;
      if (document.suspended !== null) document.suspended.changed = true;
    },
    get layers() { return isGroup(layer()) ? layer().layers.map((inner) => layerNode(fake, document, inner.id)) : null; },
    get parent() {
      const parent = allLayers(document.picture.layers).find(({ layers }) => layers.some((inner) => inner.id === id));
      return parent === undefined ? null : layerNode(fake, document, parent.id);
    },
    delete: () => {
      fake.inModal("delete");
      if (layer().locked) throw new Error("The layer is locked.");
      take(document.picture.layers, id);
      fake.record(document, "Ebene löschen");
    },
    get textItem() {
      const { type } = layer();
      return type ? { characterStyle: type.style } : undefined;
    },
    rotate: async (degrees: number, anchor: string) => {
      fake.inModal("rotate");
      const { type } = layer();
      if (!type || anchor !== "bottomLeft") return fake.violate(`a turn of this about ${anchor}`);
      const { x, y, height } = boxOf(type);
      layer().type = { ...type, at: turned(type.at, { x, y: y + height }, degrees), angle: type.angle + degrees };
      fake.record(document, "Drehen");
    },
    translate: async (across: number, down: number) => {
      fake.inModal("translate");
      const { type } = layer();
      if (!type) return fake.violate("a translation of this");
      layer().type = { ...type, at: { x: type.at.x + across, y: type.at.y + down } };
      fake.record(document, "Verschieben");
    },
    move: (relative: { id: number }, where: string) => move(fake, document, id, relative.id, where),
  };
}

function move(fake: FakePhotoshop, document: FakeDocument, id: number, relative: number, where: string): void {
  fake.inModal("move");
  const layer = fake.layer(document, id);
  const target = fake.layer(document, relative);
  if (layer.isBackground || layer.locked) throw new Error("The layer is locked.");
  if (allLayers([layer]).some((inner) => inner.id === relative)) throw new Error("A layer cannot move into itself.");
  if (where === PLACEMENT.PLACEAFTER && target.isBackground) throw new Error("Nothing goes below the Background.");
  if (where === PLACEMENT.PLACEINSIDE && !isGroup(target)) throw new Error("Only a group has an inside.");
  fake.record(document, "Ebene verschieben");
  if (fake.faults.has("moves go wrong")) return;
  take(document.picture.layers, id);
  if (where === PLACEMENT.PLACEINSIDE) {
    target.layers.unshift(layer);
  } else {
    const siblings = siblingsOf(document.picture.layers, relative) as FakeLayer[];
    siblings.splice(siblings.indexOf(target) + (where === PLACEMENT.PLACEBEFORE ? 0 : 1), 0, layer);
  }
}

/** Layer ids are kept in a file, but nobody may rely on that. */
function withNewIds(fake: FakePhotoshop, picture: Picture): Picture {
  const renew = (layer: FakeLayer): FakeLayer => ({ ...layer, id: fake.id(), layers: layer.layers.map(renew) });
  const layers = picture.layers.map(renew);
  return { ...picture, layers, active: layers.slice(0, 1).map(({ id }) => id) };
}

function pasteInto(target: Pixels, from: Pixels): void {
  const common = intersection(target.rect, from.rect);
  if (common === null) return;
  const { samples, channels } = copyRect(from, common);
  for (let row = 0; row < common.height; row += 1) {
    const at = ((common.y - target.rect.y + row) * target.rect.width + common.x - target.rect.x) * channels;
    target.samples.set(samples.subarray(row * common.width * channels, (row + 1) * common.width * channels), at);
  }
}
