/** Between a document's samples and the contract's messages: the recipe of a wish, the rasters that come back. Pure. */

import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import type { PlanEditRequestSchema } from "../gen/inlay/v1/inlay_pb";
import { type ResultMemory, ResultMemorySchema } from "../gen/inlay/v1/memory_pb";
import { ChannelOrder, type Raster, RasterSchema, RectSchema, SampleType } from "../gen/inlay/v1/raster_pb";
import { type Canvas, type Patch, type Recipe, RecipeSchema, type Sampling, type Where, type Words } from "../gen/inlay/v1/recipe_pb";
import { type Value, ValueSchema } from "../gen/inlay/v1/value_pb";
import { samplesOf, whiteOf } from "../host/capture";
import { CannotEdit, type ColorMode, type Facts, type Mask, type Pixels, type Rect, type Result, type Samples } from "../host/host";
import { type FieldValue, numberIn, referencesIn, textIn, type Wish } from "../wish";
import { say } from "../words";
import { KnownTrouble } from "./trouble";

/** The role of a reference that no model is shown: the server takes its colours. */
const PALETTE = "palette";
/** What Photoshop has of the channels' orders. */
const LAYOUTS: readonly { readonly order: ChannelOrder; readonly channels: number; readonly mode: ColorMode }[] = [
  { order: ChannelOrder.Y, channels: 1, mode: "Gray" },
  { order: ChannelOrder.YA, channels: 2, mode: "Gray" },
  { order: ChannelOrder.RGB, channels: 3, mode: "RGB" },
  { order: ChannelOrder.RGBA, channels: 4, mode: "RGB" },
  { order: ChannelOrder.LAB, channels: 3, mode: "Lab" },
  { order: ChannelOrder.LABA, channels: 4, mode: "Lab" },
];
const LIKES: Partial<Record<SampleType, Samples>> = {
  [SampleType.U8]: new Uint8Array(),
  [SampleType.U16]: new Uint16Array(),
  [SampleType.F32]: new Float32Array(),
};

type With<T, Part extends keyof T> = T & { readonly [part in Part]-?: NonNullable<T[part]> };

/** A Recipe whose parts are all there. */
export interface WholeRecipe extends Recipe {
  readonly canvas: With<Canvas, "document" | "window" | "source">;
  readonly where: With<Where, "region" | "mask">;
  readonly words: Words;
  readonly sampling: Sampling;
}

/** What a result's layer remembers, all of it there. */
export type Remembered = ResultMemory & { readonly recipe: WholeRecipe; readonly patch: With<Patch, "bounds" | "pixels" | "mask"> };

/** The recipe that the server speaks of. Throws Trouble. */
export function wholeOf(recipe: Recipe | undefined): WholeRecipe {
  const { canvas, where, words, sampling } = recipe ?? {};
  if ([canvas?.document, canvas?.window, canvas?.source, where?.region, where?.mask, words, sampling].every(Boolean)) return recipe as WholeRecipe;
  throw new KnownTrouble("internal", "lacks", { what: "recipe" });
}

/** A mask's samples outlive the server's store up to here; larger ones would make the note on a layer too long. */
const MAX_MASK_BYTES = 4 * 1024;

/** What a layer remembers, as text. */
export function packed(memory: ResultMemory): string {
  const maskSamples = memory.maskSamples.length > MAX_MASK_BYTES ? new Uint8Array() : memory.maskSamples;
  return base64Encode(toBinary(ResultMemorySchema, { ...memory, maskSamples }));
}

/** What a layer remembers; null where it is damaged. */
export function unpacked(text: string): Remembered | null {
  try {
    const memory = fromBinary(ResultMemorySchema, base64Decode(text));
    wholeOf(memory.recipe);
    return memory.patch?.bounds && memory.patch.pixels && memory.patch.mask ? (memory as Remembered) : null;
  } catch {
    return null;
  }
}

/** What a result's variation that shows remembers, or else its first one. */
export function memoryOf({ variations }: Pick<Result, "variations">): Remembered | null {
  const shown = variations.find(({ visible }) => visible) ?? variations[0];
  return shown ? unpacked(shown.memory) : null;
}

/** What decides the plan of a wish for a region of a canvas. */
export function planOf(wish: Wish, { width, height }: Pick<Facts, "width" | "height">, region: Rect, locale: string): MessageInitShape<typeof PlanEditRequestSchema> {
  return {
    document: { width, height },
    region: rectOf(region),
    verb: wish.form.id,
    tier: textIn(wish, "sampling.tier"),
    model: textIn(wish, "sampling.model"),
    growPx: numberIn(wish, "where.grow_px"),
    featherPx: numberIn(wish, "where.feather_px"),
    count: numberIn(wish, "sampling.count", 1),
    prompted: textIn(wish, "words.prompt") !== "",
    style: textIn(wish, "sampling.style"),
    words: {
      prompt: textIn(wish, "words.prompt"),
      negativePrompt: textIn(wish, "words.negative_prompt"),
      targetColor: textIn(wish, "words.target_color"),
      raw: wish.values["words.raw"] === true,
    },
    locale,
    references: referencesIn(wish).filter(({ role }) => role !== PALETTE).map((one) => ({ width: one.width, height: one.height })),
  };
}

/** The contract's Recipe of a wish, without the pixels that it is about. */
export function recipeOf(wish: Wish, { width, height }: Facts, mask: Mask, maskBlob: string): WholeRecipe {
  const recipe = create(RecipeSchema, {
    verb: wish.form.id,
    canvas: { document: { width, height }, window: {}, source: {} },
    where: { region: create(RectSchema, rectOf(mask.region)), mask: rasterOf(mask.samples, mask.region, ChannelOrder.Y, "", maskBlob) },
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
    const kind = { number: "number", string: "text", boolean: "flag" }[typeof value as "number" | "string" | "boolean"];
    recipe.options[name] = create(ValueSchema, { kind: { case: kind, value } as Value["kind"] });
    return;
  }
  const partField = RecipeSchema.fields.find((field) => field.name === part && field.fieldKind === "message");
  const message = partField && (reflect(RecipeSchema, recipe).get(partField) as ReflectMessage);
  const field = message?.fields.find((known) => known.name === name);
  if (!message || !field) throw new CannotEdit(say("plan.unknown_field", { path }));
  message.set(field, value);
}

/** The contract's Raster of samples that the server knows by `blob`. */
export function rasterOf(samples: Samples, { width, height }: Rect, order: ChannelOrder, profile: string, blob: string): Raster {
  const sampleType = samples instanceof Uint8Array ? SampleType.U8 : samples instanceof Uint16Array ? SampleType.U16 : SampleType.F32;
  return create(RasterSchema, { width, height, order, sampleType, whiteLevel: whiteOf(samples), profile, blob });
}

/** The order of `channels` interleaved channels of a document in `mode`. */
export function orderOf(mode: ColorMode, channels: number): ChannelOrder {
  return LAYOUTS.find((layout) => layout.mode === mode && layout.channels === channels)?.order ?? ChannelOrder.UNSPECIFIED;
}

/** The contract's Raster of a document's pixels. */
export function pictureOf({ rect, channels, samples }: Pixels, { mode, profile }: Pick<Facts, "mode" | "profile">, blob: string): Raster {
  return rasterOf(samples, rect, orderOf(mode, channels), profile, blob);
}

/** The pixels of a raster that lies at a place. Throws Trouble for what Photoshop has not. */
export function pixelsOf({ width, height, order, sampleType }: Raster, place: { readonly x: number; readonly y: number }, bytes: Uint8Array): Pixels {
  const channels = LAYOUTS.find((layout) => layout.order === order)?.channels;
  const like = LIKES[sampleType];
  if (!channels || !like) throw new KnownTrouble("data_loss", "lacks", { what: "raster.order" });
  return { rect: { x: place.x, y: place.y, width, height }, channels, samples: samplesOf(bytes, like) };
}

/** A mask of the contract, from its samples. */
export function maskOf(raster: Raster, place: Rect, bytes: Uint8Array): Mask {
  const { rect, samples } = pixelsOf(raster, place, bytes);
  return { region: rect, samples };
}

/** Why a document with these facts does not take what the recipe makes; empty where it does. */
export function misfitOf({ canvas: { document, source } }: WholeRecipe, facts: Facts): string {
  if (source.sampleType === SampleType.U16 && source.whiteLevel !== whiteOf(new Uint16Array())) {
    return say("changed.outside");
  }
  const depth = (LIKES[source.sampleType]?.BYTES_PER_ELEMENT ?? 0) * 8;
  const compared: readonly (readonly [now: string, then: string])[] = [
    [`${facts.width} × ${facts.height} px`, `${document.width} × ${document.height} px`],
    [`${facts.depth} bit`, `${depth} bit`],
    [facts.mode, String(LAYOUTS.find(({ order }) => order === source.order)?.mode)],
    [`in ${facts.profile}`, `in ${source.profile}`],
  ];
  const other = compared.find(([now, then]) => now !== then);
  return other ? say("changed.other", { now: other[0], was: other[1] }) : "";
}

/** The contract's Rect without what makes it a message. */
export function rectOf({ x, y, width, height }: Rect): Rect {
  return { x, y, width, height };
}
