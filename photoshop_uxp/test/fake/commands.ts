/** The fake's batchPlay: the few commands that the plugin uses. */

import type { FakeDocument, FakePhotoshop } from "./photoshop";
import { allLayers } from "./picture";

export interface Command {
  readonly _obj: string;
  readonly _target?: readonly { readonly _ref?: string; readonly _id?: number; readonly _property?: string; readonly _value?: string }[];
  readonly property?: string;
  readonly to?: { readonly json?: string };
  readonly at?: { readonly _value?: string };
  readonly using?: { readonly _value?: string };
  readonly selectionModifier?: object;
}

const KEY_OF_AN_OBJECT = /^[A-Za-z0-9_]+$/;

/** Errors of known commands come back as an answer, or are thrown; unknown commands are violations. The first that fails is the last. */
export function performAll(fake: FakePhotoshop, commands: readonly Command[], { continueOnError = false }: { continueOnError?: boolean } = {}): object[] {
  const answers: object[] = [];
  for (const command of commands) {
    const answer = perform(fake, command);
    const isNote = command._target?.[0]?._property === "generatorSettings";
    if ("result" in answer && !isNote && fake.switches.failedCommand === "rejects") throw new Error(`The command ${command._obj} is not available.`);
    answers.push(answer);
    if ("result" in answer && !continueOnError) break;
  }
  return answers;
}

function perform(fake: FakePhotoshop, command: Command): object {
  const targets = command._target ?? [];
  const idOf = (ref: string): number | undefined => targets.find((target) => target._ref === ref)?._id;
  const isNote = targets[0]?._property === "generatorSettings";
  const document = fake.documents.find(({ id }) => id === (idOf("document") ?? fake.active?.id));
  if (document === undefined) return failure("The document does not exist.");
  const layer = allLayers(document.picture.layers).find(({ id }) => id === idOf("layer"));
  if (isNote && !KEY_OF_AN_OBJECT.test(String(command.property))) return failure("An object's key has letters, digits and underscores.");
  if (command._obj === "get" && isNote) {
    const json = layer?.notes.get(String(command.property));
    if (json !== undefined) return { generatorSettings: { _obj: "null", json } };
    if (fake.switches.missingNote === "rejects") throw new Error("The command “Get” is not currently available.");
    return fake.switches.missingNote === "error" ? failure("The property is missing.") : {};
  }
  fake.inModal(command._obj);
  if (command._obj === "set" && isNote) {
    if (layer === undefined) return failure("The layer does not exist.");
    layer.notes = new Map([...layer.notes, [String(command.property), String(command.to?.json)]]);
    fake.record(document, "Generator");
    return {};
  }
  if (command._obj === "select" && targets[0]?._ref === "layer") {
    if (layer === undefined) return failure("The layer does not exist.");
    if (document !== fake.active) return failure("The document is not in front.");
    document.picture.active = command.selectionModifier === undefined ? [layer.id] : [...document.picture.active, layer.id];
    return {};
  }
  if (command._obj === "make" && command.at?._value === "mask") return makeMask(fake, document, command.using?._value);
  if (command._obj === "delete" && targets[0]?._value === "mask") return dropMask(fake, document);
  return fake.violate(`command ${JSON.stringify(command)}`);
}

function dropMask(fake: FakePhotoshop, document: FakeDocument): object {
  const layer = allLayers(document.picture.layers).find(({ id }) => id === document.picture.active[0]);
  if (layer?.mask == null) return failure("The command Delete is not available.");
  layer.mask = null;
  fake.record(document, "Ebenenmaske löschen");
  return {};
}

function makeMask(fake: FakePhotoshop, document: FakeDocument, using: string | undefined): object {
  const layer = allLayers(document.picture.layers).find(({ id }) => id === document.picture.active[0]);
  if (layer === undefined || layer.mask !== null || layer.isBackground) return failure("The command Make is not available.");
  const { selection, depth } = document.picture;
  const empty = { region: { x: 0, y: 0, width: 0, height: 0 }, samples: new Uint8Array(0) };
  if (using === "hideAll") {
    if (fake.switches.hideAll === "fails") return failure("The command Make is not available.");
    layer.mask = { ...empty, outside: 0 };
  } else if (using === "revealSelection" && selection !== null) {
    layer.mask = { ...selection, outside: 0 };
    document.picture.selection = null;
  } else {
    return failure(`The command Make is not available (${String(using)}, ${depth}).`);
  }
  fake.record(document, "Ebenenmaske");
  return {};
}

function failure(message: string): object {
  return { _obj: "error", result: -25920, message };
}
