/** A small edit that any server takes: 16-bit pixels, a mask, and the recipe that names them. */

import { create } from "@bufbuild/protobuf";
import { ChannelOrder, RasterSchema, RectSchema, SampleType, SizeSchema } from "../../src/gen/inlay/v1/raster_pb";
import { CanvasSchema, type Recipe, RecipeSchema, SamplingSchema, WhereSchema, WordsSchema } from "../../src/gen/inlay/v1/recipe_pb";

const WINDOW = { x: 10, y: 20, width: 96, height: 64 };
const REGION = { x: 40, y: 40, width: 32, height: 24 };

/** Bytes that no other test's are, unless it gives the same seed. */
export function noise(length: number, seed: number): Uint8Array {
  let state = seed * 2654435761 + 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** The window's samples: RGB, 16 bit. */
export function pixels(seed = 1): Uint8Array {
  const samples = noise(WINDOW.width * WINDOW.height * 6, seed);
  return samples.map((byte, at) => (at % 2 === 1 ? byte & 0x7f : byte)); // At most 32767, below white.
}

export function mask(): Uint8Array {
  return new Uint8Array(REGION.width * REGION.height).fill(255);
}

/** An erase in Photoshop's 16 bit. `prompt`: "slow" keeps the test painter busy for twenty seconds. */
export function recipeOf(sourceBlob: string, maskBlob: string, prompt = "", count = 2): Recipe {
  const raster = { whiteLevel: 32768, sampleType: SampleType.U16, profile: "sRGB IEC61966-2.1" };
  return create(RecipeSchema, {
    verb: "fill",
    canvas: create(CanvasSchema, {
      document: create(SizeSchema, { width: 200, height: 120 }),
      window: create(RectSchema, WINDOW),
      source: create(RasterSchema, { ...raster, width: 96, height: 64, order: ChannelOrder.RGB, blob: sourceBlob }),
    }),
    where: create(WhereSchema, {
      region: create(RectSchema, REGION),
      mask: create(RasterSchema, {
        width: 32,
        height: 24,
        order: ChannelOrder.Y,
        sampleType: SampleType.U8,
        whiteLevel: 255,
        blob: maskBlob,
      }),
    }),
    words: create(WordsSchema, { prompt }),
    sampling: create(SamplingSchema, { seed: 7, count, tier: "draft", strength: 1 }),
  });
}
