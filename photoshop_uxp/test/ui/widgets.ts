/**
 * Stand-ins for Spectrum UXP widgets in a browser, as strict as Adobe's documentation: an attribute that a widget does not
 * document is an error. Sizes are those of the real ones or a little larger, so that what fits here has room there.
 */

type Attributes = Readonly<Record<string, readonly string[] | "any">>;

const EVERYWHERE: Attributes = { class: "any", style: "any", title: "any", slot: "any" };

const WIDGETS: Readonly<Record<string, Attributes>> = {
  "sp-button": { variant: ["cta", "primary", "secondary", "warning", "overBackground"], disabled: [""], quiet: [""] },
  "sp-action-button": { disabled: [""], quiet: [""] },
  "sp-checkbox": { disabled: [""], checked: [""], indeterminate: [""], invalid: [""] },
  "sp-dropdown": { disabled: [""], quiet: [""], invalid: [""], placeholder: "any" },
  "sp-menu": {},
  "sp-menu-item": { disabled: [""], selected: [""] },
  "sp-progressbar": { max: "any", value: "any", "show-value": ["false"], "value-label": "any", size: ["small"] },
  "sp-slider": { min: "any", max: "any", value: "any", disabled: [""], "value-label": "any", "show-value": ["false"] },
  "sp-textarea": { disabled: [""], placeholder: "any", valid: [""], invalid: [""], quiet: [""] },
  "sp-textfield": {
    disabled: [""],
    placeholder: "any",
    valid: [""],
    invalid: [""],
    quiet: [""],
    type: ["number", "search", "password", "text"],
  },
};

const LOOKS = `
  sp-button, sp-action-button { display: inline-flex; align-items: center; justify-content: center; height: 32px;
    font-size: 12px; white-space: nowrap; overflow: hidden; box-sizing: border-box; cursor: default; }
  sp-button { border: 2px solid currentColor; border-radius: 16px; padding: 0 14px; font-weight: bold; min-width: 72px; }
  sp-button[variant=cta] { background: #1473e6; border-color: #1473e6; color: white; }
  sp-action-button { border: 1px solid var(--stub-edge); border-radius: 4px; padding: 0 10px; }
  sp-action-button[quiet] { border-color: transparent; }
  sp-button[disabled], sp-action-button[disabled], sp-menu-item[disabled] { opacity: 0.4; }
  sp-checkbox { display: inline-flex; align-items: center; height: 32px; font-size: 12px; white-space: nowrap; }
  sp-checkbox::before { content: ""; width: 12px; height: 12px; border: 2px solid currentColor; border-radius: 2px; margin-right: 8px; }
  sp-checkbox[checked]::before { background: #1473e6; }
  sp-dropdown, sp-textfield, sp-textarea { display: inline-block; box-sizing: border-box; font-size: 12px; overflow: hidden; }
  sp-dropdown, sp-textfield { height: 32px; width: 192px; }
  sp-dropdown { border: 1px solid var(--stub-edge); border-radius: 4px; background: var(--stub-field); line-height: 30px; padding: 0 10px; }
  sp-dropdown::after { content: "⌄"; float: right; }
  sp-menu { display: none; }
  sp-textarea { width: 192px; height: 96px; }
  .stub-field { box-sizing: border-box; width: 100%; height: 100%; margin: 0; padding: 6px 10px; font: inherit; resize: none;
    color: inherit; background: var(--stub-field); border: 1px solid var(--stub-edge); border-radius: 4px; }
  .stub-field::placeholder { color: inherit; opacity: 0.55; font-style: italic; }
  sp-slider { display: block; font-size: 12px; width: 192px; }
  sp-slider .stub-value { text-align: right; height: 18px; }
  sp-slider input { width: 100%; margin: 0; }
  sp-progressbar { display: block; height: 4px; border-radius: 2px; background: var(--stub-edge); width: 192px; }
  sp-progressbar .stub-bar { height: 4px; border-radius: 2px; background: #2680eb; }
`;

/** What the panel did that the real widgets do not know. */
export const complaints: string[] = [];

function complain(text: string): void {
  if (!complaints.includes(text)) {
    complaints.push(text);
  }
}

class Widget extends HTMLElement {
  override click(): void {
    if (!this.hasAttribute("disabled")) {
      super.click();
    }
  }

  constructor() {
    super();
    this.addEventListener("keydown", ({ key }) => {
      if (/button$/.test(this.localName) && (key === "Enter" || key === " ")) this.click();
    });
  }

  connectedCallback(): void {
    const allowed: Attributes = { ...EVERYWHERE, ...WIDGETS[this.localName], tabindex: "any" }; // The widgets' own.
    for (const { name, value } of Array.from(this.attributes)) {
      const values = allowed[name];
      if (!values) {
        complain(`<${this.localName}> does not document ${name}`);
      } else if (values !== "any" && !values.includes(value)) {
        complain(`<${this.localName}> does not document ${name}="${value}"`);
      }
    }
  }
}

/** A widget with a native control inside, whose value it shows. */
abstract class Control<T extends HTMLElement> extends Widget {
  protected readonly control: T;
  static observedAttributes = ["placeholder", "type", "disabled", "value"];

  constructor(tag: string) {
    super();
    this.control = document.createElement(tag) as T;
    this.control.className = "stub-field";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.appendChild(this.control);
  }

  override focus(): void {
    this.control.focus();
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    if (name === "disabled") {
      this.control.toggleAttribute("disabled", value !== null);
    } else {
      this.control.setAttribute(name, value ?? "");
    }
  }
}

class TextField extends Control<HTMLInputElement> {
  constructor(tag = "input") {
    super(tag);
  }
  get value(): string {
    return this.control.value;
  }
  set value(value: string) {
    this.control.value = value;
  }
}

class TextArea extends TextField {
  constructor() {
    super("textarea");
  }
}

class Slider extends Widget {
  private readonly input = document.createElement("input");
  private readonly shown = document.createElement("div");

  override connectedCallback(): void {
    super.connectedCallback();
    this.input.type = "range";
    this.shown.className = "stub-value";
    this.append(this.shown, this.input);
    this.value = Number(this.getAttribute("value"));
    this.input.addEventListener("input", () => {
      this.value = Number(this.input.value);
    });
  }
  get value(): number {
    return Number(this.input.value);
  }
  set value(value: number) {
    this.input.value = String(value);
    this.shown.textContent = `${value}${this.getAttribute("value-label") ?? ""}`;
  }
}

class CheckBox extends Widget {
  constructor() {
    super();
    this.addEventListener("click", () => {
      this.checked = !this.checked;
      this.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  get checked(): boolean {
    return this.hasAttribute("checked");
  }
  set checked(value: boolean) {
    this.toggleAttribute("checked", value);
  }
}

class Dropdown extends Widget {
  private index = -1;
  private readonly shown = document.createElement("span");

  constructor() {
    super();
    this.addEventListener("keydown", ({ key }) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[key] ?? 0;
      if (step === 0) return;
      this.selectedIndex = Math.min(this.querySelectorAll("sp-menu-item").length - 1, Math.max(0, this.index + step));
      this.dispatchEvent(new Event("change"));
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.children[0]?.localName !== "sp-menu" || this.children[0].getAttribute("slot") !== "options") {
      complain("<sp-dropdown> must contain an sp-menu with slot=options");
    }
    this.tabIndex = 0;
    this.appendChild(this.shown);
    this.selectedIndex = this.index;
  }
  get selectedIndex(): number {
    return this.index;
  }
  set selectedIndex(index: number) {
    this.index = index;
    this.shown.textContent = this.querySelectorAll("sp-menu-item")[index]?.textContent ?? "";
  }
}

class ProgressBar extends Widget {
  static observedAttributes = ["value"];
  private readonly bar = document.createElement("div");

  override connectedCallback(): void {
    super.connectedCallback();
    this.bar.className = "stub-bar";
    this.appendChild(this.bar);
  }
  attributeChangedCallback(_: string, __: string | null, value: string | null): void {
    this.bar.style.width = `${value ?? 0}%`;
  }
}

const SPECIAL: Readonly<Record<string, CustomElementConstructor>> = {
  "sp-textfield": TextField,
  "sp-textarea": TextArea,
  "sp-slider": Slider,
  "sp-checkbox": CheckBox,
  "sp-dropdown": Dropdown,
  "sp-progressbar": ProgressBar,
};

/** Defines all widgets, and makes an unknown one a complaint. */
export function defineWidgets(): void {
  const style = document.createElement("style");
  style.textContent = LOOKS;
  document.head.insertBefore(style, document.head.firstChild);
  for (const name of Object.keys(WIDGETS)) {
    customElements.define(name, SPECIAL[name] ?? class extends Widget {
      override connectedCallback(): void {
        super.connectedCallback();
        if (name.endsWith("button")) this.tabIndex = 0;
      }
    });
  }
}

/** Names every sp- element in the page that is no widget. */
export function lookForStrangers(): void {
  for (const element of Array.from(document.querySelectorAll("*"))) {
    if (element.localName.startsWith("sp-") && !(element.localName in WIDGETS)) {
      complain(`<${element.localName}> is no built-in widget`);
    }
  }
}
