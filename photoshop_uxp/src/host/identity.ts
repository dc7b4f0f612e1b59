/** Which document is which: by its number while it is open, by its file or by a result inside it afterwards. */

import type { Document } from "photoshop/dom/Document";

import { recalled, type Settings } from "./uxp";

const SETTING = "documents";
const MAX_FILES = 200;

/** Gives documents their ids, and remembers by path those that were saved. */
export class Identity {
  private readonly open = new Map<number, string>();

  constructor(
    private readonly settings: Settings,
    private readonly newId: () => string,
  ) {}

  /** The document's id; made on first use. A copy that is open beside its original gets one of its own. */
  of(document: Document, documents: readonly Document[], remembered: string): string {
    const known = this.known(document) || remembered;
    const isTaken = documents.some((other) => other.id !== document.id && this.known(other) === known);
    const id = known !== "" && !isTaken ? known : this.newId();
    this.open.set(document.id, id);
    this.learnFile(document, id);
    return id;
  }

  /** The document's id if it had an edit since it was opened, or lies where a document with an id lay; else empty. */
  known(document: Document): string {
    const open = this.open.get(document.id);
    const file = fileOf(document);
    if (open !== undefined) {
      if (file !== "" && this.files()[file] !== open) this.learnFile(document, open); // Saved since.
      return open;
    }
    return file === "" ? "" : (this.files()[file] ?? "");
  }

  /** Whether the id was used since the document was opened, and so cannot be a copy's. */
  isSure(document: Document): boolean {
    return this.open.has(document.id);
  }

  private learnFile(document: Document, id: string): void {
    const file = fileOf(document);
    if (file === "") return;
    const others = Object.entries(this.files()).filter(([name]) => name !== file);
    this.settings.write(SETTING, JSON.stringify(Object.fromEntries([...others, [file, id]].slice(-MAX_FILES))));
  }

  private files(): Record<string, string> {
    return recalled(this.settings, SETTING, {});
  }
}

/** Where the document was saved; empty where it never was (its path is then no more than its title). */
export function fileOf(document: Document): string {
  try {
    return /[/\\]/.test(document.path) ? document.path : "";
  } catch {
    return ""; // Photoshop throws for some documents that were never saved.
  }
}
