/** Photoshop's layer tree and the JSON that layers carry, through the calls that were shown to work for plugins. */

import type { Layer } from "photoshop/dom/Layer";
import type { Document } from "photoshop/dom/Document";

export type Photoshop = typeof import("photoshop");

/** Letters, digits and underscores: Adobe's Generator escapes every other character before it writes this property. */
export const KEY = "studio_inlay";

/** What Photoshop answered when a command could not be carried out: most of them do not reject, they return this. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
}

/** Runs commands; throws CommandFailed for the first that Photoshop returns as an error. */
export async function play(ps: Photoshop, commands: readonly { _obj: string; [key: string]: unknown }[]): Promise<Record<string, unknown>[]> {
  const answers = (await ps.action.batchPlay([...commands], {})) as Record<string, unknown>[];
  const failed = answers.findIndex((answer) => answer["_obj"] === "error");
  if (failed >= 0) {
    throw new CommandFailed(`${commands[failed]?._obj}: ${String(answers[failed]?.["message"] ?? answers[failed]?.["result"])}`);
  }
  return answers;
}

function settingsOf(document: number, layer: number) {
  return [{ _property: "generatorSettings" }, { _ref: "layer", _id: layer }, { _ref: "document", _id: document }];
}

/** The JSON that Inlay wrote on a layer; empty where there is none. Saved inside the file. */
export async function readNote(ps: Photoshop, document: number, layer: number): Promise<string> {
  try {
    const [answer] = await play(ps, [{ _obj: "get", _target: settingsOf(document, layer), property: KEY }]);
    const settings = answer?.["generatorSettings"] as { json?: unknown } | undefined;
    return typeof settings?.json === "string" ? settings.json : "";
  } catch {
    return ""; // Nothing under our key: Photoshop answers nothing or an error, or rejects. Where it was stopped, the next call throws.
  }
}

/** Writes JSON on a layer. Inside a modal scope only. */
export async function writeNote(ps: Photoshop, document: number, layer: number, json: string): Promise<void> {
  await play(ps, [{ _obj: "set", _target: settingsOf(document, layer), to: { _obj: "null", json }, property: KEY }]);
}

/** Selects layers without making them visible. */
export async function selectLayers(ps: Photoshop, document: number, layers: readonly number[]): Promise<void> {
  await play(
    ps,
    layers.map((layer, index) => ({
      _obj: "select",
      _target: [{ _ref: "layer", _id: layer }, { _ref: "document", _id: document }],
      makeVisible: false,
      ...(index > 0 && { selectionModifier: { _enum: "selectionModifierType", _value: "addToSelection" } }),
    })),
  );
}

/** Gives the selected layer a mask that hides everything, so that nothing outside of what is put later shows. */
export async function hideAll(ps: Photoshop): Promise<void> {
  await play(ps, [maskOfSelectedLayer("hideAll")]);
}

/** Takes the selected layer's mask away, if it has one. */
export async function dropMask(ps: Photoshop): Promise<void> {
  const mask = { _ref: "channel", _enum: "channel", _value: "mask" };
  await play(ps, [{ _obj: "delete", _target: [mask] }]).catch(() => undefined); // There was none.
}

/** Gives the selected layer a mask equal to the selection. Photoshop drops the selection. */
export async function revealSelection(ps: Photoshop): Promise<void> {
  await play(ps, [maskOfSelectedLayer("revealSelection")]);
}

function maskOfSelectedLayer(what: "hideAll" | "revealSelection") {
  return {
    _obj: "make",
    new: { _class: "channel" },
    at: { _ref: "channel", _enum: "channel", _value: "mask" },
    using: { _enum: "userMaskEnabled", _value: what },
  };
}

/** Every group of the document, top to bottom, outer before inner. */
export function groupsOf(ps: Photoshop, document: Document): Layer[] {
  const found: Layer[] = [];
  const walk = (layers: ArrayLike<Layer> | null): void => {
    for (const layer of Array.from(layers ?? [])) {
      if (layer.kind !== ps.constants.LayerKind.GROUP) continue;
      found.push(layer);
      walk(layer.layers);
    }
  };
  walk(document.layers);
  return found;
}

/** The layer with this id, or null. */
export function layerWith(document: Document, id: number): Layer | null {
  const walk = (layers: ArrayLike<Layer> | null): Layer | null => {
    for (const layer of Array.from(layers ?? [])) {
      const found = layer.id === id ? layer : walk(layer.layers);
      if (found !== null) return found;
    }
    return null;
  };
  return walk(document.layers);
}
