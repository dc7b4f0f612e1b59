/** Photoshop's layer tree and the JSON that layers carry, through the calls that were shown to work for plugins. */

import type { Document } from "photoshop/dom/Document";

export type Photoshop = typeof import("photoshop");

/** Letters, digits and underscores: Adobe's Generator escapes every other character before it writes this property. */
export const KEY = "studio_inlay";

const MASK_CHANNEL = { _ref: "channel", _enum: "channel", _value: "mask" };

/** Runs commands; throws for the first that Photoshop returns as an error: most of them do not reject. */
export async function play(ps: Photoshop, commands: readonly { _obj: string; [key: string]: unknown }[]): Promise<Record<string, unknown>[]> {
  const answers = (await ps.action.batchPlay([...commands], {})) as Record<string, unknown>[];
  const failed = answers.findIndex((answer) => answer["_obj"] === "error");
  if (failed >= 0) {
    throw new Error(`${commands[failed]?._obj}: ${String(answers[failed]?.["message"] ?? answers[failed]?.["result"])}`);
  }
  return answers;
}

function settingsOf(document: number, layer: number) {
  return [{ _property: "generatorSettings" }, { _ref: "layer", _id: layer }, { _ref: "document", _id: document }];
}

/** The JSON that Inlay wrote on layers, in their order; empty where there is none. Saved inside the file. */
export async function readNotes(ps: Photoshop, document: number, layers: readonly number[]): Promise<readonly string[]> {
  if (layers.length === 0) return [];
  const commands = layers.map((layer) => ({ _obj: "get", _target: settingsOf(document, layer), property: KEY }));
  const answers = (await ps.action.batchPlay(commands, { continueOnError: true }).catch(() => [])) as { generatorSettings?: { json?: unknown } }[];
  if (answers.length === layers.length) {
    return answers.map(({ generatorSettings }) => (typeof generatorSettings?.json === "string" ? generatorSettings.json : ""));
  }
  if (layers.length === 1) return [""]; // Nothing under our key, and Photoshop rejects. Where it was stopped, the next call throws.
  const notes: string[] = []; // One of them has none, and Photoshop rejects all.
  for (const layer of layers) notes.push(...(await readNotes(ps, document, [layer])));
  return notes;
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

/** Gives the selected layer a mask equal to the selection, which Photoshop drops. */
export async function revealSelection(ps: Photoshop): Promise<void> {
  const using = { _enum: "userMaskEnabled", _value: "revealSelection" };
  await play(ps, [{ _obj: "make", new: { _class: "channel" }, at: MASK_CHANNEL, using }]);
}

/** The active layers, and whether a brush would paint on the mask of the first. */
export interface Brush {
  readonly layers: readonly number[];
  readonly isOnMask: boolean;
}

/** What the retoucher is working on. The name of the channel is the only thing that tells, and it is localised: so two are compared. */
export async function brushOf(ps: Photoshop, document: Document): Promise<Brush> {
  const layers = Array.from(document.activeLayers, ({ id }) => id);
  const target = { _ref: "channel", _enum: "ordinal", _value: "targetEnum" };
  const ask = (channel: object): Promise<string> =>
    play(ps, [{ _obj: "get", _target: [channel, { _ref: "document", _id: document.id }] }]).then(
      ([answer]) => JSON.stringify([answer?.["channelName"], answer?.["itemIndex"]]),
      () => "",
    );
  const mask = await ask(MASK_CHANNEL);
  return { layers, isOnMask: mask !== "" && mask === (await ask(target)) };
}

/** Makes the layers that are still there active again, and the mask the brush's target where it was. */
export async function restoreBrush(ps: Photoshop, document: Document, { layers, isOnMask }: Brush, isThere: (id: number) => boolean, otherwise: number): Promise<void> {
  const alive = layers.filter(isThere);
  await selectLayers(ps, document.id, alive.length > 0 ? alive : [otherwise]);
  if (isOnMask && alive[0] === layers[0]) await play(ps, [{ _obj: "select", _target: [MASK_CHANNEL], makeVisible: false }]).catch(() => undefined);
}

/** Leaves no layer active, so that a new one goes on top of all; false where Photoshop cannot. */
export async function selectNoLayers(ps: Photoshop): Promise<boolean> {
  const active = [{ _ref: "layer", _enum: "ordinal", _value: "targetEnum" }];
  return play(ps, [{ _obj: "selectNoLayers", _target: active }]).then(() => true, () => false);
}
