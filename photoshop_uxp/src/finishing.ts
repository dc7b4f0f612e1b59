/** From an approved draft to the finished picture: the variation's own recipe at the final tier, built on what it shows. */

import { clone, create } from "@bufbuild/protobuf";
import type { Stop } from "./client/pause";
import type { Line } from "./client/line";
import type { Model } from "./gen/inlay/v1/inlay_pb";
import { type Raster, RasterSchema } from "./gen/inlay/v1/raster_pb";
import { InputSchema, RecipeSchema } from "./gen/inlay/v1/recipe_pb";
import { bytesOf, copyRect, opaqueOf, orderOf } from "./host/capture";
import { CannotEdit, type Host, type Result } from "./host/host";
import { DRAFT, orderNumberOf, patchOf, rasterOf, readable, rectOf, type WholeRecipe } from "./recipe";

/** What a variation shows over its patch, and the seed that it was drawn with. */
export interface Approved {
  readonly seed: number;
  readonly raster: Raster;
  readonly bytes: Uint8Array;
}

/** Whether the visible variation is a draft, below the final tier, of a model that can finish it. */
export function canFinish(result: Result, models: readonly Model[]): boolean {
  const recipe = readable(result.memory.recipe);
  return recipe !== null && recipe.sampling.tier !== "final" && models.some(({ id, promotes }) => promotes && id === madeBy(result)?.engine);
}

/** Reads the visible variation. Throws CannotEdit, Trouble and what the host throws. */
export async function approvedOf(line: Line, host: Host, result: Result, recipe: WholeRecipe, signal: Stop): Promise<Approved> {
  const shown = result.variations.find(({ visible }) => visible);
  if (!shown) {
    throw new CannotEdit("No variation is visible. Show the one to finish.");
  }
  const made = madeBy(result);
  if (!made) {
    throw new CannotEdit("The variation does not remember its seed. Select the region and run the edit anew.");
  }
  let patch = null;
  for await (const { happening: event } of line.events(result.memory.jobId, 0, signal)) {
    if (event.case === "variation") {
      patch ??= patchOf(event.value.variation)?.bounds ?? null;
    }
  }
  if (!patch) {
    throw new CannotEdit("The server has forgotten this result's patch. Select the region and run the edit anew.");
  }
  const { mode } = host.facts(result.document);
  const read = copyRect(await host.readLayer(result.document, shown.layer, rectOf(patch)), rectOf(patch));
  const isLaidOutAsSource = orderNumberOf(orderOf(mode, read.channels)) === recipe.canvas.source.order;
  const pixels = isLaidOutAsSource ? read : opaqueOf(read, mode); // Then untouched pixels have the name that the server gave them.
  const order = orderNumberOf(orderOf(mode, pixels.channels));
  return {
    seed: made.seed,
    raster: rasterOf(pixels.samples, pixels.rect, order, recipe.canvas.source.profile, ""),
    bytes: bytesOf(pixels.samples),
  };
}

/** The recipe that finishes it: everything is kept but the tier. */
export function finalOf(recipe: WholeRecipe, { seed, raster }: Approved, blob: string): WholeRecipe {
  const final = clone(RecipeSchema, recipe) as WholeRecipe;
  const shown = Object.assign(clone(RasterSchema, raster), { blob });
  final.inputs = [create(InputSchema, { role: DRAFT, raster: shown })];
  Object.assign(final.sampling, { tier: "final", seed, count: 1, resolved: undefined });
  return final;
}

/** What the visible variation's receipt tells of how it was made; null where it tells nothing. */
function madeBy(result: Result): { readonly engine: string; readonly seed: number } | null {
  const receipt = result.variations.find(({ visible }) => visible)?.receipt ?? "";
  try {
    const { engine, recipe } = JSON.parse(receipt) as { engine?: unknown; recipe?: { sampling?: { seed?: unknown } } };
    const seed = recipe?.sampling?.seed;
    return typeof engine === "string" && typeof seed === "number" ? { engine, seed } : null;
  } catch {
    return null;
  }
}
