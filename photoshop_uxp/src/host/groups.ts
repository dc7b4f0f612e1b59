/** The groups of documents that are results, by what is noted on them. A group's note is written once, when it is made: it is read once. */

import type { Document } from "photoshop/dom/Document";

import type { DocumentHandle, Origin, Result } from "./host";
import { type Photoshop, readNotes } from "./layers";
import { readOrigin } from "./notes";
import { contentOf } from "./touched";
import { groupsOf, type Node, treeOf } from "./tree";

/** A group that is a result. */
export interface Group {
  readonly node: Node;
  readonly origin: Origin;
}

export class Groups {
  /** What their notes say, by document and group. */
  private readonly remembered = new Map<DocumentHandle, Map<number, Origin | null>>();
  /** The ids that results remember for their documents, as of a history state. */
  private readonly inside = new Map<DocumentHandle, { state: number; id: string }>();

  constructor(private readonly ps: Photoshop) {}

  /** Those of a document, top to bottom. Only groups that were not there before are asked for their notes. */
  async of(document: Document, tree?: readonly Node[]): Promise<readonly Group[]> {
    const known = this.remembered.get(document.id) ?? new Map<number, Origin | null>();
    this.remembered.set(document.id, known);
    const groups = groupsOf(tree ?? (await treeOf(this.ps, document)));
    const fresh = groups.filter(({ id }) => !known.has(id));
    const notes = await readNotes(this.ps, document.id, fresh.map(({ id }) => id));
    for (const [at, { id }] of fresh.entries()) known.set(id, readOrigin(notes[at] ?? ""));
    return groups.flatMap((node) => {
      const origin = known.get(node.id) ?? null;
      return origin === null ? [] : [{ node, origin }];
    });
  }

  /** A document's results, top to bottom. */
  async results(document: Document): Promise<readonly Result[]> {
    const found: Result[] = [];
    for (const group of await this.of(document)) found.push(await this.resultOf(document, group));
    return found;
  }

  /** What a group holds, as a result. */
  async resultOf(document: Document, { node, origin }: Group): Promise<Result> {
    const { variations } = await contentOf(this.ps, document, node);
    const shown = variations.map(({ id, node: { name, visible }, memory }) => ({ layer: id, name, visible, memory }));
    return { document: document.id, group: node.id, name: node.name, visible: node.visible, origin, variations: shown };
  }

  /** The id that a result in a document remembers for it; empty: there is none. */
  async documentId(document: Document): Promise<string> {
    const state = document.activeHistoryState.id;
    const known = this.inside.get(document.id);
    if (known?.state === state) return known.id;
    const id = (await this.of(document)).at(0)?.origin.documentId ?? "";
    this.inside.set(document.id, { state, id });
    return id;
  }
}
