/** What a field on the screen is: an element and a value. */

import type { Session } from "../session";
import type { FieldValue } from "../wish";

/** What a field asks of what is around it. */
export interface Around {
  readonly session: Pick<Session, "host" | "measure" | "layers" | "reference" | "region" | "earlier">;
  readonly changed: () => void;
  /** Run it. */
  readonly confirmed: () => void;
}

/** A field on the screen. */
export interface Entry {
  readonly element: HTMLElement;
  value: FieldValue;
  /** A run took its value. */
  ran?(): void;
  /** Another value at random. */
  draw?(): void;
}

/** A field around a widget: how it is read, and how it is filled in. */
export function entry(element: HTMLElement, get: () => FieldValue, set: (value: FieldValue) => void): Entry {
  return Object.defineProperty({ element } as Entry, "value", { get, set });
}

/** The same field in other surroundings, with what else it can do. */
export function within(inner: Entry, element: HTMLElement, more: Omit<Entry, "element" | "value"> = {}): Entry {
  return Object.assign(entry(element, () => inner.value, (value) => (inner.value = value)), more);
}
