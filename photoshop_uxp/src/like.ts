/** A result's recipe, for an edit like it: what of it goes along, and how a plan is asked for by it. */

import { clone, create, type MessageInitShape } from "@bufbuild/protobuf";
import { rectOf, type Remembered, type WholeRecipe } from "./client/messages";
import type { PlanEditRequestSchema } from "./gen/inlay/v1/inlay_pb";
import { RectSchema } from "./gen/inlay/v1/raster_pb";
import { RecipeSchema } from "./gen/inlay/v1/recipe_pb";
import { CannotEdit, type Facts, type Rect } from "./host/host";
import { say } from "./words";

export const PROMPT = "words.prompt";
export const COLOR = "words.target_color";
/** What may be another from cell to cell. */
export type Changed = typeof PROMPT | typeof COLOR;

const DRAFT = "draft";
const PALETTE = "palette";

/** One variation's recipe with its own seed, by the model that painted it; all else is to be resolved anew. */
export function alone({ recipe, variation }: Pick<Remembered, "recipe" | "variation">): WholeRecipe {
  const made = clone(RecipeSchema, recipe) as WholeRecipe;
  const { sampling } = made;
  Object.assign(sampling, { seed: (sampling.seed + variation) % 2 ** 32, count: 1, model: sampling.resolved?.model ?? sampling.model });
  delete sampling.resolved;
  return made;
}

/** The same with one thing another. */
export function changed(recipe: WholeRecipe, path: Changed, value: string): WholeRecipe {
  const made = clone(RecipeSchema, recipe) as WholeRecipe;
  Object.assign(made.words, path === PROMPT ? { prompt: value } : { targetColor: value });
  return made;
}

/**
 * What of a recipe holds in another document. `moved`: the other one is the same picture, which lies so much further right and down there; without
 * it, throws CannotEdit where the recipe is held to a layer of its own document.
 */
export function elsewhere(recipe: WholeRecipe, moved: Pick<Rect, "x" | "y"> | null = null): WholeRecipe {
  const made = clone(RecipeSchema, recipe) as WholeRecipe;
  made.inputs = made.inputs.filter(({ role }) => role !== DRAFT);
  for (const { place } of made.inputs) {
    if (place === undefined) continue;
    if (moved === null) throw new CannotEdit(say("many.own_layers"));
    Object.assign(place, { x: place.x + moved.x, y: place.y + moved.y });
  }
  return made;
}

/** What decides its plan for a region of a canvas. */
export function planOfRecipe({ verb, where, words, sampling, inputs }: WholeRecipe, { width, height }: Pick<Facts, "width" | "height">, region: Rect, locale: string): MessageInitShape<typeof PlanEditRequestSchema> {
  const shown = inputs.filter(({ role, raster }) => raster !== undefined && role !== PALETTE);
  return {
    document: { width, height },
    region: create(RectSchema, rectOf(region)),
    verb,
    tier: sampling.tier,
    model: sampling.model,
    growPx: where.growPx,
    featherPx: where.featherPx,
    count: sampling.count,
    prompted: words.prompt !== "",
    style: sampling.style,
    words,
    locale,
    references: shown.map(({ raster }) => ({ width: raster?.width ?? 0, height: raster?.height ?? 0 })),
  };
}
