/** The DOM that the panel asks of UXP, without a screen: elements that keep their attributes, children and listeners. */

export class FakeElement {
  readonly style: Record<string, string> = {};
  readonly children: FakeElement[] = [];
  parentNode: FakeElement | null = null;
  className = "";
  value: unknown = "";
  checked = false;
  selectedIndex = -1;
  private readonly attributes = new Map<string, string>();
  private readonly listeners = new Map<string, ((event: object) => void)[]>();
  private text = "";

  constructor(readonly tagName: string) {}

  get firstChild(): FakeElement | null {
    return this.children[0] ?? null;
  }

  get textContent(): string {
    return this.text + this.children.map(({ textContent }) => textContent).join("");
  }

  set textContent(text: string) {
    this.children.length = 0;
    this.text = text;
  }

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }

  hasAttribute(name: string): boolean {
    return this.attributes.has(name);
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  appendChild(child: FakeElement): FakeElement {
    return this.insertBefore(child, null);
  }

  insertBefore(child: FakeElement, before: FakeElement | null): FakeElement {
    child.parentNode?.removeChild(child);
    child.parentNode = this;
    this.children.splice(before === null ? this.children.length : this.children.indexOf(before), 0, child);
    return child;
  }

  removeChild(child: FakeElement): FakeElement {
    this.children.splice(this.children.indexOf(child), 1);
    child.parentNode = null;
    return child;
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  focus(): void {
    this.fire("focus");
  }

  fire(type: string): void {
    this.listeners.get(type)?.forEach((listener) => {
      listener({});
    });
  }

  /** The Spectrum button in it with this text. */
  button(text: string): FakeElement {
    const all = (element: FakeElement): FakeElement[] => element.children.flatMap((child) => [child, ...all(child)]);
    const found = all(this).find((one) => one.tagName.startsWith("sp-") && one.textContent === text);
    if (found === undefined) {
      throw new Error(`There is no “${text}”.`);
    }
    return found;
  }

  /** The first element in it with this class. */
  find(name: string): FakeElement | null {
    if ((this.getAttribute("class") ?? "").split(" ").includes(name)) {
      return this;
    }
    return this.children.map((child) => child.find(name)).find((found) => found !== null) ?? null;
  }
}

/** Just enough of a `document`. */
export const fakeDocument = {
  body: new FakeElement("body"),
  createElement: (tag: string): FakeElement => new FakeElement(tag),
  createTextNode: (text: string): FakeElement => Object.assign(new FakeElement("#text"), { textContent: text }),
};
