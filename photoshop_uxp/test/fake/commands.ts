/** The fake's batchPlay: the few commands that the plugin uses. */

import { type FakeDocument, type FakePhotoshop, SELECTION_EDGES } from "./photoshop";
import { kept } from "./xmp";
import { allLayers, alphaOf, canvasOf, type FakeLayer, isGroup, atDepth } from "./picture";
import { copyRect, tighten } from "../../src/host/capture";

interface Reference {
  readonly _ref?: string;
  readonly _id?: number;
  readonly _property?: string;
  readonly _value?: string;
}

export interface Command {
  readonly _obj: string;
  readonly _target?: readonly Reference[] | { readonly _ref: string | readonly Reference[] };
  readonly property?: string;
  readonly command?: string;
  readonly commandID?: number;
  readonly to?: { readonly _obj?: string; readonly json?: string; readonly _ref?: readonly Reference[]; readonly XMPMetadataAsUTF8?: unknown };
  readonly at?: { readonly _value?: string };
  readonly using?: { readonly _value?: string };
  readonly extendedReference?: readonly [readonly string[], { readonly index: number; readonly count: number }];
  readonly selectionModifier?: object;
  readonly artboardRect?: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
}

const KEY_OF_AN_OBJECT = /^[A-Za-z0-9_]+$/;

/** Errors of known commands come back as an answer, or are thrown; unknown commands are violations. The first that fails is the last. */
export function performAll(fake: FakePhotoshop, commands: readonly Command[], { continueOnError = false }: { continueOnError?: boolean } = {}): object[] {
  const answers: object[] = [];
  fake.calls++;
  for (const command of commands) {
    const answer = perform(fake, command);
    const isNote = targetsOf(command)[0]?._property === "generatorSettings";
    const hasFailed = "_obj" in answer && answer._obj === "error";
    if (hasFailed && !isNote && fake.switches.failedCommand === "rejects") throw new Error(`The command ${command._obj} is not available.`);
    answers.push(answer);
    if (hasFailed && !continueOnError) break;
  }
  return answers;
}

function targetsOf({ _target }: Command): readonly Reference[] {
  return _target === undefined ? [] : !("_ref" in _target) ? _target : typeof _target._ref === "string" ? [] : _target._ref;
}

function perform(fake: FakePhotoshop, command: Command): object {
  const targets = targetsOf(command);
  const [first] = targets;
  const idOf = (ref: string): number | undefined => targets.find((target) => target._ref === ref)?._id;
  const document = fake.documents.find(({ id }) => id === (idOf("document") ?? fake.active?.id));
  if (document === undefined) return failure("The document does not exist.");
  const layer = allLayers(document.picture.layers).find(({ id }) => id === idOf("layer"));
  if (first?._property === "generatorSettings") return note(fake, document, layer, command);
  if (first?._ref === "property" && first._property === "XMPMetadataAsUTF8") return metadata(fake, document, command);
  if (command._obj === "multiGet") return multiGet(fake, document, command);
  if (command._obj === "get" && first?._ref === "channel") return channelOf(document, first._value === "mask");
  if (command._obj === "get" && first?._property === "artboard") {
    if (layer?.board == null) return failure("The layer is no artboard.");
    const { x, y, width, height } = layer.board;
    return { artboard: { artboardRect: { left: x, top: y, right: x + width, bottom: y + height } } };
  }
  if (command._obj === "uiInfo" && command.command === "getCommandEnabled" && command.commandID === SELECTION_EDGES) {
    return fake.switches.selectionEdges === "untold" ? {} : { result: { enabled: document.picture.selection !== null, checked: fake.showsEdges(document) } };
  }
  fake.inModal(command._obj);
  if (command._obj === "select" && first?._ref === "layer") {
    if (layer === undefined) return failure("The layer does not exist.");
    if (document !== fake.active) return failure("The document is not in front.");
    document.picture.active = command.selectionModifier === undefined ? [layer.id] : [...document.picture.active, layer.id];
    document.picture.target = "pixels";
    return {};
  }
  if (command._obj === "selectNoLayers") {
    if (fake.switches.selectNone === "fails") return failure("The command Select is not available.");
    document.picture.active = [];
    document.picture.target = "pixels";
    return {};
  }
  if (command._obj === "select" && first?._value === "mask") {
    if (activeOf(document)?.mask == null) return failure("The command Select is not available.");
    document.picture.target = "mask";
    return {};
  }
  if (command._obj === "make" && first?._ref === "artboardSection" && command.artboardRect !== undefined) {
    const { left, top, right, bottom } = command.artboardRect;
    document.picture.active = [];
    fake.addLayer(document, "artboard", "Zeichenfläche 1", { board: { x: left, y: top, width: right - left, height: bottom - top } });
    return {};
  }
  if (command._obj === "set" && first?._property === "selection") return selectShape(fake, document, command);
  if (command._obj === "make" && command.at?._value === "mask") return makeMask(fake, document, command.using?._value);
  if (command._obj === "delete" && first?._value === "mask") return dropMask(fake, document);
  return fake.violate(`command ${JSON.stringify(command)}`);
}

function activeOf({ picture }: FakeDocument): FakeLayer | undefined {
  return allLayers(picture.layers).find(({ id }) => id === picture.active[0]);
}

function note(fake: FakePhotoshop, document: FakeDocument, layer: FakeLayer | undefined, { _obj, property, to }: Command): object {
  if (!KEY_OF_AN_OBJECT.test(String(property))) return failure("An object's key has letters, digits and underscores.");
  if (_obj === "get") {
    const json = layer?.notes.get(String(property));
    if (json !== undefined) return { generatorSettings: { _obj: "null", json } };
    if (fake.switches.missingNote === "rejects") throw new Error("The command “Get” is not currently available.");
    return fake.switches.missingNote === "error" ? failure("The property is missing.") : {};
  }
  fake.inModal(_obj);
  if (layer === undefined) return failure("The layer does not exist.");
  layer.notes = new Map([...layer.notes, [String(property), String(to?.json)]]);
  fake.record(document, "Generator");
  return {};
}

/** What the whole document says of itself. */
function metadata(fake: FakePhotoshop, document: FakeDocument, { _obj, _target, to }: Command): object {
  if (!Array.isArray(_target) || _target.length !== 2) return failure("The property belongs to a document.");
  if (fake.faults.has("metadata cannot be read")) return failure("The command Get is not available.");
  if (_obj === "get") return { XMPMetadataAsUTF8: document.picture.xmp };
  fake.inModal(_obj);
  const packet = to?._obj === "document" ? kept(to.XMPMetadataAsUTF8) : null;
  if (packet === null || fake.faults.has("metadata cannot be written")) return failure("The command Set is not available.");
  if (fake.faults.has("metadata are not written")) return {};
  document.picture.xmp = packet;
  if (fake.switches.xmpHistory === "with history") fake.record(document, "Dateiinformationen");
  return {};
}

/** Layers bottom to top without the Background, which is number 0; a group ends before it begins. */
function multiGet(fake: FakePhotoshop, { picture }: FakeDocument, { extendedReference }: Command): object {
  const [properties = [], range] = extendedReference ?? [];
  if (range?.index !== 1 || range.count !== -1) fake.violate(`multiGet of ${JSON.stringify(range)}`);
  const section = (value: string): object => ({ _enum: "layerSectionType", _value: `layerSection${value}` });
  const list = (layers: readonly FakeLayer[]): Record<string, unknown>[] =>
    [...layers].reverse().flatMap((layer) => {
      if (layer.isBackground) return [];
      const facts = { layerID: layer.id, name: layer.name, visible: layer.visible, hasUserMask: layer.mask !== null };
      if (!isGroup(layer)) return [{ ...facts, layerSection: section("Content") }];
      const end = { layerID: 100000 + layer.id, name: "</Layer group>", visible: true, hasUserMask: false, layerSection: section("End") };
      return [end, ...list(layer.layers), { ...facts, layerSection: section("Start") }];
    });
  const asked = (facts: Record<string, unknown>): object => Object.fromEntries(properties.map((name) => [name, facts[name]]));
  return { list: list(picture.layers).map(asked) };
}

function channelOf(document: FakeDocument, isMaskAsked: boolean): object {
  const layer = activeOf(document);
  const isMask = isMaskAsked || document.picture.target === "mask";
  if (isMask && layer?.mask == null) return failure("There is no such channel.");
  return isMask ? { _obj: "channel", channelName: `${layer?.name} Maske`, itemIndex: 4 } : { _obj: "channel", channelName: "RGB", itemIndex: 1 };
}

/** The selection becomes the transparency of a layer. */
function selectShape(fake: FakePhotoshop, document: FakeDocument, { to }: Command): object {
  const [channel, target] = to?._ref ?? [];
  const { picture } = document;
  const layer = allLayers(picture.layers).find(({ id }) => id === target?._id);
  if (channel?._value !== "transparencyEnum" || layer?.pixels == null) return failure("The command Set is not available.");
  const samples = alphaOf(copyRect(layer.pixels, canvasOf(picture)));
  const depth = fake.switches.maskDepth === "8" ? 8 : picture.depth;
  picture.selection = tighten({ region: canvasOf(picture), samples: atDepth(samples, depth) });
  fake.record(document, "Auswahl laden");
  return {};
}

function dropMask(fake: FakePhotoshop, document: FakeDocument): object {
  const layer = activeOf(document);
  if (layer?.mask == null) return failure("The command Delete is not available.");
  layer.mask = null;
  document.picture.target = "pixels";
  fake.record(document, "Ebenenmaske löschen");
  return {};
}

function makeMask(fake: FakePhotoshop, document: FakeDocument, using: string | undefined): object {
  const layer = activeOf(document);
  if (layer === undefined || layer.mask !== null || layer.isBackground) return failure("The command Make is not available.");
  const { selection, depth } = document.picture;
  const empty = { region: { x: 0, y: 0, width: 0, height: 0 }, samples: new Uint8Array(0) };
  if (using === "hideAll") {
    layer.mask = { ...empty, outside: 0 };
  } else if (using === "revealAll") {
    layer.mask = { ...empty, outside: 255 };
  } else if (using === "revealSelection" && selection !== null) {
    layer.mask = { ...selection, outside: 0 };
    document.picture.selection = null;
  } else {
    return failure(`The command Make is not available (${String(using)}, ${depth}).`);
  }
  document.picture.target = "mask";
  fake.record(document, "Ebenenmaske");
  return {};
}

function failure(message: string): object {
  return { _obj: "error", result: -25920, message };
}
