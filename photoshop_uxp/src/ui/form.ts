/** What the retoucher asks for: verb and prompt in sight, the rest one click away. */

import { MAX_COUNT, MAX_FEATHER_PX, MAX_GROW_PX, MAX_SEED, TIERS, VERBS, type Tier, type Verb, type Wish } from "./model";
import {
  Choice,
  column,
  type Dropdown,
  type Field,
  labelled,
  make,
  NumberField,
  row,
  Section,
  setAttribute,
  setValue,
  setVisible,
  type Slider,
  type Tick,
  tool,
} from "./parts";
import { swatchOf } from "./swatch";
import { CANNOT, PLACEHOLDERS, TIER_TITLES, TIPS, TITLES } from "./words";

const FIRST_COLOR = "#C0392B";

/** Shows a Wish and gives it back. `changed`: something was entered. `confirmed`: run it. */
export class Form {
  /** What to do with the selection. */
  readonly verb: Dropdown;
  /** In words, or with a colour. */
  readonly words: HTMLElement;
  /** What is seldom another. */
  readonly details: HTMLElement;
  private readonly verbs = VERBS.map((verb) => make("sp-menu-item", { title: TIPS[verb] }, TITLES[verb]));
  private readonly prompt: Field;
  private readonly leaveOut: Field;
  private readonly leaveOutRow: HTMLElement;
  private readonly color: Field;
  private readonly swatch = make("div", { class: "swatch" });
  private readonly colorRow: HTMLElement;
  private readonly tier: Choice<Tier>;
  private readonly count: NumberField;
  private readonly strength: Slider;
  private readonly seed: NumberField;
  private readonly lock: Tick;
  private readonly grow: NumberField;
  private readonly feather: NumberField;
  private readonly buildOn: Tick;
  private wordedVerbs: ReadonlySet<Verb> = new Set();
  private isPrompted = false;

  constructor(
    private readonly changed: () => void,
    confirmed: () => void,
    private readonly foregroundColor: () => string,
  ) {
    this.verb = make<Dropdown>(
      "sp-dropdown",
      { class: "verb", title: "What to do with the selection" },
      make("sp-menu", { slot: "options" }, ...this.verbs),
    );
    this.verb.selectedIndex = 0;
    this.prompt = make<Field>("sp-textarea", { class: "prompt", title: "Ctrl+Enter runs" });
    this.leaveOut = make<Field>("sp-textfield", { class: "stretch leave-out", title: "What must not be there" });
    const quietly = make("div", { class: "label quiet" }, "Leave out");
    this.leaveOutRow = make("div", { class: "row labelled" }, quietly, this.leaveOut);
    this.color = make<Field>("sp-textfield", { class: "color", title: "Target colour as #RRGGBB (sRGB), or lab(L, a, b)" });
    this.color.value = FIRST_COLOR;
    const take = tool("Take", "Take the foreground colour", () => {
      this.color.value = this.foregroundColor();
      this.paint();
      this.changed();
    });
    this.colorRow = row(this.swatch, this.color, take);
    this.tier = new Choice(
      TIERS.map((tier) => [tier, ...TIER_TITLES[tier]] as const),
      "standard",
      changed,
    );
    this.count = new NumberField(1, MAX_COUNT, "Variations to choose from", changed);
    this.strength = make<Slider>("sp-slider", {
      class: "strength",
      min: "0",
      max: "100",
      value: "100",
      "value-label": "%",
      title: "How far pixels inside the selection may move away from what is there",
    });
    this.strength.value = 100;
    this.seed = new NumberField(0, MAX_SEED, "The same seed and the same settings give the same pixels");
    this.lock = make<Tick>("sp-checkbox", { title: "Lock the seed, so that the next run uses it again" }, "Lock");
    this.grow = new NumberField(
      -MAX_GROW_PX,
      MAX_GROW_PX,
      "Grows the selection before the edit, in px; negative shrinks it",
      changed,
    );
    this.feather = new NumberField(0, MAX_FEATHER_PX, "Softens the selection's edge after growing, in px", changed);
    this.buildOn = make<Tick>(
      "sp-checkbox",
      { title: "Else the picture below an earlier result of the same selection is the source" },
      "Build on the earlier result",
    );
    this.words = column(this.prompt, this.leaveOutRow, this.colorRow);
    this.details = this.layOut();
    this.listen(confirmed);
    this.count.value = 1;
    this.grow.value = 0;
    this.feather.value = 0;
    this.drawSeed();
    this.verbTurned();
    this.paint();
  }

  private layOut(): HTMLElement {
    const another = tool("New", "Draw another seed", () => this.drawSeed());
    const details = column(
      this.tier.element,
      labelled("Variations", this.count.element),
      labelled("Strength", make("div", { class: "stretch" }, this.strength)),
      labelled("Seed", this.seed.element, another),
      labelled("", this.lock),
      labelled("Grow", this.grow.element, make("div", { class: "unit" }, "px")),
      labelled("Feather", this.feather.element, make("div", { class: "unit" }, "px")),
      row(this.buildOn),
    );
    return new Section("More settings", details).element;
  }

  private listen(confirmed: () => void): void {
    this.verb.addEventListener("change", () => {
      this.verbTurned();
      this.changed();
    });
    this.color.addEventListener("input", () => {
      this.paint();
      this.changed();
    });
    this.prompt.addEventListener("input", () => {
      const isPrompted = textOf(this.prompt) !== "";
      if (isPrompted !== this.isPrompted) {
        this.isPrompted = isPrompted;
        this.changed();
      }
    });
    for (const field of [this.prompt, this.leaveOut]) {
      field.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          confirmed();
        }
      });
    }
  }

  /** What the form says now. */
  get wish(): Wish {
    const verb = this.chosenVerb;
    return {
      verb,
      prompt: verb === "recolor" ? "" : textOf(this.prompt),
      negativePrompt: this.reads(verb) ? textOf(this.leaveOut) : "",
      tier: this.tier.value,
      strength: Number(this.strength.value) / 100,
      count: this.count.value,
      seed: this.seed.value,
      growPx: this.grow.value,
      featherPx: this.feather.value,
      targetColor: verb === "recolor" ? textOf(this.color) : "",
      buildOn: Boolean(this.buildOn.checked),
    };
  }

  private get chosenVerb(): Verb {
    return VERBS[this.verb.selectedIndex] ?? VERBS[0];
  }

  choose(verb: Verb): void {
    this.verb.selectedIndex = VERBS.indexOf(verb);
    this.verbTurned();
    this.changed();
  }

  /** Recolor, with this target. */
  pick(color: string): void {
    this.color.value = color;
    this.paint();
    this.choose("recolor");
  }

  /** Another seed at random. */
  drawSeed(): void {
    this.seed.value = Math.floor(Math.random() * (MAX_SEED + 1));
  }

  /** A run took the seed; the next one gets another unless it is locked. */
  ran(): void {
    if (!this.lock.checked) {
      this.drawSeed();
    }
  }

  /**
   * Greys out what the server cannot do; an empty set says that this is not known.
   * `wordedVerbs`: what a model that reads prompts can do there.
   */
  allow(verbs: ReadonlySet<Verb>, wordedVerbs: ReadonlySet<Verb>): void {
    VERBS.forEach((verb, index) => {
      const item = this.verbs[index];
      if (item) {
        const isAble = verbs.size === 0 || verbs.has(verb);
        setAttribute(item, "disabled", !isAble);
        setValue(item, "title", isAble ? TIPS[verb] : CANNOT);
      }
    });
    this.wordedVerbs = wordedVerbs;
    setVisible(this.leaveOutRow, this.reads(this.chosenVerb));
  }

  private reads(verb: Verb): boolean {
    return verb !== "recolor" && this.wordedVerbs.has(verb);
  }

  private verbTurned(): void {
    const verb = this.chosenVerb;
    this.verb.setAttribute("title", TIPS[verb]);
    this.prompt.setAttribute("placeholder", PLACEHOLDERS[verb]);
    setVisible(this.prompt, verb !== "recolor");
    setVisible(this.leaveOutRow, this.reads(verb));
    setVisible(this.colorRow, verb === "recolor");
  }

  private paint(): void {
    this.swatch.style.backgroundColor = swatchOf(textOf(this.color));
  }
}

function textOf(field: Field): string {
  return String(field.value ?? "").trim();
}
