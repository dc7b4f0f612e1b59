/** The document in front and the result in hand: looked at again whenever either may be another. */

import { CannotEdit, type DocumentHandle, type Glance, messageOf, type Result } from "./host";
import type { Host } from "./photoshop";
import { say } from "../words";

export class Desk {
  glance: Glance | null = null;
  /** The id of the document in front; empty while it has none. */
  id = "";
  result: Result | null = null;
  private readonly preferred = new Map<DocumentHandle, number>();
  private layersMayHaveChanged = false;
  private underWay: Promise<void> | null = null;
  private looksAgain = false;

  constructor(
    private readonly host: Host,
    /** A look begins, before layers are read. */
    private readonly glanced: (glance: Glance | null) => void,
    /** A look has ended; why it failed, or an empty text. */
    private readonly looked: (trouble: string) => void,
  ) {}

  /** Looks at the document in front; a look while one is under way is one more after it. Layers are read if they may have changed. */
  look(layersMayHaveChanged: boolean): Promise<void> {
    this.layersMayHaveChanged = this.layersMayHaveChanged || layersMayHaveChanged;
    this.looksAgain = this.underWay !== null;
    this.underWay =
      this.underWay ??
      this.lookUntilSettled().finally(() => {
        this.underWay = null;
      });
    return this.underWay;
  }

  /** The result to show where the active layer is in none. */
  prefer(document: DocumentHandle, group: number): void {
    this.preferred.set(document, group);
  }

  /** Throws CannotEdit where there is none. */
  async resultInHand(): Promise<Result> {
    this.glance = this.host.glance();
    const result = await this.findResult();
    if (!result) throw new CannotEdit(say("result.none"));
    return result;
  }

  private async lookUntilSettled(): Promise<void> {
    do {
      this.looksAgain = false;
      let trouble = "";
      try {
        await this.lookOnce();
      } catch (error) {
        trouble = messageOf(error);
        this.layersMayHaveChanged = true; // They were not seen.
      }
      this.looked(trouble);
    } while (this.looksAgain);
  }

  private async lookOnce(): Promise<void> {
    const glance = this.host.glance();
    this.glanced(glance);
    if (this.layersMayHaveChanged || glance?.document !== this.glance?.document) {
      this.layersMayHaveChanged = false;
      const known = await this.host.known();
      this.id = Array.from(known).find(([, handle]) => handle === glance?.document)?.[0] ?? "";
      this.glance = glance;
      this.result = await this.findResult();
    }
    this.glance = glance;
  }

  private async findResult(): Promise<Result | null> {
    const document = this.glance?.document;
    if (document === undefined) return null;
    const inHand = await this.host.resultInHand(document);
    const preferred = this.preferred.get(document);
    if (inHand || preferred === undefined) return inHand;
    return (await this.host.results(document)).find(({ group }) => group === preferred) ?? null;
  }
}
