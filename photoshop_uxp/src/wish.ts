/** What a retoucher asks for: a verb's form, filled in. The forms are the server's, so a new verb changes nothing here. */

import { FieldKind, Needs, type Field, type VerbForm } from "./gen/inlay/v1/verbs_pb";
import type { Lands, Reads, Rect } from "./host/host";

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

/** What comes along, from wherever. */
export interface Brought {
  /** Its number in the document, read when a run begins; 0: it is no layer. */
  readonly layer: number;
  /** The contract's Raster of what was read when it was added, as text; empty: it is a layer. */
  readonly raster: string;
  readonly name: string;
  /** The source of an `<img>`. */
  readonly thumbnail: string;
}

/** A place that is an edit of its own. */
export interface Region extends Brought {
  /** Where it lay when it was added. */
  readonly place: Rect;
  /** What shall be there. */
  readonly words: string;
}

/** A picture. */
export interface Reference extends Brought {
  /** In px, as it was when it was added. */
  readonly width: number;
  readonly height: number;
  /** What is to be taken of it, as the contract spells it. */
  readonly role: string;
  /** How much it counts, 0 .. 1. */
  readonly weight: number;
}

/** What was entered into a field; a layer by its number in the document. */
export type FieldValue = number | string | boolean | readonly (Reference | Region)[];

export interface Wish extends Landing {
  readonly form: VerbForm;
  /** By the field's path in the recipe. */
  readonly values: Readonly<Record<string, FieldValue>>;
}

export function textIn({ values }: Pick<Wish, "values">, path: string): string {
  return spelt(values[path] ?? "");
}

/** A value as text; pictures have none. */
export function spelt(value: FieldValue): string {
  return typeof value === "object" ? "" : String(value);
}

export function numberIn({ values }: Pick<Wish, "values">, path: string, otherwise = 0): number {
  const value = values[path];
  return typeof value === "number" ? value : otherwise;
}

/** The references of a wish that count. */
export function referencesIn({ values }: Pick<Wish, "values">): readonly Reference[] {
  return listed(values).filter((one): one is Reference => "weight" in one && one.weight > 0);
}

/** The places that are edits of their own. */
export function regionsIn({ values }: Pick<Wish, "values">): readonly Region[] {
  return listed(values).filter((one): one is Region => "place" in one);
}

function listed(values: Wish["values"]): readonly (Reference | Region)[] {
  return Object.values(values).flatMap((value) => (typeof value === "object" ? value : []));
}

/** What keeps a form from being run, in the server's words; empty: nothing. */
export function lackOf(wish: Wish): string {
  const { form, values } = wish;
  const saysWhere = regionsIn(wish).length > 0; // As a layer does that is drawn on.
  const isLacking = (field: Field): boolean => field.required && !(field.isAside && saysWhere) && isEmpty(field, values[field.path]);
  return form.unable || (form.fields.find(isLacking)?.lack ?? "");
}

function isEmpty({ kind }: Field, value: FieldValue | undefined): boolean {
  return value === undefined || value === "" || (kind === FieldKind.LAYER && value === 0);
}

/** The layers of a wish that are no part of the picture; where it is about what is drawn on one, that is the first. */
export function asidesOf({ form, values }: Wish): readonly number[] {
  const asides = form.fields.filter(({ isAside }) => isAside).sort((one, other) => Number(other.required) - Number(one.required));
  return asides.map(({ path }) => values[path]).filter((value): value is number => typeof value === "number" && value > 0);
}

/** The layer that says where a wish changes something, unless something is selected; null: none does. */
export function drawnOn(wish: Wish): number | null {
  return wish.form.fields.some(({ isAside, required }) => isAside && required) ? (asidesOf(wish)[0] ?? null) : null;
}

/** Whether a verb can do without a selection: then it means the whole picture. */
export function meansAll({ needs }: VerbForm): boolean {
  return needs === Needs.LAYER || needs === Needs.NOTHING;
}
