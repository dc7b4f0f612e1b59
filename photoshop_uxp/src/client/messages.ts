/** The contract's enums by the names that the forms have for them. */

import { Tier, Verb } from "../gen/inlay/v1/recipe_pb";

export function verbNumberOf(id: string): Verb {
  return Verb[id.toUpperCase() as keyof typeof Verb] ?? Verb.UNSPECIFIED;
}

export function verbOf(number: Verb): string {
  return (Verb[number] ?? "").toLowerCase();
}

export function tierNumberOf(id: string): Tier {
  return Tier[id.toUpperCase() as keyof typeof Tier] ?? Tier.UNSPECIFIED;
}
