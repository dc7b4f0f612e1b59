/** What a retoucher asks for: a verb's form, filled in. The forms are the server's, so a new verb changes nothing here. */

import { FieldKind, Needs, type Field, type VerbForm } from "./gen/inlay/v1/verbs_pb";

/** What was entered into a field; a layer by its number in the document. */
export type FieldValue = number | string | boolean;

export interface Wish {
  readonly form: VerbForm;
  /** By the field's path in the recipe. */
  readonly values: Readonly<Record<string, FieldValue>>;
  /** Whether earlier results of the same region are part of what the server sees, instead of what lies below them. */
  readonly buildOn: boolean;
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

const MAX_NAME = 60;

/** What a result is named: its words, or else the verb, and its colour where it has one. */
export function nameOf({ form, values }: Pick<Wish, "form" | "values">): string {
  const words = textIn({ values }, "words.prompt").split(/\s+/).filter(Boolean).join(" ");
  if (words === "") return `${form.title} ${textIn({ values }, "words.target_color")}`.trim();
  return words.length <= MAX_NAME ? words : `${words.slice(0, MAX_NAME - 1)}…`;
}
