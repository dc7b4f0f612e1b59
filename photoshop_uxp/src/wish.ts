/** What a retoucher asks for: a verb's form, filled in. The forms are the server's, so a new verb changes nothing here. */

import { FieldKind, Needs, type Field, type VerbForm } from "./gen/inlay/v1/verbs_pb";
import type { Lands, Reads } from "./host/host";

/** How a result comes into its document. */
export interface Landing {
  readonly reads: Reads;
  readonly lands: Lands;
  /** Places it as soon as it is there; else when it is told to. */
  readonly isAtOnce: boolean;
  /** Whether earlier results of the same region are part of what the server sees, and stay. */
  readonly buildsOn: boolean;
}

/** As the panel begins. */
export const PLAIN: Landing = { reads: "picture", lands: "top", isAtOnce: true, buildsOn: false };

/** What was entered into a field; a layer by its number in the document. */
export type FieldValue = number | string | boolean;

export interface Wish extends Landing {
  readonly form: VerbForm;
  /** By the field's path in the recipe. */
  readonly values: Readonly<Record<string, FieldValue>>;
}

export function textIn({ values }: Pick<Wish, "values">, path: string): string {
  return String(values[path] ?? "");
}

export function numberIn({ values }: Pick<Wish, "values">, path: string, otherwise = 0): number {
  const value = values[path];
  return typeof value === "number" ? value : otherwise;
}

/** What keeps a form from being run, in the server's words; empty: nothing. */
export function lackOf({ form, values }: Wish): string {
  return form.unable || (form.fields.find((field) => field.required && isEmpty(field, values[field.path]))?.lack ?? "");
}

function isEmpty({ kind }: Field, value: FieldValue | undefined): boolean {
  return value === undefined || value === "" || (kind === FieldKind.LAYER && value === 0);
}

/** Whether a verb can do without a selection: then it means the whole picture. */
export function meansAll({ needs }: VerbForm): boolean {
  return needs === Needs.LAYER || needs === Needs.NOTHING;
}
