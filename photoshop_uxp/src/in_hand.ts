/** The result in hand: flipped, kept, discarded, compared with what is below it. */

import { memoryOf, unpacked } from "./client/messages";
import type { Desk } from "./host/desk";
import { CannotEdit, type Result } from "./host/host";
import type { Host } from "./host/photoshop";
import { subjectOf } from "./probe";
import type { Server } from "./session";
import type { Shown } from "./ui/shown";
import { say } from "./words";

export class InHand {
  /** The result that is compared with what is below it, and the last turn of that. */
  private compared: Result | null = null;
  private comparing: Promise<unknown> = Promise.resolve();

  /** `attempt`: runs what may fail, and tells why it did. */
  constructor(
    private readonly host: Host,
    private readonly server: Pick<Server, "checkBrand" | "rate" | "saveStyle">,
    private readonly view: Desk,
    private readonly shown: Shown,
    private readonly attempt: (what: () => Promise<void>) => Promise<boolean>,
  ) {}

  show(variation: number): Promise<unknown> {
    return this.attempt(async () => this.host.show(await this.view.resultInHand(), variation));
  }

  flip(by: number): Promise<unknown> {
    return this.attempt(async () => {
      const result = await this.view.resultInHand();
      const count = result.variations.length;
      const shown = Math.max(0, result.variations.findIndex(({ visible }) => visible));
      await this.host.show(result, (((shown + by) % count) + count) % count);
    });
  }

  keep(): Promise<unknown> {
    return this.attempt(async () => {
      const result = await this.view.resultInHand();
      const kept = result.variations.findIndex(({ visible }) => visible);
      if (kept < 0) throw new CannotEdit(say("result.hidden"));
      await this.host.keep(result);
      this.rate(result, kept);
    });
  }

  /** Keeps how the variation that shows was painted as a style, by the name of its result. */
  saveStyle(): Promise<unknown> {
    return this.attempt(async () => {
      const result = await this.view.resultInHand();
      const title = await this.server.saveStyle(memoryOf(result)?.jobId ?? "", result.name);
      this.shown.note(result.document, result.group, say("style.saved", { title }));
    });
  }

  /** Holds what shows against the colours of a style: of the selection, or else of the result in hand. */
  checkBrand(style: string): Promise<unknown> {
    return this.attempt(async () => {
      const result = await this.view.resultInHand();
      const glance = this.host.glance();
      if (glance === null) throw new CannotEdit(say("plan.no_picture"));
      this.shown.tell(result, await this.server.checkBrand(result.document, await subjectOf(this.host, glance, result), style));
    });
  }

  discard(): Promise<unknown> {
    return this.attempt(async () => {
      const result = await this.view.resultInHand();
      const note = await this.host.discard(result);
      this.shown.note(result.document, result.group, note);
      this.rate(result, -1);
    });
  }

  /** Hides the result in hand, and shows it again, in the order in which it was asked for. */
  before(isBefore: boolean): Promise<unknown> {
    this.comparing = this.comparing.then(() =>
      this.attempt(async () => {
        if (isBefore) this.compared = await this.view.resultInHand();
        const result = this.compared ?? this.view.result;
        if (result) await this.host.reveal(result, !isBefore);
      }),
    );
    return this.comparing;
  }

  /** How it looks, large, and how the picture looks without it, as the sources of `<img>`s. */
  async look(side: number): Promise<{ readonly before: string; readonly after: string }> {
    const { result } = this.view;
    const looks = { before: "", after: "" };
    if (!result) return looks;
    await this.attempt(async () => {
      looks.after = await this.host.look(result, false, side);
      looks.before = await this.host.look(result, true, side);
    });
    return looks;
  }

  /** Tells the server which of a result's variations stays, by its place; -1: none. Each may be of another job. */
  private rate({ variations }: Result, kept: number): void {
    for (const [at, { memory }] of variations.entries()) {
      const { jobId = "", variation = 0 } = unpacked(memory) ?? {};
      if (jobId !== "") this.server.rate(jobId, variation, at === kept);
    }
  }
}
