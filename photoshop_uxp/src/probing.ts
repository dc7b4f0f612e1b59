/** The colour probe while it is open: measures anew where the selection, the result in hand or the target is another. */

import { pause } from "./client/pause";
import { CannotEdit, type DocumentHandle, type Glance, type Host, HostBusy, type Mask, type Result } from "./host/host";
import { messageOf } from "./planning";
import { subjectOf } from "./probe";
import type { InlayServer } from "./client/index";
import type { ColorProbe, Reading } from "./ui/model";

/** A selection that is being drawn, or a number that is being typed, is waited for. */
const DELAY_MS = 250;
const BUSY_MS = 1000;

export class Probing implements ColorProbe {
  reading: Reading | null = null;
  trouble = "";
  private isOpen = false;
  private glance: Glance | null = null;
  private result: Result | null = null;
  private target = "";
  private question = "";
  private controller: AbortController | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly host: Host,
    private readonly server: Pick<InlayServer, "connection" | "measure" | "spell">,
  ) {}

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** This is in front now, this result is in hand, and this colour is the target. */
  look(glance: Glance | null, result: Result | null, target: string): void {
    this.glance = glance;
    this.result = result;
    this.target = target;
    const shown = result?.variations.find(({ visible }) => visible)?.layer;
    const { state } = this.server.connection;
    const question = JSON.stringify([glance?.document, glance?.region, result?.group, shown, target, state]);
    if (question !== this.question) {
      this.question = question;
      this.measure();
    }
  }

  turn(isOpen: boolean): void {
    this.isOpen = isOpen;
    this.measure();
  }

  measure(): void {
    this.controller?.abort();
    this.controller = null;
    if (this.isOpen) {
      this.controller = new AbortController();
      void this.find(this.controller.signal);
    }
  }

  async spell(): Promise<string> {
    try {
      const [document, mask] = await this.subject();
      return await this.server.spell(document, mask);
    } catch (error) {
      this.say(messageOf(error));
      return "";
    }
  }

  private async find(signal: AbortSignal): Promise<void> {
    try {
      await pause(DELAY_MS, signal);
      const reading = await this.whenFree(signal);
      if (!signal.aborted) {
        this.reading = reading;
        this.say("");
      }
    } catch (error) {
      if (!signal.aborted) {
        this.say(messageOf(error));
      }
    }
  }

  /** Waits for Photoshop while it is busy. */
  private async whenFree(signal: AbortSignal): Promise<Reading> {
    for (;;) {
      try {
        const [document, mask] = await this.subject();
        return await this.server.measure(document, mask, this.target, signal);
      } catch (error) {
        if (!(error instanceof HostBusy) || signal.aborted) {
          throw error;
        }
        this.say(error.message);
        await pause(BUSY_MS, signal);
      }
    }
  }

  private async subject(): Promise<readonly [DocumentHandle, Mask]> {
    const { glance, result } = this;
    if (!glance) {
      throw new CannotEdit("Open a picture to measure in.");
    }
    if (!glance.region && !result) {
      throw new CannotEdit("Select what to measure.");
    }
    const { state, reason } = this.server.connection;
    if (state !== "ready") {
      throw new CannotEdit(state === "trouble" ? reason : "Not connected yet. Try again in a moment.");
    }
    return [glance.document, await subjectOf(this.host, glance, result)];
  }

  /** A sentence instead of numbers; empty: the numbers. */
  private say(trouble: string): void {
    this.trouble = trouble;
    if (trouble !== "") {
      this.reading = null;
    }
    this.listeners.forEach((listener) => {
      listener();
    });
  }
}
