/** Small pieces that the panel is made of: DOM elements and Spectrum UXP widgets, built without innerHTML. */

import { say } from "../words";

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
/** An element with classes, attributes and children; text becomes text nodes. */
export function make<T extends HTMLElement>(
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): T {
  const made = document.createElement(tag) as T;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  for (const child of children) made.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
  return made;
}

export function row(...children: readonly (Node | string)[]): HTMLElement {
  return make("div", { class: "row" }, ...children);
}

export function column(...children: readonly (Node | string)[]): HTMLElement {
  return make("div", { class: "column" }, ...children);
}

/** A box to tick, with words that wrap. */
export function ticked(title: string, tip: string, turned: () => void = () => undefined): { readonly tick: Tick; readonly element: HTMLElement } {
  const tick = make<Tick>("sp-checkbox", { title: tip });
  tick.addEventListener("change", turned);
  return { tick, element: row(tick, words(title, "stretch")) };
}

/** A paragraph that wraps. */
export function words(text = "", kind = ""): HTMLElement {
  return make("div", { class: `words ${kind}`.trim() }, text);
}

function pressable(tag: string, attributes: Readonly<Record<string, string>>, text: string, pressed: () => unknown): HTMLElement {
  const made = make(tag, attributes, text);
  made.addEventListener("click", () => void pressed());
  return made;
}

/** A button; `kind` is Spectrum's variant: cta, primary, secondary, warning. */
export function button(text: string, kind: string, title: string, pressed: () => unknown): HTMLElement {
  return pressable("sp-button", { variant: kind, title }, text, pressed);
}

/** A flat button that steps back behind the others. */
export function tool(text: string, title: string, pressed: () => unknown): HTMLElement {
  return pressable("sp-action-button", { quiet: "", class: "tool", title }, text, pressed);
}

/** A button beside others, in the words that there are for this action. */
export function named(name: string, pressed: () => unknown): HTMLElement {
  return action(say(`action.${name}.title`), say(`action.${name}.tip`), pressed);
}

/** A button beside others. */
export function action(text: string, title: string, pressed: () => unknown): HTMLElement {
  return pressable("sp-action-button", { class: "action", title }, text, pressed);
}

/** An element that tells when it is pressed and let go, once each: widgets of UXP swallow that. */
export function held(element: HTMLElement, turned: (isHeld: boolean) => unknown): HTMLElement {
  let isHeld = false;
  const turn = (to: boolean) => (): void => {
    if (to !== isHeld) {
      isHeld = to;
      turned(to);
    }
  };
  element.addEventListener("mousedown", turn(true));
  for (const end of ["mouseup", "mouseleave"]) element.addEventListener(end, turn(false));
  return element;
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
  const others = (element.getAttribute("class") ?? "").split(" ").filter((name) => name !== "" && name !== HIDDEN);
  setValue(element, "class", (isVisible ? others : [...others, HIDDEN]).join(" "));
}

export function setEnabled(element: HTMLElement, isEnabled: boolean): void {
  if (element.hasAttribute("disabled") !== isEnabled) return; // A write may close an open list.
  if (isEnabled) element.removeAttribute("disabled");
  else element.setAttribute("disabled", "");
}

/** Gives an attribute a value, or an element its classes, unless that is there already: a write may close an open list. */
export function setValue(element: HTMLElement, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function clear(element: HTMLElement): void {
  while (element.firstChild) {
    element.removeChild(element.firstChild);
  }
}

/** One of a few values, for people. */
export interface Option {
  readonly value: string;
  readonly title: string;
  readonly tip: string;
  /** It can be seen and not be chosen. */
  readonly isUnable?: boolean;
}

/** A few words beside each other, of which one is chosen. */
export class Choices {
  readonly element = make("div", { class: "row choice" });
  private readonly options = new Map<string, HTMLElement>();
  private chosen = "";

  constructor(options: readonly Option[], changed: () => void) {
    for (const { value, title, tip } of options) {
      const pressed = tool(title, tip, () => {
        this.value = value;
        changed();
      });
      const option = make("div", { class: "option" }, pressed);
      this.options.set(value, option);
      this.element.appendChild(option);
    }
    this.value = options[0]?.value ?? "";
  }

  get value(): string {
    return this.chosen;
  }

  set value(value: string) {
    this.chosen = this.options.has(value) ? value : this.chosen;
    for (const [known, option] of this.options) setValue(option, "class", known === this.chosen ? "option chosen" : "option");
  }
}

/** A list that opens. Its tip is that of what is chosen. */
export class Dropdown {
  readonly element: HTMLElement & { selectedIndex: number };
  private readonly menu = make("sp-menu", { slot: "options" });
  private options: readonly Option[] = [];

  constructor(options: readonly Option[], changed: () => void) {
    this.element = make("sp-dropdown", { class: "stretch list" }, this.menu);
    this.offer(options);
    this.element.addEventListener("change", () => {
      this.tell();
      changed();
    });
  }

  offer(options: readonly Option[]): void {
    const { value } = this;
    if (JSON.stringify(options) === JSON.stringify(this.options)) return; // It may be open.
    clear(this.menu);
    this.options = options;
    for (const { title, tip, isUnable } of options) {
      this.menu.appendChild(make("sp-menu-item", { title: tip, ...(isUnable === true && { disabled: "" }) }, title));
    }
    this.value = value;
  }

  get value(): string {
    return this.options[this.element.selectedIndex]?.value ?? "";
  }

  set value(value: string) {
    this.element.selectedIndex = Math.max(0, this.options.findIndex((option) => option.value === value));
    this.tell();
  }

  private tell(): void {
    setValue(this.element, "title", this.options[this.element.selectedIndex]?.tip ?? "");
  }
}

/** A part that opens and closes under its title. `turned`: it did. */
export class Section {
  readonly element: HTMLElement;
  private readonly title = make("div", { class: "fold" });

  constructor(
    private readonly name: string,
    private readonly body: HTMLElement,
    public isOpen: boolean,
    turned: () => void,
  ) {
    this.title.addEventListener("click", () => {
      this.isOpen = !this.isOpen;
      this.show();
      turned();
    });
    this.element = column(this.title, body);
    this.show();
  }

  private show(): void {
    setText(this.title, `${this.isOpen ? "▾" : "▸"} ${this.name}`);
    setVisible(this.body, this.isOpen);
  }
}

export type DotState = "good" | "busy" | "bad" | "quiet";

/** A coloured dot: how things stand at a glance. */
export function dot(state: DotState): HTMLElement {
  return make("div", { class: `dot ${state}` });
}
