/** The contract's enums by the words that the panel has for them. */

import { Tier as TierNumber, Verb as VerbNumber } from "../gen/inlay/v1/recipe_pb";
import { type Tier, TIERS, type Verb, VERBS } from "../ui/model";

export const VERB_NUMBERS: Readonly<Record<Verb, VerbNumber>> = {
  erase: VerbNumber.ERASE,
  fill: VerbNumber.FILL,
  generate: VerbNumber.GENERATE,
  refine: VerbNumber.REFINE,
  instruct: VerbNumber.INSTRUCT,
  recolor: VerbNumber.RECOLOR,
  replace_background: VerbNumber.REPLACE_BACKGROUND,
  expand: VerbNumber.EXPAND,
};

export const TIER_NUMBERS: Readonly<Record<Tier, TierNumber>> = {
  draft: TierNumber.DRAFT,
  standard: TierNumber.STANDARD,
  final: TierNumber.FINAL,
};

/** The panel's word for a verb of the contract; undefined: the panel does not have it. */
export function verbOf(number: VerbNumber): Verb | undefined {
  return VERBS.find((verb) => VERB_NUMBERS[verb] === number);
}

/** The panel's word for a tier; an unset one is standard, as the contract has it. */
export function tierOf(number: TierNumber): Tier {
  return TIERS.find((tier) => TIER_NUMBERS[tier] === number) ?? "standard";
}
