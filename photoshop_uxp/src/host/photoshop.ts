/** The Host that is Photoshop. Reference: Adobe's "Photoshop API", sections imaging, executeAsModal and batchPlay. */

import type { Document } from "photoshop/dom/Document";

import { say } from "../words";
import { showAnts } from "./ants";
import { growth } from "./canvas";
import { cropMask, intersection, padded, tighten } from "./capture";
import { readPixelsOrNone } from "./composite";
import { canvasOf, factsOf, labOf } from "./facts";
import { CannotEdit, DocumentGone } from "./host";
import type { DocumentHandle, Facts, Glance, InHand, Layer, Mask, Pixels, Placed, Placement, Rect, Restated, Result, Stowed } from "./host";
import { framedCopy } from "./formats";
import { Groups } from "./groups";
import { fileOf, Identity } from "./identity";
import { grown, pictureUrl, readLayerMask, readPixels, readSelection, rectOf, thumbnailOf } from "./images";
import { type Photoshop, readNotes } from "./layers";
import { readXmp, restate } from "./metadata";
import { asOneStep, modal, without } from "./modal";
import { toldApart } from "./names";
import { build, remove } from "./place";
import { openPicture, select } from "./results";
import { type Spot, spotIn } from "./spots";
import { areUntouched, contentOf } from "./touched";
import { above, flat, layerAt, leaves, nodeWith, pathTo, treeOf } from "./tree";
import { type Settings, settingsOf, type Uxp } from "./uxp";

const EVENTS = [
  "select", "set", "open", "close", "newDocument", "selectDocument", "make", "delete", "historyStateChanged", "inverse",
  "feather", "expand", "contract", "addTo", "subtractFrom", "deselect", "undoEvent", "show", "hide", "paste", "move",
];

/** What the plugin needs of the editor, and nothing more. Methods that throw: CannotEdit, DocumentGone, HostBusy, HostCancelled. */
export type Host = Pick<PhotoshopHost, keyof PhotoshopHost>;

/** Photoshop, as this plugin runs in it. */
export class PhotoshopHost {
  /** Such as "Photoshop 26.5.0". */
  readonly name: string;
  readonly settings: Settings;
  /** The language of its menus as a BCP 47 tag, such as `de-DE`; empty: unknown. */
  readonly locale: string;
  /** What of pictures may be held in memory at once, as Photoshop warns at 600 MB; variations that are larger together wait in files. */
  readonly heldBytes: number = 64 * 1024 * 1024;
  private readonly identity: Identity;
  private readonly groups: Groups;
  private hidAnts = false;
  /** Documents of which it was said that their metadata could not be written. */
  private readonly unmarked = new Set<DocumentHandle>();

  constructor(
    private readonly ps: Photoshop,
    private readonly uxp: Uxp,
  ) {
    this.name = uxp.host.version ? `Photoshop ${uxp.host.version}` : "Photoshop";
    this.settings = settingsOf(uxp);
    this.locale = (uxp.host.uiLocale ?? "").replace(/_/g, "-");
    this.groups = new Groups(ps);
    this.identity = new Identity(this.settings, () => uxp.newId());
  }

  // --- what is in front ---------------------------------------------------------

  /** The document in front, or null. */
  glance(): Glance | null {
    if (this.ps.app.documents.length === 0) return null;
    const document = this.ps.app.activeDocument;
    const bounds = document.selection.bounds;
    const region = bounds === null ? null : intersection(rectOf(bounds), canvasOf(document));
    return { document: document.id, title: document.title, region, isQuickMask: document.quickMaskMode };
  }

  /** Calls back when the document in front, its selection or its layers may have changed; returns how to stop. */
  onChange(listener: () => void): () => void {
    const heard = (): void => listener();
    void this.ps.action.addNotificationListener(EVENTS, heard);
    return () => void this.ps.action.removeNotificationListener(EVENTS, heard);
  }

  /** The foreground colour as `lab(L, a, b)`, which names it whatever the colour settings are. */
  foregroundColor(): string {
    return labOf(this.ps.app.foregroundColor);
  }

  /** `lab(L, a, b)` of inks in %, by Photoshop's colour settings. */
  inksAsLab(cyan: number, magenta: number, yellow: number, black: number): string {
    const color = new this.ps.app.SolidColor();
    Object.assign(color.cmyk, { cyan, magenta, yellow, black });
    return labOf(color);
  }

  /** The document's facts. */
  facts(handle: DocumentHandle): Facts {
    return factsOf(this.ps, this.opened(handle));
  }

  /** The document's id for its jobs' labels: kept as long as the file keeps its place, or holds a result. */
  async identify(handle: DocumentHandle): Promise<string> {
    const document = this.opened(handle);
    return this.identity.of(document, this.documents(), await this.groups.documentId(document));
  }

  /** The open document with this id, or null. */
  async find(documentId: string): Promise<DocumentHandle | null> {
    return (await this.known()).get(documentId) ?? null;
  }

  /** The open documents that have an id already, with it. */
  async known(): Promise<ReadonlyMap<string, DocumentHandle>> {
    const found = new Map<string, DocumentHandle>();
    for (const document of this.documents()) {
      const id = this.identity.known(document) || (await this.groups.documentId(document));
      if (id !== "" && (!found.has(id) || this.identity.isSure(document))) found.set(id, document.id);
    }
    return found;
  }

  // --- what is read -------------------------------------------------------------

  /** The selection inside the canvas, soft values and all, in the smallest rectangle that holds it. */
  async readSelection(handle: DocumentHandle): Promise<Mask> {
    const document = this.opened(handle);
    if (document.quickMaskMode) throw new CannotEdit(say("plan.quick_mask"));
    const { bounds } = document.selection;
    if (bounds === null) throw new CannotEdit(say("plan.no_selection"));
    const canvas = canvasOf(document);
    const raw = await modal(this.ps, say("state.capturing"), () => readSelection(this.ps, handle, canvas, rectOf(bounds)));
    const clipped = raw && intersection(raw.region, canvas);
    if (!raw || !clipped) throw new CannotEdit(say("plan.selection_outside"));
    const mask = tighten(cropMask(raw, clipped));
    if (mask === null) throw new CannotEdit(say("plan.selection_empty"));
    return mask;
  }

  /** The composite in exactly `rect`, without `hidden` layers, and no trace in the history. */
  async readComposite(handle: DocumentHandle, rect: Rect, hidden: readonly number[]): Promise<Pixels> {
    const document = this.opened(handle);
    const { mode } = this.facts(handle);
    return padded(await without(this.ps, document, hidden, () => readPixelsOrNone(this.ps, document, rect)), rect, mode);
  }

  /** One pixel layer inside `rect`, trimmed to what has pixels. */
  async readLayer(handle: DocumentHandle, layer: number, rect: Rect): Promise<Pixels> {
    this.opened(handle);
    return modal(this.ps, say("state.capturing"), () => readPixels(this.ps, handle, rect, layer));
  }

  /** The mask on a result's group as it is now; null where it was removed. */
  async readMask(handle: DocumentHandle, group: number): Promise<Mask | null> {
    const document = this.opened(handle);
    const origin = (await this.groups.of(document)).find(({ node }) => node.id === group)?.origin;
    const all = canvasOf(document);
    const around = origin === undefined ? all : (intersection(grown(origin.region, 1024), all) ?? all);
    return modal(this.ps, say("state.capturing"), () => readLayerMask(this.ps, handle, group, around));
  }

  /** How a result's region looks, with the result or without it, as the source of an `<img>`, at most `side` px long. */
  async look({ document: handle, group, origin }: Result, isBefore: boolean, side: number): Promise<string> {
    const document = this.opened(handle);
    const rect = intersection(origin.region, canvasOf(document));
    return rect === null ? "" : without(this.ps, document, isBefore ? [group] : [], () => thumbnailOf(this.ps, handle, undefined, rect, side));
  }

  /** How a layer, or the whole picture, looks inside `region`, as the source of an `<img>`, at most `side` px long; empty: like nothing. */
  async thumbnail(document: DocumentHandle, region: Rect, layer: number | undefined, side: number): Promise<string> {
    const rect = intersection(region, canvasOf(this.opened(document)));
    return rect === null ? "" : modal(this.ps, say("state.capturing"), () => thumbnailOf(this.ps, document, layer, rect, side));
  }

  /** How the whole picture looks in squares that may reach beyond the canvas, for a screen of `side` px; null where there is nothing to see. */
  async spots(document: DocumentHandle, squares: readonly Rect[], side: number): Promise<readonly (Spot | null)[]> {
    const canvas = canvasOf(this.opened(document));
    return modal(this.ps, say("state.capturing"), () => Promise.all(squares.map((square) => spotIn(this.ps, document, canvas, square, side))));
  }

  /** The number of the history state that a document is in; another one once it is another. */
  historyState(document: DocumentHandle): number {
    return this.opened(document).activeHistoryState.id;
  }

  /** 8-bit sRGB samples, three a pixel, as the source of an `<img>`. */
  picture(rgb: Uint8Array, width: number, height: number): Promise<string> {
    return pictureUrl(this.ps, rgb, width, height);
  }

  // --- layers and results -------------------------------------------------------

  /** The document's layers, top to bottom, with the names of their groups, but for what belongs to results. */
  async layers(handle: DocumentHandle): Promise<readonly Layer[]> {
    const document = this.opened(handle);
    const tree = await treeOf(this.ps, document);
    const ours = new Set((await this.groups.of(document, tree)).map(({ node }) => node.id));
    return leaves(tree, ours);
  }

  /** The active layer with what of it lies inside the canvas; null: none, or nothing of it. */
  inHand(handle: DocumentHandle): InHand | null {
    const document = this.opened(handle);
    const [layer] = document.activeLayers;
    const rect = layer === undefined ? null : intersection(rectOf(layer.bounds), canvasOf(document));
    return layer === undefined || rect === null ? null : { id: layer.id, rect };
  }

  /** Where a layer lies inside the canvas; null: nowhere, or it is not there. */
  async rectOf(handle: DocumentHandle, layer: number): Promise<Rect | null> {
    const document = this.opened(handle);
    const found = layerAt(document, await treeOf(this.ps, document), layer);
    return found && intersection(rectOf(found.bounds), canvasOf(document));
  }

  /** What lies above a layer, or above the active one: hidden, it leaves that layer and what is below. */
  async above(handle: DocumentHandle, layer?: number): Promise<readonly number[]> {
    const document = this.opened(handle);
    const wanted = layer ?? document.activeLayers[0]?.id;
    const tree = await treeOf(this.ps, document);
    if (wanted === document.backgroundLayer?.id) return tree.map(({ id }) => id); // No list has it.
    return wanted === undefined ? [] : above(tree, wanted);
  }

  /** The document's results, top to bottom. */
  async results(handle: DocumentHandle): Promise<readonly Result[]> {
    return this.groups.results(this.opened(handle));
  }

  /** The result that the active layer is, or is part of; null where it is neither. */
  async resultInHand(handle: DocumentHandle): Promise<Result | null> {
    const document = this.opened(handle);
    const active = document.activeLayers[0]?.id;
    if (active === undefined) return null;
    const tree = await treeOf(this.ps, document);
    const known = await this.groups.of(document, tree);
    const around = [...pathTo(tree, active)].reverse().flatMap(({ id }) => known.filter(({ node }) => node.id === id));
    return around[0] ? this.groups.resultOf(document, around[0]) : null;
  }

  /** What Inlay wrote on a document's layers, top to bottom, where it did. */
  async notes(handle: DocumentHandle): Promise<readonly { readonly layer: number; readonly json: string }[]> {
    const document = this.opened(handle);
    const layers = flat(await treeOf(this.ps, document)).map(({ id }) => id);
    const notes = await readNotes(this.ps, document.id, layers);
    return layers.map((layer, at) => ({ layer, json: notes[at] ?? "" })).filter(({ json }) => json !== "");
  }

  /** The open documents. */
  handles(): readonly DocumentHandle[] {
    return this.documents().map(({ id }) => id);
  }

  /** What a document is called. */
  nameOf(handle: DocumentHandle): string {
    return this.opened(handle).name;
  }

  /** What documents are called, each told from the others. */
  namesOf(handles: readonly DocumentHandle[]): readonly string[] {
    return toldApart(handles.map((handle) => this.opened(handle)).map((document) => ({ name: document.name, path: fileOf(document) })));
  }

  // --- what is done -------------------------------------------------------------

  /** Places a result as exactly one history state, restoring selection, active layers and what a brush paints on. */
  async place(handle: DocumentHandle, placement: Placement): Promise<Placed> {
    const document = this.opened(handle);
    const { mode } = this.facts(handle);
    return asOneStep(this.ps, document, placement.name, async () => {
      const { group, note } = await build(this.ps, document, mode, placement);
      const unsaid = placement.xmp === undefined ? "" : await this.stated(document, placement.xmp);
      return { group, note: [note, unsaid].filter(Boolean).join(" ") };
    });
  }

  /** The document's XMP packet; empty: it has none. Throws where Photoshop does not tell. */
  xmp(handle: DocumentHandle): Promise<string> {
    return readXmp(this.ps, this.opened(handle));
  }

  /** Puts another XMP packet in the place of a document's; null: nobody could tell which. Returns what there is to know. */
  restate(handle: DocumentHandle, xmp: Restated | null): Promise<string> {
    const document = this.opened(handle);
    return modal(this.ps, say("placing.title"), () => this.stated(document, xmp));
  }

  /** Makes a mask the document's selection, value for value, as one history state. */
  async select(handle: DocumentHandle, name: string, mask: Mask): Promise<void> {
    const document = this.opened(handle);
    await asOneStep(this.ps, document, name, () => select(this.ps, document, mask));
  }

  /** Opens pixels as a document of its own, like another one in mode, depth, profile and resolution. */
  async open(like: DocumentHandle, name: string, pixels: Pixels, note = ""): Promise<DocumentHandle> {
    const document = this.opened(like);
    return modal(this.ps, name, () => openPicture(this.ps, document, this.facts(like), name, pixels, note));
  }

  /** Makes one variation visible and hides the others. */
  async show(result: Result, index: number): Promise<void> {
    const document = this.opened(result.document);
    await modal(this.ps, say("action.next.title"), async () => {
      const tree = await treeOf(this.ps, document);
      for (const [number, { layer }] of result.variations.entries()) {
        const node = layerAt(document, tree, layer);
        if (node !== null && node.visible !== (number === index)) node.visible = number === index;
      }
    });
  }

  /** Keeps the visible variation and deletes the others, as one history state; one that was painted on stays, hidden. */
  async keep(result: Result): Promise<void> {
    const document = this.opened(result.document);
    const node = nodeWith(await treeOf(this.ps, document), result.group);
    const variations = node === null ? [] : (await contentOf(this.ps, document, node)).variations;
    const others = variations.filter((variation) => !variation.node.visible);
    if (others.length === 0 || others.length === variations.length) return;
    await asOneStep(this.ps, document, say("action.keep.title"), async () => {
      const tree = await treeOf(this.ps, document);
      for (const other of others) if (await areUntouched(this.ps, document, [other])) layerAt(document, tree, other.id)?.delete();
    });
  }

  /** Shows or hides a whole result, to compare; the marching ants go with it, if the document is in front. */
  async reveal(result: Result, isVisible: boolean): Promise<void> {
    const document = this.opened(result.document);
    const isMeant = this.ps.app.activeDocument.id === document.id && (!isVisible || this.hidAnts);
    const turned = await modal(this.ps, say("action.before.title"), async () => {
      const group = layerAt(document, await treeOf(this.ps, document), result.group);
      if (group !== null) group.visible = isVisible;
      return isMeant && showAnts(this.ps, isVisible);
    });
    const isTurned = turned || (isMeant && (await showAnts(this.ps, isVisible))); // A modal scope may disable menus, or a menu may need one.
    this.hidAnts = !isVisible && (this.hidAnts || isTurned);
  }

  /** Deletes a result, as one history state; where the retoucher added to it, it is hidden. Returns what there is to know. */
  async discard(result: Result): Promise<string> {
    const document = this.opened(result.document);
    return asOneStep(this.ps, document, say("action.discard.title"), () => remove(this.ps, document, result.group));
  }

  /** Grows the canvas and selects what is new of it, as one history state. `canvas`: the new one in the old one's coordinates. */
  async enlarge(handle: DocumentHandle, { x, y, width, height }: Rect): Promise<void> {
    const document = this.opened(handle);
    const { name, mask } = growth({ ...canvasOf(document), x: -x, y: -y }, { width, height });
    await asOneStep(this.ps, document, say("canvas.title"), async () => {
      await document.resizeCanvas(width, height, this.ps.constants.AnchorPosition[name]);
      await select(this.ps, document, mask);
    });
  }

  /**
   * A document of its own with a copy of the layers but for one group, on the canvas `crop` in px of the old one, which stays in front; and the layer
   * that the group lay on, null: on none.
   */
  async frame(handle: DocumentHandle, group: number, title: string, crop: Rect): Promise<{ readonly document: DocumentHandle; readonly liesOn: number | null }> {
    const document = this.opened(handle);
    const name = `${document.name.replace(/\.[^.]+$/, "")} ${title}`;
    return modal(this.ps, name, async () => {
      const before = this.ps.app.activeDocument;
      this.ps.app.activeDocument = document;
      try {
        const { made, liesOn } = await framedCopy(this.ps, document, group, name, crop);
        return { document: made.id, liesOn };
      } finally {
        this.ps.app.activeDocument = before;
      }
    });
  }

  /** Puts bytes aside in a temporary file, so that they need no memory; they stay in memory where that fails. */
  stow(bytes: Uint8Array): Promise<Stowed> {
    return this.uxp.stow(bytes);
  }

  /** Puts text on the clipboard. */
  copy(text: string): Promise<void> {
    return this.uxp.copy(text);
  }

  /** Tells something in a dialog, which has to be closed. */
  alert(message: string): Promise<void> {
    return this.ps.app.showAlert(message);
  }

  /** What there is to know is said once for each document. */
  private async stated(document: Document, xmp: Restated | null): Promise<string> {
    if ((xmp && (await restate(this.ps, document, xmp))) || this.unmarked.has(document.id)) return "";
    this.unmarked.add(document.id);
    return say("finding.unmarked");
  }

  private documents(): Document[] {
    return Array.from(this.ps.app.documents);
  }

  private opened(handle: DocumentHandle): Document {
    const found = this.documents().find((document) => document.id === handle);
    if (found === undefined) throw new DocumentGone();
    return found;
  }
}
