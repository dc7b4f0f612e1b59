/** The fields of a form: one widget for each kind that the contract knows, whatever verb asks for it. */

import { type Choice, type Field, FieldKind } from "../gen/inlay/v1/verbs_pb";
import type { Layer } from "../host/host";
import type { FieldValue } from "../wish";
import type { Say } from "../words";
import { action, Choices, column, Dropdown, type Field as Text, labelled, make, row, setText, setValue, setVisible, type Slider, ticked, tool, words } from "./parts";
import { swatchOf } from "./swatch";

/** What a field asks of the panel around it. */
export interface Around {
  readonly say: Say;
  readonly changed: () => void;
  /** Run it. */
  readonly confirmed: () => void;
  /** As a target colour. */
  readonly foregroundColor: () => string;
  /** Inks in %, as a target colour. */
  readonly inksAsLab: (cyan: number, magenta: number, yellow: number, black: number) => string;
  /** What colour there is, in words, and as a target. */
  readonly measure: (target: string) => Promise<{ readonly said: string; readonly target: string }>;
  readonly layers: () => Promise<readonly Layer[]>;
  /** The words of an earlier run: 1 is the one before; null: there is none. */
  readonly earlier: (back: number) => string | null;
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

/** The widget for a field; null for a kind of a later contract. */
export function entryOf(field: Field, around: Around): Entry | null {
  const made = MAKERS[field.kind]?.(field, around) ?? null;
  if (made !== null && field.initial?.kind.value !== undefined) {
    made.value = field.initial.kind.value;
  }
  return made;
}

type Maker = (field: Field, around: Around) => Entry;

const MAKERS: Partial<Record<FieldKind, Maker>> = {
  [FieldKind.TEXT]: textEntry,
  [FieldKind.LINE]: (field, around) => titled(field, textEntry(field, around)),
  [FieldKind.INTEGER]: (field, around) => numberEntry(field, around, true),
  [FieldKind.NUMBER]: (field, around) => numberEntry(field, around, false),
  [FieldKind.FRACTION]: fractionEntry,
  [FieldKind.SEED]: seedEntry,
  [FieldKind.SWITCH]: switchEntry,
  [FieldKind.CHOICE]: choiceEntry,
  [FieldKind.MODEL]: choiceEntry,
  [FieldKind.COLOR]: colorEntry,
  [FieldKind.LAYER]: layerEntry,
};

function titled({ title }: Field, entry: Entry): Entry {
  return Object.create(entry, { element: { value: labelled(title, entry.element) } }) as Entry;
}

function textEntry(field: Field, { changed, confirmed, earlier }: Around): Entry {
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
    const found = isRecalling ? (back + step <= 0 ? "" : earlier(back + step)) : null;
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
  return {
    element,
    get value() {
      return valueOf();
    },
    set value(value) {
      element.value = String(value);
    },
  };
}

/**
 * A plain text field: Spectrum's numeric one takes no limits, and stops at 214,748.36. What is no number goes back to the last one
 * when the field is left.
 */
function numberField({ tip, minimum, maximum }: Field, isWhole: boolean, changed: () => void): Entry {
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
  return {
    element,
    get value() {
      return last;
    },
    set value(value) {
      last = limited(Number(value));
      element.value = String(last);
    },
  };
}

function numberEntry(field: Field, { changed }: Around, isWhole: boolean): Entry {
  const entry = numberField(field, isWhole, changed);
  const element = labelled(field.title, entry.element, make("div", { class: "unit" }, field.unit));
  return Object.create(entry, { element: { value: element } }) as Entry;
}

function seedEntry(field: Field, { changed, say }: Around): Entry {
  const entry = numberField(field, true, changed);
  const lock = ticked(say("action.lock.title"), say("action.lock.tip"));
  const draw = (): void => {
    entry.value = Math.floor(Math.random() * (field.maximum + 1));
    changed();
  };
  const another = tool("↻", say("action.new_seed.tip"), draw);
  entry.value = Math.floor(Math.random() * (field.maximum + 1));
  return Object.create(entry, {
    element: { value: column(labelled(field.title, entry.element, another), labelled("", lock.element)) },
    draw: { value: draw },
    ran: { value: () => !lock.tick.checked && draw() },
  }) as Entry;
}

function fractionEntry({ title, tip, minimum, maximum, step }: Field, { changed }: Around): Entry {
  const [low, high] = [100 * minimum, 100 * (maximum > minimum ? maximum : 1)].map(String);
  const facts = { class: "wide", min: low ?? "0", max: high ?? "100", value: low ?? "0", "value-label": "%", title: tip };
  const slider = make<Slider>("sp-slider", facts);
  slider.addEventListener("change", changed);
  const grid = 100 * (step || 0.01);
  return {
    element: labelled(title, make("div", { class: "stretch" }, slider)),
    get value() {
      return (Math.round(Number(slider.value) / grid) * grid) / 100;
    },
    set value(value) {
      slider.value = Math.round(100 * Number(value));
      slider.setAttribute("value", String(slider.value));
    },
  };
}

function switchEntry({ title, tip }: Field, { changed }: Around): Entry {
  const { tick, element } = ticked(title, tip, changed);
  return {
    element,
    get value() {
      return Boolean(tick.checked);
    },
    set value(value) {
      tick.checked = Boolean(value);
    },
  };
}

/** Few choices stand beside each other, more or longer ones in a list; what is chosen is explained below. */
function choiceEntry({ kind, title, choices }: Field, { changed }: Around): Entry {
  const isShort = kind === FieldKind.CHOICE && choices.length <= 3 && choices.map((choice) => choice.title).join("").length <= 24;
  if (isShort) {
    const chosen = new Choices(choices, changed);
    return chosen;
  }
  const said = words("", "quiet");
  const list = new Dropdown(choices, () => {
    tell();
    changed();
  });
  const tell = (): void => setText(said, choices.find(({ value }) => value === list.value)?.tip ?? "");
  tell();
  return {
    element: column(labelled(title, list.element), said),
    get value() {
      return list.value;
    },
    set value(value) {
      list.value = String(value);
      tell();
    },
  };
}

/** Inks in %: the server knows no profile of theirs, Photoshop does. */
const INKS = /^cmyk\(\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)\s*\)$/i;

function colorEntry(field: Field, around: Around): Entry {
  const { changed, say } = around;
  const entry = textEntry(field, around);
  const text = entry.element as Text;
  const swatch = make("div", { class: "swatch" });
  const said = words("", "quiet stretch");
  const paint = (): void => {
    swatch.style.backgroundColor = swatchOf(String(entry.value));
  };
  const take = (color: string): void => {
    entry.value = color;
    paint();
    changed();
  };
  let there = "";
  const use = tool(say("action.target.title"), say("action.target.tip"), () => take(there));
  const measure = async (): Promise<void> => {
    const found = await around.measure(String(entry.value));
    there = found.target;
    setText(said, found.said);
    setVisible(use, there !== "");
  };
  setVisible(use, false);
  text.addEventListener("input", paint);
  text.addEventListener("change", () => {
    const [cyan, magenta, yellow, black] = (INKS.exec(String(entry.value)) ?? []).slice(1).map(Number);
    if (cyan !== undefined && magenta !== undefined && yellow !== undefined && black !== undefined) take(around.inksAsLab(cyan, magenta, yellow, black));
  });
  text.setAttribute("class", "stretch line");
  const fields = row(swatch, text, action(say("action.pick_color.title"), say("action.pick_color.tip"), () => take(around.foregroundColor())));
  const probe = row(action(say("action.measure.title"), say("action.measure.tip"), measure), said, use);
  return {
    element: column(fields, probe),
    get value() {
      return entry.value;
    },
    set value(value) {
      entry.value = value;
      paint();
    },
  };
}

function layerEntry({ title, tip }: Field, { changed, layers }: Around): Entry {
  let wanted = 0;
  const none: Pick<Choice, "value" | "title" | "tip"> = { value: "0", title: "—", tip: "" };
  const list = new Dropdown([none], () => {
    wanted = Number(list.value);
    changed();
  });
  const refresh = async (): Promise<void> => {
    const found = await layers();
    list.offer([none, ...found.map(({ id, name }) => ({ value: String(id), title: name, tip: "" }))]);
    list.value = String(wanted);
  };
  setValue(list.element, "title", tip);
  list.element.addEventListener("mouseenter", () => void refresh());
  void refresh();
  return {
    element: labelled(title, list.element),
    get value() {
      return Number(list.value) || 0;
    },
    set value(value) {
      wanted = Number(value);
      list.value = String(wanted);
    },
  };
}
