/** Results that are no layers of a document: a selection, and a picture of its own. Inside a modal scope. */

import type { Document } from "photoshop/dom/Document";

import { say } from "../words";
import { CannotEdit, type ColorMode, type DocumentHandle, type Facts, type Mask, type Pixels } from "./host";
import { readSelection, writePixels, writeSelection } from "./images";
import { type Photoshop, writeNote } from "./layers";

/** Makes a mask the document's selection; one that selects nothing takes the selection away. */
export async function select(ps: Photoshop, document: Document, mask: Mask): Promise<void> {
  if (!mask.samples.some((value) => value > 0)) return document.selection.deselect();
  await document.selection.selectAll(); // Now there is one that tells its grey profile.
  const pixel = { x: 0, y: 0, width: 1, height: 1 };
  const profile = (await readSelection(ps, document.id, pixel, pixel))?.profile;
  await writeSelection(ps, document.id, { ...mask, ...(profile !== undefined && { profile }) });
}

/** Opens pixels as a document of their own size, called by the one that they are of, with one layer. */
export async function openPicture(ps: Photoshop, like: Document, { mode, depth, profile }: Facts, name: string, pixels: Pixels, note: string): Promise<DocumentHandle> {
  const { NewDocumentMode, DocumentFill } = ps.constants;
  const modes: Record<ColorMode, string> = { RGB: NewDocumentMode.RGB, Gray: NewDocumentMode.GRAYSCALE, Lab: NewDocumentMode.LAB };
  const { width, height } = pixels.rect;
  const isManaged = mode !== "Lab" && like.colorProfileName !== "" && like.colorProfileName !== "None";
  const called = `${like.name.replace(/\.[^.]+$/, "")} ${name}`;
  const facts = { name: called, width, height, resolution: like.resolution, mode: modes[mode], depth: depth, fill: DocumentFill.TRANSPARENT };
  const made = await ps.app.createDocument({ ...facts, ...(isManaged && { profile: profile.replace(/ \(Linear .*\)$/, "") }) } as never);
  const layer = made && (Array.from(made.layers)[0] ?? (await made.createPixelLayer({ name })));
  if (!made || !layer) throw new CannotEdit(say("placing.no_document"));
  layer.name = name;
  await writePixels(ps, made.id, layer.id, mode, pixels);
  if (note !== "") await writeNote(ps, made.id, layer.id, note);
  return made.id;
}
