/** Small pieces that the panel is made of: DOM elements and Spectrum UXP widgets, built without innerHTML. */

/** The members of Spectrum UXP widgets that the panel uses; the DOM's own types know none of them. */
export interface Field extends HTMLElement {
  value: string;
}
export interface Slider extends HTMLElement {
  value: number;
}
export interface Tick extends HTMLElement {
  checked: boolean;
}
export interface Dropdown extends HTMLElement {
  selectedIndex: number;
}

/** An element with classes, attributes and children; text becomes text nodes. */
export function make<T extends HTMLElement>(
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): T {
  const made = document.createElement(tag) as T;
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  for (const child of children) {
    made.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
  }
  return made;
}

export function row(...children: readonly (Node | string)[]): HTMLElement {
  return make("div", { class: "row" }, ...children);
}

export function column(...children: readonly (Node | string)[]): HTMLElement {
  return make("div", { class: "column" }, ...children);
}

/** A paragraph that wraps. */
export function words(text = "", kind = ""): HTMLElement {
  return make("div", { class: `words ${kind}`.trim() }, text);
}

/** A button; `kind` is Spectrum's variant: cta, primary, secondary, warning. */
export function button(text: string, kind: string, tip: string, pressed: () => unknown): HTMLElement {
  const made = make("sp-button", { variant: kind, title: tip }, text);
  made.addEventListener("click", () => void pressed());
  return made;
}

/** A flat button that steps back behind the others. */
export function tool(text: string, tip: string, pressed: () => unknown): HTMLElement {
  const made = make("sp-action-button", { quiet: "", class: "tool", title: tip }, text);
  made.addEventListener("click", () => void pressed());
  return made;
}

/** A button beside others. */
export function action(text: string, tip: string, pressed: () => unknown): HTMLElement {
  const made = make("sp-action-button", { class: "action", title: tip }, text);
  made.addEventListener("click", () => void pressed());
  return made;
}

/** What looks like a button and tells when it is pressed and let go: widgets of UXP swallow that. */
export function held(text: string, tip: string, turned: (isHeld: boolean) => unknown): HTMLElement {
  const made = make("div", { class: "action held", title: tip }, text);
  let isHeld = false;
  const turn = (to: boolean) => (): void => {
    if (to !== isHeld) {
      isHeld = to;
      turned(to);
    }
  };
  made.addEventListener("mousedown", turn(true));
  for (const end of ["mouseup", "mouseleave"]) {
    made.addEventListener(end, turn(false));
  }
  return made;
}

/** A widget with its name before it. */
export function labelled(title: string, ...widgets: readonly Node[]): HTMLElement {
  return make("div", { class: "row labelled" }, make("div", { class: "label" }, title), ...widgets);
}

const HIDDEN = "hidden";

/**
 * Shows or hides, by a class: nobody documents that UXP gives an element its display back once its own style was emptied. UXP draws
 * text fields above everything, so what is not meant to be seen must not be displayed.
 */
export function setVisible(element: HTMLElement, isVisible: boolean): void {
  const others = classesOf(element).filter((name) => name !== HIDDEN);
  setValue(element, "class", (isVisible ? others : [...others, HIDDEN]).join(" "));
}

function classesOf(element: HTMLElement): string[] {
  return (element.getAttribute("class") ?? "").split(" ").filter(Boolean);
}

export function setEnabled(element: HTMLElement, isEnabled: boolean): void {
  setAttribute(element, "disabled", !isEnabled);
}

export function setAttribute(element: HTMLElement, name: string, isSet: boolean): void {
  if (isSet === element.hasAttribute(name)) {
    return;
  }
  if (isSet) {
    element.setAttribute(name, "");
  } else {
    element.removeAttribute(name);
  }
}

/** Gives an attribute a value, or an element its classes, unless that is there already: a write may close an open list. */
export function setValue(element: HTMLElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value);
  }
}

export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

export function clear(element: HTMLElement): void {
  while (element.firstChild) {
    element.removeChild(element.firstChild);
  }
}

/**
 * A whole number. A plain text field: Spectrum's numeric one takes no limits, and stops at 214,748.36.
 * What is no number goes back to the last one when the field is left.
 */
export class NumberField {
  readonly element: Field;
  private last: number;

  constructor(
    private readonly low: number,
    private readonly high: number,
    tip: string,
    private readonly changed: () => void = () => undefined,
  ) {
    this.last = low;
    this.element = make<Field>("sp-textfield", { class: "number", title: tip });
    this.element.addEventListener("input", () => {
      this.take();
    });
    this.element.addEventListener("change", () => {
      this.take();
      this.element.value = String(this.last);
    });
  }

  get value(): number {
    return this.last;
  }

  set value(value: number) {
    this.last = this.limited(value);
    this.element.value = String(this.last);
  }

  private take(): void {
    const text = String(this.element.value).trim();
    const value = /^[+-]?\d+$/.test(text) ? this.limited(Number(text)) : this.last;
    if (value !== this.last) {
      this.last = value;
      this.changed();
    }
  }

  private limited(value: number): number {
    return Math.min(this.high, Math.max(this.low, Math.round(value)));
  }
}

/** A few words beside each other, of which one is chosen. */
export class Choice<T extends string> {
  readonly element = make("div", { class: "row choice" });
  private readonly options = new Map<T, HTMLElement>();
  private chosen: T;

  constructor(choices: readonly (readonly [value: T, title: string, tip: string])[], first: T, changed: () => void) {
    this.chosen = first;
    for (const [value, title, tip] of choices) {
      const pressed = tool(title, tip, () => {
        this.value = value;
        changed();
      });
      const option = make("div", { class: "option", "data-value": value }, pressed);
      this.options.set(value, option);
      this.element.appendChild(option);
    }
    this.value = first;
  }

  get value(): T {
    return this.chosen;
  }

  set value(value: T) {
    this.chosen = value;
    for (const [known, option] of this.options) {
      option.className = known === value ? "option chosen" : "option";
    }
  }
}

/** A part that opens and closes under its title. `turned`: it did. */
export class Section {
  readonly element: HTMLElement;
  private readonly title: HTMLElement;
  private isOpen = false;

  constructor(
    private readonly name: string,
    private readonly body: HTMLElement,
    private readonly turned: (isOpen: boolean) => void = () => undefined,
  ) {
    this.title = make("div", { class: "fold" });
    this.title.addEventListener("click", () => this.turn(!this.isOpen));
    this.element = column(this.title, body);
    this.turn(false);
  }

  turn(isOpen: boolean): void {
    const isAnother = isOpen !== this.isOpen;
    this.isOpen = isOpen;
    setText(this.title, `${isOpen ? "▾" : "▸"} ${this.name}`);
    setVisible(this.body, isOpen);
    if (isAnother) {
      this.turned(isOpen);
    }
  }
}

/** `work`, once at a time: who asks while it is under way gets that one. A file picker can make Photoshop press its button again. */
export function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | null = null;
  return () => {
    underWay =
      underWay ??
      work().finally(() => {
        underWay = null;
      });
    return underWay;
  };
}

export type DotState = "good" | "busy" | "bad" | "quiet";

/** A coloured dot: how things stand at a glance. */
export function dot(state: DotState): HTMLElement {
  return make("div", { class: `dot ${state}` });
}
