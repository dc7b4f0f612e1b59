/** What the retoucher asks for: the verb and its words in sight, the rest one click away. The fields are the server's. */

import { type Field, FieldKind, type VerbForm } from "../gen/inlay/v1/verbs_pb";
import { type FieldValue, type Landing, PLAIN, type Wish } from "../wish";
import { say } from "../words";
import type { Around, Entry } from "./entry";
import { entryOf } from "./fields";
import { clear, column, Dropdown, labelled, make, Section, type Tick, ticked } from "./parts";

/** What a form was filled with; another verb's values wait in it. */
export interface Filled {
  readonly verb: string;
  readonly values: Readonly<Record<string, FieldValue>>;
  readonly landing: Landing;
  readonly isOpen: boolean;
}

/** What a form begins with where nothing is remembered. */
export const EMPTY: Filled = { verb: "", values: {}, landing: PLAIN, isOpen: false };

const IN_SIGHT: readonly FieldKind[] = [FieldKind.TEXT, FieldKind.COLOR, FieldKind.REFERENCES];

export class Form {
  readonly verb: Dropdown;
  /** The field that says what shall be there. */
  readonly words = column();
  /** Other fields that a run needs. */
  readonly wanted = column();
  /** What is seldom another. */
  readonly details: Section;
  private readonly folded = column();
  private readonly reads: Dropdown;
  private readonly lands: Dropdown;
  private readonly placing: Dropdown;
  private readonly buildsOn: Tick;
  private readonly entries = new Map<string, Entry>();
  private values: Record<string, FieldValue>;

  constructor(
    private readonly forms: readonly VerbForm[],
    { verb, values, landing, isOpen }: Filled,
    private readonly around: Around,
  ) {
    this.values = { ...values };
    const choices = forms.map(({ id, title, tip, unable }) => ({ value: id, title, tip: unable || tip, isUnable: unable !== "" }));
    this.verb = new Dropdown(choices, () => this.turn());
    this.verb.value = (forms.find(({ id }) => id === verb) ?? forms[0])?.id ?? "";
    const among = (name: string, values: readonly string[], changed = around.changed): Dropdown =>
      new Dropdown(values.map((value) => ({ value, title: say(`${name}.${value}.title`), tip: say(`${name}.${value}.tip`) })), changed);
    this.reads = among("reads", ["picture", "below"], () => {
      this.lands.value = this.reads.value === "below" ? "above" : "top"; // Adjustments above stay above what they were not baked into.
      around.changed();
    });
    this.lands = among("lands", ["top", "above", "group"]);
    this.placing = among("placing", ["at_once", "on_call"]);
    const built = ticked(say("build_on.title"), say("build_on.tip"), () => around.changed());
    this.buildsOn = built.tick;
    [this.reads.value, this.lands.value, this.placing.value] = [landing.reads, landing.lands, landing.isAtOnce ? "at_once" : "on_call"];
    this.buildsOn.checked = landing.buildsOn;
    const places = Object.entries({ reads: this.reads, lands: this.lands, placing: this.placing });
    const rows = places.map(([name, list]) => make("div", { "data-choice": name, title: say(`${name}.tip`) }, labelled(say(`${name}.title`), list.element)));
    this.details = new Section(say("action.details.title"), column(this.folded, ...rows, built.element), isOpen, () => around.changed());
    this.fill();
  }

  get wish(): Wish {
    const { form } = this;
    const entered = form.fields.map(({ path }) => [path, this.entries.get(path)?.value] as const);
    const values = Object.fromEntries(entered.filter((entry): entry is [string, FieldValue] => entry[1] !== undefined));
    return { form, values, ...this.landing };
  }

  private get landing(): Landing {
    const [reads, lands] = [this.reads.value, this.lands.value] as [Landing["reads"], Landing["lands"]];
    return { reads, lands, isAtOnce: this.placing.value === "at_once", buildsOn: Boolean(this.buildsOn.checked) };
  }

  /** What to remember of it. */
  get filled(): Filled {
    const { form, values } = this.wish;
    return { verb: form.id, values: { ...this.values, ...values }, landing: this.landing, isOpen: this.details.isOpen };
  }

  choose(verb: string): void {
    this.verb.value = verb;
    this.turn();
  }

  private turn(): void {
    this.fill();
    this.around.changed();
  }

  drawSeed(): void {
    this.entries.forEach((entry) => entry.draw?.());
  }

  /** A run took what was entered; the next one gets another seed unless it is locked. */
  ran(): void {
    this.entries.forEach((entry) => entry.ran?.());
  }

  private get form(): VerbForm {
    const [first] = this.forms;
    return this.forms.find(({ id }) => id === this.verb.value) ?? (first as VerbForm);
  }

  private fill(): void {
    this.entries.forEach((entry, path) => (this.values[path] = entry.value));
    this.entries.clear();
    for (const place of [this.words, this.wanted, this.folded]) clear(place);
    const { fields } = this.form;
    const first = fields.find(({ kind }) => IN_SIGHT.includes(kind));
    for (const field of [...fields].sort((one, other) => Number(one.advanced) - Number(other.advanced))) {
      this.add(field, field === first ? this.words : isInSight(field) ? this.wanted : this.folded);
    }
  }

  private add(field: Field, place: HTMLElement): void {
    const entry = entryOf(field, this.around);
    const known = this.values[field.path];
    if (entry === null) return;
    if (known !== undefined && field.kind !== FieldKind.SEED) entry.value = known;
    this.entries.set(field.path, entry);
    place.appendChild(make("div", { "data-path": field.path }, entry.element));
  }
}

function isInSight({ kind, required, advanced }: Field): boolean {
  return required || kind === FieldKind.REGIONS || (IN_SIGHT.includes(kind) && !advanced);
}
