/** A picture's formats: where they lie on it, and the recipe that paints what they show beyond it. */

import { create } from "@bufbuild/protobuf";
import { insist } from "./client/follow";
import { recipeOf, rectOf, type WholeRecipe } from "./client/messages";
import { type VerbForm, VerbFormSchema } from "./gen/inlay/v1/verbs_pb";
import type { DocumentHandle, Mask, Rect } from "./host/host";
import type { InlayServer } from "./server";
import { PLAIN } from "./wish";
import { say } from "./words";

/** A column of a table of variations. */
export interface Format {
  /** For people. */
  readonly title: string;
  /** Its canvas in px of the picture; null: the picture as it is. */
  readonly crop: Rect | null;
  /** Its size, and what a person should know. */
  readonly told: string;
}

const ATTEMPTS = 5;

type Server = Pick<InlayServer, "calls" | "locale" | "view" | "host">;

/** The column that is no format. */
export function here(): Format {
  return { title: say("many.here"), crop: null, told: "" };
}

/** The formats of the platforms, as they show a region of a picture. */
export async function formatsOf({ calls, locale, host }: Server, document: DocumentHandle, region: Rect): Promise<readonly Format[]> {
  const { width, height } = host.facts(document);
  const asked = { document: { width, height }, focus: rectOf(region), locale };
  const { formats } = await insist(calls, () => calls.call("frameFormats", asked), undefined, undefined, ATTEMPTS);
  const found = formats.map(({ title, crop, flags }) => ({ title, crop: crop ? rectOf(crop) : null, told: [`${crop?.width ?? 0} × ${crop?.height ?? 0} px`, ...flags].join("\n") }));
  return found.filter(({ crop }) => crop !== null);
}

/** The recipe that paints what a mask leaves open on a canvas, at the tier and in the style of another. */
export function expansion({ view, host }: Server, document: DocumentHandle, { sampling: { tier, style } }: WholeRecipe, mask: Mask): { readonly title: string; readonly recipe: WholeRecipe } {
  const form: VerbForm = view.description?.verbs.find(({ id }) => id === EXPAND) ?? create(VerbFormSchema, { id: EXPAND, title: EXPAND });
  const initial = form.fields.flatMap(({ path, initial: begun }) => (begun?.kind.value === undefined ? [] : [[path, begun.kind.value] as const]));
  const values = { ...Object.fromEntries(initial), "sampling.seed": 0, "sampling.tier": tier, "sampling.style": style };
  return { title: form.title, recipe: recipeOf({ ...PLAIN, form, values }, host.facts(document), mask, "") };
}

const EXPAND = "expand";
