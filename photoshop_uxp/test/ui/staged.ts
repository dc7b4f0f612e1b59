/** Documents and a server for tests of the session: nothing of Photoshop's strictness (see test/fake for that), no network. */

import { mock } from "node:test";
import { create } from "@bufbuild/protobuf";
import { packed } from "../../src/client/messages";
import { ResultMemorySchema } from "../../src/gen/inlay/v1/memory_pb";
import { DescribeVerbsResponseSchema } from "../../src/gen/inlay/v1/verbs_pb";
import type { Job } from "../../src/gen/inlay/v1/job_pb";
import { CannotEdit, type Facts, type Glance, type Rect, type Result } from "../../src/host/host";
import type { Host } from "../../src/host/photoshop";
import type { RunningEdit } from "../../src/client/standing";
import type { Address, ConnectionView } from "../../src/client/connection";
import type { Phase } from "../../src/client/standing";
import { wish } from "../forms";

export const REGION: Rect = { x: 10, y: 20, width: 30, height: 40 };
export const WISH = wish();
const RASTER = { width: 30, height: 40, blob: "0" };
const RECIPE = { canvas: { document: {}, window: {}, source: RASTER }, where: { region: REGION, mask: RASTER }, words: {}, sampling: { tier: "draft" } };
const PATCH = { bounds: REGION, pixels: RASTER, mask: RASTER };

export function resultOf(document: number, group: number, jobId: string, count = 2, shown = 0): Result {
  return {
    document,
    group,
    name: `result ${group}`,
    visible: true,
    origin: { jobId, documentId: `id-${document}`, region: REGION, reads: "picture" },
    variations: Array.from({ length: count }, (_, index) => ({
      layer: 10 * group + index,
      name: `Variation ${index + 1}`,
      visible: index === shown,
      memory: packed(create(ResultMemorySchema, { jobId, variation: index, recipe: RECIPE, patch: PATCH })),
    })),
  };
}

/** Documents with an id, a selection and results. */
export class Desk {
  front: Glance | null = { document: 1, title: "one.psd", region: REGION };
  refusal = "";
  ids = new Map([["id-1", 1]]);
  placed: Result[] = [];
  inHand: Result | null = null;
  readonly stored = new Map<string, string>();
  readonly asked: unknown[][] = [];
  readonly alerts: string[] = [];
  private listener: () => void = () => undefined;

  readonly host = {
    name: "Photoshop 26.5.0",
    locale: "",
    settings: {
      read: (name: string) => this.stored.get(name) ?? "",
      write: (name: string, value: string) => void this.stored.set(name, value),
    },
    glance: () => this.front,
    onChange: (listener: () => void) => {
      this.listener = listener;
      return () => undefined;
    },
    facts: (): Facts => {
      if (this.refusal !== "") {
        throw new CannotEdit(this.refusal);
      }
      return { width: 100, height: 100, mode: "RGB", depth: 16, profile: "Adobe RGB (1998)" };
    },
    identify: (document: number) => Promise.resolve(`id-${document}`),
    find: (id: string) => Promise.resolve(this.ids.get(id) ?? null),
    known: () => Promise.resolve(this.ids),
    results: (document: number) => Promise.resolve(this.placed.filter((result) => result.document === document)),
    resultInHand: () => Promise.resolve(this.inHand),
    show: (result: Result, index: number) => Promise.resolve(void this.asked.push(["show", result.group, index])),
    discard: (result: Result) => {
      this.asked.push(["discard", result.group]);
      return Promise.resolve("");
    },
    reveal: (result: Result, isVisible: boolean) => Promise.resolve(void this.asked.push(["reveal", result.group, isVisible])),
    thumbnail: (_: number, __: Rect, layer: number) => Promise.resolve(`look of ${layer}`),
    keep: (result: Result) => Promise.resolve(void this.asked.push(["keep", result.group])),
    alert: (message: string) => Promise.resolve(void this.alerts.push(message)),
  } as unknown as Host;

  changed(): void {
    this.listener();
  }
}

export class Edit implements RunningEdit {
  name = "Erase";
  phase: Phase = "capturing";
  message = "";
  fraction = 0;
  position = null;
  etaS = null;
  preview = "";
  group: number | null = null;
  suggested: Readonly<Record<string, string>> = {};
  isCancelled = false;
  isPlaced = false;
  private listener: () => void = () => undefined;

  constructor(
    readonly jobId: string,
    readonly documentId = "id-1",
  ) {}
  get hasEnded(): boolean {
    return ["placed", "failed", "cancelled", "waiting"].includes(this.phase);
  }
  on(listener: () => void): void {
    this.listener = listener;
  }
  turn(phase: Phase, facts: Partial<Pick<RunningEdit, "message" | "group" | "suggested">> = {}): void {
    Object.assign(this, { phase, ...facts });
    this.listener();
  }
  place(): void {
    this.isPlaced = true;
  }
  cancel(): void {
    this.isCancelled = true;
    this.turn("cancelled");
  }
}

export class Office {
  readonly locale = "";

  constructor(readonly host: Host) {}

  view: ConnectionView = {
    state: "ready",
    serverName: "gpu",
    serverVersion: "0.1.0",
    url: "http://127.0.0.1:50052",
    reason: "",
    description: create(DescribeVerbsResponseSchema),
    models: [],
  };
  lockedOrigin = "";
  waiting: Job[] = [];
  begun: Edit[] = [];
  readonly plans: unknown[] = [];
  notes: readonly string[] = [];
  readonly rated: unknown[][] = [];
  readonly rolls: unknown[][] = [];
  private listener: () => void = () => undefined;

  onChange(listener: () => void): void {
    this.listener = listener;
  }
  turn(state: ConnectionView["state"], reason = ""): void {
    this.view = { ...this.view, state, reason };
    this.listener();
  }
  address: Address = { url: "", token: "" };
  use = (): void => undefined;
  check = (): void => this.listener();
  stop = (): void => undefined;
  plan = (question: unknown): Promise<never> => {
    this.plans.push(question);
    return Promise.resolve({ window: { width: 64, height: 64 }, scale: 1, sentence: "", notes: this.notes } as never);
  };
  examine = (): Promise<void> => Promise.resolve();
  measure = (): Promise<never> => Promise.reject(new Error("Nothing is measured here."));
  spell = this.measure;
  begin = (): Edit => this.note(new Edit(`job-${this.begun.length + 1}`));
  more = (...asked: unknown[]): Edit => {
    this.rolls.push(asked);
    return this.note(new Edit("more"));
  };
  finish = (): Edit => this.note(new Edit("final"));
  adopt = ({ jobId }: Job): Edit => this.note(new Edit(jobId));
  jobs = (): Promise<Job[]> => Promise.resolve(this.waiting);
  rate = (...facts: unknown[]): void => void this.rated.push(facts);

  private note(edit: Edit): Edit {
    this.begun.push(edit);
    return edit;
  }
}

export function jobs(...ids: readonly string[]): Job[] {
  return ids.map((jobId) => ({ jobId }) as Job);
}

/** Lets everything that is due happen, by the clock of `mock.timers`. */
export async function pass(ms = 1000): Promise<void> {
  for (let spent = 0; spent < ms; spent += 50) {
    mock.timers.tick(50);
    for (let turn = 0; turn < 20; turn += 1) {
      await Promise.resolve();
    }
  }
}
