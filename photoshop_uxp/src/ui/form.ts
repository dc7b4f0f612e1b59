/** What the retoucher asks for: the verb and its words in sight, the rest one click away. The fields are the server's. */

import { type Field, FieldKind, type VerbForm } from "../gen/inlay/v1/verbs_pb";
import type { FieldValue, Wish } from "../wish";
import { type Around, type Entry, entryOf } from "./fields";
import { clear, column, Dropdown, make, Section, type Tick, ticked } from "./parts";

/** What a form was filled with; another verb's values wait in it. */
export interface Filled {
  readonly verb: string;
  readonly values: Readonly<Record<string, FieldValue>>;
  readonly buildOn: boolean;
  readonly isOpen: boolean;
}

const IN_SIGHT: readonly FieldKind[] = [FieldKind.TEXT, FieldKind.COLOR];

export class Form {
  readonly verb: Dropdown;
  /** The field that says what shall be there. */
  readonly words = column();
  /** Other fields that a run needs. */
  readonly wanted = column();
  /** What is seldom another. */
  readonly details: Section;
  private readonly folded = column();
  private readonly buildOn: Tick;
  private readonly entries = new Map<string, Entry>();
  private values: Record<string, FieldValue>;

  constructor(
    private readonly forms: readonly VerbForm[],
    { verb, values, buildOn, isOpen }: Filled,
    private readonly around: Around,
  ) {
    const { say } = around;
    this.values = { ...values };
    const choices = forms.map(({ id, title, tip, unable }) => ({ value: id, title, tip: unable || tip, isUnable: unable !== "" }));
    this.verb = new Dropdown(choices, () => this.turn());
    this.verb.value = (forms.find(({ id }) => id === verb) ?? forms[0])?.id ?? "";
    const built = ticked(say("build_on.title"), say("build_on.tip"), () => around.changed());
    this.buildOn = built.tick;
    this.buildOn.checked = buildOn;
    this.details = new Section(say("action.details.title"), column(this.folded, built.element), isOpen, () => around.changed());
    this.fill();
  }

  get wish(): Wish {
    const { form } = this;
    const entered = form.fields.map(({ path }) => [path, this.entries.get(path)?.value] as const);
    const values = Object.fromEntries(entered.filter((entry): entry is [string, FieldValue] => entry[1] !== undefined));
    return { form, values, buildOn: Boolean(this.buildOn.checked) };
  }

  /** What to remember of it. */
  get filled(): Filled {
    const { form, values, buildOn } = this.wish;
    return { verb: form.id, values: { ...this.values, ...values }, buildOn, isOpen: this.details.isOpen };
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
    for (const place of [this.words, this.wanted, this.folded]) {
      clear(place);
    }
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
    if (known !== undefined && field.kind !== FieldKind.SEED) {
      entry.value = known;
    }
    this.entries.set(field.path, entry);
    place.appendChild(make("div", { "data-path": field.path }, entry.element));
  }
}

function isInSight({ kind, required, advanced }: Field): boolean {
  return required || (IN_SIGHT.includes(kind) && !advanced);
}
