/** Between a document's samples and the contract's messages: the Recipe of a wish, and the patches that come back. Pure. */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { Trouble } from "./client/trouble";
import { ChannelOrder, type Raster, RasterSchema, RectSchema, SampleType, SizeSchema } from "./gen/inlay/v1/raster_pb";
import { type Canvas, type Patch, type Recipe, RecipeSchema, type Sampling, type Variation, type Where, type Words } from "./gen/inlay/v1/recipe_pb";
import { type Value, ValueSchema } from "./gen/inlay/v1/value_pb";
import { type Order, orderOf, samplesOf, whiteOf } from "./host/capture";
import { CannotEdit, type ColorMode, type Depth, type Facts, type Mask, type Pixels, type Rect, type Samples } from "./host/host";
import type { VerbForm } from "./gen/inlay/v1/verbs_pb";
import { type FieldValue, nameOf, type Wish } from "./wish";

const CHANNELS: Partial<Record<ChannelOrder, number>> = {
  [ChannelOrder.Y]: 1,
  [ChannelOrder.YA]: 2,
  [ChannelOrder.RGB]: 3,
  [ChannelOrder.RGBA]: 4,
  [ChannelOrder.LAB]: 3,
  [ChannelOrder.LABA]: 4,
};
const MODES: Partial<Record<ChannelOrder, ColorMode>> = {
  [ChannelOrder.Y]: "Gray",
  [ChannelOrder.YA]: "Gray",
  [ChannelOrder.RGB]: "RGB",
  [ChannelOrder.RGBA]: "RGB",
  [ChannelOrder.LAB]: "Lab",
  [ChannelOrder.LABA]: "Lab",
};
const DEPTHS: Partial<Record<SampleType, Depth>> = { [SampleType.U8]: 8, [SampleType.U16]: 16, [SampleType.F32]: 32 };

type With<T, Part extends keyof T> = T & { readonly [part in Part]-?: NonNullable<T[part]> };

/** A Recipe whose parts are all there. */
export interface WholeRecipe extends Recipe {
  readonly canvas: With<Canvas, "document" | "window" | "source">;
  readonly where: With<Where, "region" | "mask">;
  readonly words: Words;
  readonly sampling: Sampling;
}

/** The role of the pixels that a recipe finishes. */
export const DRAFT = "draft";

/** The pixels that a recipe finishes. */
export function draftOf({ inputs }: Recipe): Raster | undefined {
  return inputs.find(({ role }) => role === DRAFT)?.raster;
}

/** What a variation shows in its region; undefined where it is no patch. */
export function patchOf(variation: Variation | undefined): Patch | undefined {
  return variation?.result.case === "patch" ? variation.result.value : undefined;
}

function isWhole(recipe: Recipe | undefined): recipe is WholeRecipe {
  const { canvas, where, words, sampling } = recipe ?? {};
  return [canvas?.document, canvas?.window, canvas?.source, where?.region, where?.mask, words, sampling].every(Boolean);
}

/** The contract's Recipe for a captured window and mask, whose blobs the server knows by these names. Layers are inputs (see inputOf). */
export function recipeOf(wish: Wish, facts: Facts, source: Pixels, sourceBlob: string, mask: Mask, maskBlob: string): WholeRecipe {
  const order = ChannelOrder[orderOf(facts.mode, source.channels)];
  const recipe = create(RecipeSchema, {
    verb: wish.form.id,
    canvas: {
      document: create(SizeSchema, { width: facts.width, height: facts.height }),
      window: create(RectSchema, source.rect),
      source: rasterOf(source.samples, source.rect, order, facts.profile, sourceBlob),
    },
    where: { region: create(RectSchema, mask.region), mask: rasterOf(mask.samples, mask.region, ChannelOrder.Y, "", maskBlob) },
    words: {},
    sampling: {},
  });
  Object.entries(wish.values).forEach(([path, value]) => enter(recipe, path, value));
  return recipe as WholeRecipe;
}

/** Puts what was entered where its path says: `PART.NAME`, or `options.NAME`. Throws CannotEdit for a place that this contract lacks. */
function enter(recipe: Recipe, path: string, value: FieldValue): void {
  const [part = "", name = ""] = path.split(".");
  if (part === "inputs" || value === "") return;
  if (part === "options") {
    recipe.options[name] = create(ValueSchema, { kind: { case: kindOf(value), value } as Value["kind"] });
    return;
  }
  const partField = RecipeSchema.fields.find((field) => field.name === part && field.fieldKind === "message");
  const message = partField && (reflect(RecipeSchema, recipe).get(partField) as ReflectMessage);
  const field = message?.fields.find((known) => known.name === name);
  if (!message || !field) throw new CannotEdit(`The server asks for “${path}”, which this plugin does not know. Update the plugin.`);
  message.set(field, value);
}

function kindOf(value: FieldValue): "number" | "text" | "flag" {
  return ({ number: "number", string: "text", boolean: "flag" } as const)[typeof value as "number" | "string" | "boolean"];
}

/** The contract's number of an order. */
export function orderNumberOf(order: Order): ChannelOrder {
  return ChannelOrder[order];
}

/** The contract's Raster of samples that the server knows by `blob`. */
export function rasterOf(samples: Samples, { width, height }: Rect, order: ChannelOrder, profile: string, blob: string): Raster {
  const sampleType = samples instanceof Uint8Array ? SampleType.U8 : samples instanceof Uint16Array ? SampleType.U16 : SampleType.F32;
  return create(RasterSchema, { width, height, order, sampleType, whiteLevel: whiteOf(samples), profile, blob });
}

/** What a layer remembers of a recipe. */
export function packed(recipe: Recipe): string {
  return base64Encode(toBinary(RecipeSchema, recipe));
}

/** The recipe that a layer remembers. Throws CannotEdit where it is damaged. */
export function unpacked(memory: string): WholeRecipe {
  let recipe: Recipe | undefined;
  try {
    recipe = fromBinary(RecipeSchema, base64Decode(memory));
  } catch {
    recipe = undefined;
  }
  if (!isWhole(recipe)) throw new CannotEdit("The result's recipe is damaged. Select the region and run the edit anew.");
  return recipe;
}

/** The recipe that a layer remembers; null where it is damaged. */
export function readable(memory: string): WholeRecipe | null {
  try {
    return unpacked(memory);
  } catch {
    return null; // Nobody can tell what it is, so it stays.
  }
}

/** The recipe of a job at the server. Throws Trouble. */
export function submitted(recipe: Recipe | undefined): WholeRecipe {
  if (!isWhole(recipe)) throw new Trouble("internal", "The server lists an edit and does not say what it was.", "Run the edit again.");
  return recipe;
}

/** Why a document with these facts does not take what the recipe makes; empty where it does. */
export function misfitOf({ canvas: { document, source } }: WholeRecipe, facts: Facts): string {
  if (source.sampleType === SampleType.U16 && source.whiteLevel !== whiteOf(new Uint16Array())) {
    return "This result was made outside Photoshop, from samples of 16 bit as files hold them.";
  }
  const compared: readonly (readonly [now: string, then: string])[] = [
    [`${facts.width} × ${facts.height} px`, `${document.width} × ${document.height} px`],
    [`${facts.depth} bit`, `${DEPTHS[source.sampleType]} bit`],
    [facts.mode, String(modeOf(source))],
    [`in ${facts.profile}`, `in ${source.profile}`],
  ];
  const other = compared.find(([now, then]) => now !== then);
  return other ? `The document is ${other[0]} now and was ${other[1]} when the edit began.` : "";
}

/** The colour mode of a raster's samples. */
export function modeOf({ order }: Raster): ColorMode | undefined {
  return MODES[order];
}

/** What the result of a job is named. */
export function nameOfRecipe(recipe: Recipe | undefined, forms: readonly VerbForm[]): string {
  const { verb: id = "", words } = recipe ?? {};
  const form = forms.find((known) => known.id === id) ?? ({ title: id || "Inlay" } as VerbForm);
  return nameOf({ form, values: { "words.prompt": words?.prompt ?? "", "words.target_color": words?.targetColor ?? "" } });
}

/** A variation as a layer, from its pixels. */
export function layerOf(variation: Variation, bytes: Uint8Array): { name: string; pixels: Pixels; receipt: string } {
  const { index, seed, receiptJson } = variation;
  const { pixels, bounds } = patchOf(variation) ?? {};
  const channels = pixels && CHANNELS[pixels.order];
  if (!bounds || !channels) throw new Trouble("data_loss", "A variation came without pixels that Photoshop has.", "Run the edit again.");
  const samples = samplesFor(bytes, pixels);
  return { name: `Variation ${index + 1} (seed ${seed})`, pixels: { rect: rectOf(bounds), channels, samples }, receipt: receiptJson };
}

/** A mask of the contract, from its samples. */
export function maskOf(raster: Raster, region: Rect, bytes: Uint8Array): Mask {
  return { region: rectOf(region), samples: samplesFor(bytes, raster) };
}

function samplesFor(bytes: Uint8Array, { sampleType }: Raster): Samples {
  const likes = { 8: new Uint8Array(), 16: new Uint16Array(), 32: new Float32Array() };
  const depth = DEPTHS[sampleType];
  if (!depth) throw new Trouble("data_loss", "A result has samples that Photoshop does not have.", "Run the edit again.");
  return samplesOf(bytes, likes[depth]);
}

/** The contract's Rect without what makes it a message. */
export function rectOf({ x, y, width, height }: Rect): Rect {
  return { x, y, width, height };
}
