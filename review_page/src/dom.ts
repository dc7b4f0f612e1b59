/** Elements by script: everything that is said goes in as text, so no word of a reviewer is ever read as markup. */

export type Child = Node | string | null;

interface Attributes {
  /** An attribute's value; true: present without one, false: absent. */
  readonly [name: string]: string | number | boolean | undefined;
}

/** A new element with attributes and children. */
export function h<T extends keyof HTMLElementTagNameMap>(tag: T, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => set(element, name, value));
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Sets an attribute, or takes it away where the value is false or undefined. Touches nothing that is so already. */
export function set(element: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === false || value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== (value === true ? "" : String(value))) element.setAttribute(name, value === true ? "" : String(value));
}

/** Says something in an element, unless it says so already: a live region would say it again. */
export function tell(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A button that acts. `label` is what it is called where its text does not say it. */
export function button(text: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const element = h("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", act);
  return element;
}

/** An element that shows a thing, whatever the thing has become. */
export interface Shows<T> {
  readonly root: HTMLElement;
  show(thing: T): void;
}

/**
 * Elements kept in step with a list of things: one for each key, in the list's order; those that stay are the same elements, so
 * that focus and what is typed in them stay, too.
 */
export class Kept<T, V extends Shows<T>> {
  private readonly known = new Map<string, V>();

  constructor(
    private readonly parent: Element,
    private readonly make: (thing: T) => V,
  ) {}

  show(things: readonly T[], keyOf: (thing: T) => string): void {
    const keys = new Set(things.map(keyOf));
    this.known.forEach(({ root }, key) => {
      if (keys.has(key)) return;
      root.remove();
      this.known.delete(key);
    });
    things.forEach((thing, index) => {
      const key = keyOf(thing);
      const view = this.known.get(key) ?? this.make(thing);
      this.known.set(key, view);
      if (this.parent.children[index] !== view.root) this.parent.insertBefore(view.root, this.parent.children[index] ?? null);
      view.show(thing);
    });
  }

  get(key: string): V | undefined {
    return this.known.get(key);
  }
}
