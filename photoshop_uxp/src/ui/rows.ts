/** Fields whose value is a list: a row for each thing that goes along with an edit, and a list of what can be added. */

import type { Field } from "../gen/inlay/v1/verbs_pb";
import type { FieldValue, Reference, Region } from "../wish";
import { say } from "../words";
import { type Around, entry, type Entry } from "./entry";
import { column, Dropdown, labelled, make, row, setValue, setVisible, tool, words } from "./parts";

/** What of a row is not the same for all. */
export interface Made<T> {
  /** Below its name. */
  readonly fields: readonly HTMLElement[];
  readonly value: () => T;
  /** Has the keyboard once the row was added. */
  readonly first?: HTMLElement;
}

interface Row<T> extends Made<T> {
  readonly element: HTMLElement;
  readonly away: HTMLElement;
}

/**
 * `key`: of its words. `bring`: what can be added, by a layer's number or by 0 what is selected. `made`: a row's fields. `below`: said
 * where there are several.
 */
export function rowsEntry<T extends Reference | Region>(
  { title, tip, maximum }: Field,
  { session, changed }: Around,
  key: "references" | "regions",
  bring: (layer: number) => Promise<readonly T[]>,
  made: (of: T) => Made<T>,
  below = "",
): Entry {
  let rows: readonly Row<T>[] = [];
  const shown = column();
  const full = words(say(`${key}.full`, { count: maximum }), "quiet stretch");
  const more = words(below, "quiet");
  const keep = (kept: readonly Row<T>[]): void => {
    for (const one of rows) if (!kept.includes(one)) shown.removeChild(one.element);
    for (const one of kept) if (!rows.includes(one)) shown.appendChild(one.element);
    rows = kept;
    setVisible(shown, rows.length > 0);
    setVisible(list.element, rows.length < maximum);
    setVisible(full, rows.length >= maximum);
    setVisible(more, below !== "" && rows.length > 1);
  };
  const remove = (gone: Row<T>): void => {
    const at = rows.indexOf(gone);
    keep(rows.filter((one) => one !== gone));
    (rows[at]?.away ?? list.element).focus();
    changed();
  };
  const rowOf = (of: T): Row<T> => {
    const inner = made(of);
    const away = tool("✕", `${of.name}: ${say(`${key}.remove.tip`)}`, () => remove(whole));
    const frame = make("div", { class: "thumbnail" }, make("img", { src: of.thumbnail, alt: of.name }));
    const said = column(row(make("div", { class: "stretch name" }, of.name), away), row(...inner.fields));
    setValue(said, "class", "column stretch");
    const whole: Row<T> = { ...inner, away, element: make("div", { class: "row reference", title: of.name }, frame, said) };
    return whole;
  };
  const list = new Dropdown([], () => {
    const from = list.value;
    list.value = "";
    if (from !== "") void bring(Number(from)).then((found) => {
      if (found.length === 0 || rows.length >= maximum) return;
      keep([...rows, ...found.map(rowOf)]);
      rows.at(-1)?.first?.focus();
      changed();
    });
  });
  beforeOpening(list, async () => {
    const layers = (await session.layers()).map(({ id, name }) => ({ value: String(id), title: name, tip: "" }));
    const add = { value: "", title: say(`${key}.add.title`), tip: say(`${key}.add.tip`) };
    list.offer([add, { value: "0", title: say("references.seen"), tip: "" }, ...layers]);
  });
  keep([]);
  const get = (): FieldValue => rows.map(({ value }) => value());
  const set = (value: FieldValue): void => keep(typeof value === "object" ? (value.slice(0, maximum) as unknown as T[]).map(rowOf) : []);
  const head = labelled(title, list.element, full);
  setValue(head, "title", tip);
  return entry(column(head, shown, more), get, set);
}

/** Looks now, and whenever a list is about to open, by mouse or by keyboard. */
export function beforeOpening({ element }: Dropdown, refresh: () => Promise<void>): void {
  for (const event of ["mouseenter", "focus"]) element.addEventListener(event, () => void refresh());
  void refresh();
}
