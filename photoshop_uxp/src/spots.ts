/** Small pictures of where pins are set, as the document in front looks there now. */

import { CannotEdit, type DocumentHandle, type Facts, type Rect } from "./host/host";
import type { Host } from "./host/photoshop";
import type { Spot } from "./host/spots";

/** Sharp on a screen with two pixels for each. */
const SIDE_PX = 96;

/** The ids of pins, and the square around each on a canvas; null: it is not there. */
type Squares = (canvas: Facts) => readonly (readonly [pinId: string, square: Rect | null])[];

export class Spots {
  /** By the pin's id; null: there is nothing to see. */
  private pictures: ReadonlyMap<string, Spot | null> = new Map();
  private asOf = "";
  private list: unknown = null;
  private isReading = false;

  constructor(
    private readonly host: Pick<Host, "facts" | "historyState" | "spots">,
    private readonly changed: () => void,
  ) {}

  /** A pin's; null: none. */
  of(pinId: string): Spot | null {
    return this.pictures.get(pinId) ?? null;
  }

  /** Reads those that are missing where the list is another, or all where the document or its history state is; else nothing. Fails never. */
  async look(document: DocumentHandle | undefined, list: unknown, squares: Squares): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    try {
      if (document !== undefined) await this.read(document, list, squares);
      else this.show(new Map(), "", null);
    } catch (error) {
      if (error instanceof CannotEdit) this.show(new Map(), "", null); // Else Photoshop is busy: the next look reads them.
    } finally {
      this.isReading = false;
    }
  }

  private async read(document: DocumentHandle, list: unknown, squares: Squares): Promise<void> {
    const asOf = `${document} ${this.host.historyState(document)}`;
    if (asOf === this.asOf && list === this.list) return;
    const kept = asOf === this.asOf ? this.pictures : new Map<string, Spot | null>();
    const wanted = squares(this.host.facts(document));
    const due = wanted.flatMap(([pinId, square]) => (square === null || kept.has(pinId) ? [] : [{ pinId, square }]));
    const found = due.length > 0 ? await this.host.spots(document, due.map(({ square }) => square), SIDE_PX) : [];
    const read = new Map(due.map(({ pinId }, at) => [pinId, found[at] ?? null]));
    this.show(new Map(wanted.map(([pinId]) => [pinId, read.get(pinId) ?? kept.get(pinId) ?? null])), asOf, list);
  }

  private show(pictures: ReadonlyMap<string, Spot | null>, asOf: string, list: unknown): void {
    const isAnother = pictures.size + this.pictures.size > 0;
    [this.pictures, this.asOf, this.list] = [pictures, asOf, list];
    if (isAnother) this.changed();
  }
}
