/** The fields of a form: one widget for each kind that the contract knows, whatever verb asks for it. */

import { type Choice, type Field, FieldKind } from "../gen/inlay/v1/verbs_pb";
import { type FieldValue, type Reference, type Region, spelt } from "../wish";
import { say } from "../words";
import { type Around, entry, type Entry, within } from "./entry";
import { Choices, column, Dropdown, type Field as Text, labelled, make, named, row, setText, setValue, setVisible, type Slider, ticked, tool, words } from "./parts";
import { beforeOpening, rowsEntry } from "./rows";
import { swatchOf } from "./swatch";

/** The widget for a field; null for a kind of a later contract. */
export function entryOf(field: Field, around: Around): Entry | null {
  const made = MAKERS[field.kind]?.(field, around) ?? null;
  if (made !== null && field.initial?.kind.value !== undefined) made.value = field.initial.kind.value;
  return made;
}

type Maker = (field: Field, around: Around) => Entry;

const MAKERS: Partial<Record<FieldKind, Maker>> = {
  [FieldKind.TEXT]: textEntry,
  [FieldKind.LINE]: (field, around) => {
    const text = textEntry(field, around);
    return within(text, labelled(field.title, text.element));
  },
  [FieldKind.INTEGER]: (field, around) => numberEntry(field, around, true),
  [FieldKind.NUMBER]: (field, around) => numberEntry(field, around, false),
  [FieldKind.FRACTION]: fractionEntry,
  [FieldKind.SEED]: seedEntry,
  [FieldKind.SWITCH]: switchEntry,
  [FieldKind.CHOICE]: choiceEntry,
  [FieldKind.MODEL]: choiceEntry,
  [FieldKind.COLOR]: colorEntry,
  [FieldKind.LAYER]: layerEntry,
  [FieldKind.REFERENCES]: referencesEntry,
  [FieldKind.REGIONS]: regionsEntry,
};

function textEntry(field: Field, { session, changed, confirmed }: Around): Entry {
  const isLong = field.kind === FieldKind.TEXT;
  const facts = { class: isLong ? "prompt" : "stretch line", title: field.tip || field.title, placeholder: field.hint || field.title };
  const element = make<Text>(isLong ? "sp-textarea" : "sp-textfield", facts);
  let back = 0;
  const valueOf = (): string => String(element.value ?? "").trim();
  element.addEventListener("input", () => {
    back = 0;
    changed();
  });
  element.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key] ?? 0;
    const isRecalling = isLong && step !== 0 && (back > 0 || valueOf() === "");
    const found = isRecalling ? (back + step <= 0 ? "" : session.earlier(back + step)) : null;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      confirmed();
    } else if (found !== null) {
      event.preventDefault();
      back = Math.max(0, back + step);
      element.value = found;
      changed();
    }
  });
  return entry(element, valueOf, (value) => (element.value = spelt(value)));
}

/**
 * A plain text field: Spectrum's numeric one takes no limits, and stops at 214,748.36. What is no number goes back to the last one
 * when the field is left.
 */
function numberField({ tip, minimum, maximum }: Pick<Field, "tip" | "minimum" | "maximum">, isWhole: boolean, changed: () => void): Entry {
  const element = make<Text>("sp-textfield", { class: "number", title: tip });
  const limited = (value: number): number => {
    const inside = maximum > minimum ? Math.min(maximum, Math.max(minimum, value)) : value;
    return isWhole ? Math.round(inside) : inside;
  };
  let last = limited(0);
  const take = (): void => {
    const value = Number(String(element.value).trim().replace(",", ".") || NaN);
    if (Number.isFinite(value) && limited(value) !== last) {
      last = limited(value);
      changed();
    }
  };
  element.addEventListener("input", take);
  element.addEventListener("change", () => {
    take();
    element.value = String(last);
  });
  element.value = String(last);
  const set = (value: FieldValue): void => {
    last = limited(Number(value));
    element.value = String(last);
  };
  return entry(element, () => last, set);
}

function numberEntry(field: Field, { changed }: Around, isWhole: boolean): Entry {
  const number = numberField(field, isWhole, changed);
  return within(number, labelled(field.title, number.element, make("div", { class: "unit" }, field.unit)));
}

function seedEntry(field: Field, { changed }: Around): Entry {
  const number = numberField(field, true, changed);
  const lock = ticked(say("action.lock.title"), say("action.lock.tip"));
  const draw = (): void => {
    number.value = Math.floor(Math.random() * (field.maximum + 1));
    changed();
  };
  const another = tool("↻", say("action.new_seed.tip"), draw);
  number.value = Math.floor(Math.random() * (field.maximum + 1));
  const element = column(labelled(field.title, number.element, another), labelled("", lock.element));
  return within(number, element, { draw, ran: () => (lock.tick.checked ? undefined : draw()) });
}

function fractionEntry({ title, tip, minimum, maximum, step }: Field, { changed }: Around): Entry {
  const [low, high] = [100 * minimum, 100 * (maximum > minimum ? maximum : 1)].map(String);
  const facts = { class: "wide", min: low ?? "0", max: high ?? "100", value: low ?? "0", "value-label": "%", title: tip };
  const slider = make<Slider>("sp-slider", facts);
  slider.addEventListener("change", changed);
  const grid = 100 * (step || 0.01);
  const get = (): number => (Math.round(Number(slider.value) / grid) * grid) / 100;
  const set = (value: FieldValue): void => {
    slider.value = Math.round(100 * Number(value));
    slider.setAttribute("value", String(slider.value));
  };
  return entry(labelled(title, make("div", { class: "stretch" }, slider)), get, set);
}

function switchEntry({ title, tip }: Field, { changed }: Around): Entry {
  const { tick, element } = ticked(title, tip, changed);
  return entry(element, () => Boolean(tick.checked), (value) => (tick.checked = Boolean(value)));
}

/** Few choices stand beside each other, more or longer ones in a list; what is chosen is explained below. */
function choiceEntry({ kind, title, choices }: Field, { changed }: Around): Entry {
  const isShort = kind === FieldKind.CHOICE && choices.length <= 3 && choices.map((choice) => choice.title).join("").length <= 24;
  if (isShort) return new Choices(choices, changed);
  const said = words("", "quiet");
  const list = new Dropdown(choices, () => {
    tell();
    changed();
  });
  const tell = (): void => setText(said, choices.find(({ value }) => value === list.value)?.tip ?? "");
  tell();
  const set = (value: FieldValue): void => {
    list.value = spelt(value);
    tell();
  };
  return entry(column(labelled(title, list.element), said), () => list.value, set);
}

/** Inks in %: the server knows no profile of theirs, Photoshop does. */
const INKS = /^cmyk\(\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)\s*\)$/i;

function colorEntry(field: Field, around: Around): Entry {
  const { changed, session } = around;
  const typed = textEntry(field, around);
  const text = typed.element as Text;
  const swatch = make("div", { class: "swatch" });
  const said = words("", "quiet stretch");
  const paint = (): void => {
    swatch.style.backgroundColor = swatchOf(spelt(typed.value));
  };
  const take = (color: string): void => {
    typed.value = color;
    paint();
    changed();
  };
  let there = "";
  const use = tool(say("action.target.title"), say("action.target.tip"), () => take(there));
  const measure = async (): Promise<void> => {
    const found = await session.measure(spelt(typed.value));
    there = found.target;
    setText(said, found.said);
    setVisible(use, there !== "");
  };
  setVisible(use, false);
  text.addEventListener("input", paint);
  text.addEventListener("change", () => {
    const [cyan, magenta, yellow, black] = (INKS.exec(spelt(typed.value)) ?? []).slice(1).map(Number);
    if (cyan !== undefined && magenta !== undefined && yellow !== undefined && black !== undefined) take(session.host.inksAsLab(cyan, magenta, yellow, black));
  });
  text.setAttribute("class", "stretch line");
  const fields = row(swatch, text, named("pick_color", () => take(session.host.foregroundColor())));
  const probe = row(named("measure", measure), said, use);
  const set = (value: FieldValue): void => {
    typed.value = value;
    paint();
  };
  return entry(column(fields, probe), () => typed.value, set);
}

/** A layer; while none was chosen, the one of the name that the field begins with. */
function layerEntry({ title, tip, initial }: Field, { session, changed }: Around): Entry {
  const called = initial?.kind.case === "text" ? initial.kind.value : "";
  let wanted = 0;
  const none: Pick<Choice, "value" | "title" | "tip"> = { value: "0", title: "—", tip: "" };
  const list = new Dropdown([none], () => {
    wanted = Number(list.value);
    changed();
  });
  const refresh = async (): Promise<void> => {
    const found = await session.layers();
    list.offer([none, ...found.map(({ id, name }) => ({ value: String(id), title: name, tip: "" }))]);
    const meant = wanted === 0 ? found.find(({ name }) => name === called) : undefined;
    if (meant) {
      wanted = meant.id;
      changed();
    }
    list.value = String(wanted);
  };
  setValue(list.element, "title", tip);
  beforeOpening(list, refresh);
  const set = (value: FieldValue): void => {
    wanted = Number(value) || 0;
    list.value = String(wanted);
  };
  return entry(labelled(title, list.element), () => Number(list.value) || 0, set);
}

/** Pictures, each with its role and weight. */
function referencesEntry(field: Field, around: Around): Entry {
  const { changed, session } = around;
  return rowsEntry<Reference>(field, around, "references", session.reference, (of) => {
    const role = new Dropdown(field.choices, changed);
    role.value = of.role;
    const weight = numberField({ tip: `${of.name}: ${say("references.weight.tip")}`, minimum: 0, maximum: 100 }, true, changed);
    weight.value = Math.round(100 * of.weight);
    const fields = [role.element, weight.element, make("div", { class: "unit" }, "%")];
    return { fields, value: () => ({ ...of, role: role.value, weight: Number(weight.value) / 100 }) };
  });
}

/** Places that are edits of their own, each with its words. */
function regionsEntry(field: Field, around: Around): Entry {
  return rowsEntry<Region>(field, around, "regions", around.session.region, (of) => {
    const said = textEntry({ ...field, kind: FieldKind.LINE, tip: `${of.name}: ${field.hint}` }, around);
    said.value = of.words;
    return { fields: [said.element], value: () => ({ ...of, words: spelt(said.value) }), first: said.element };
  }, say("regions.in_turn"));
}
