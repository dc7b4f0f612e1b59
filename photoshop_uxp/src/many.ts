/** One result, many deliverables: its edit in other open documents, and rows of variations that differ in one thing. */

import { masterOf, carried, type Master } from "./carry";
import { get } from "./client/blobs";
import type { Line } from "./client/connect";
import { persistent } from "./client/follow";
import { maskOf, memoryOf, misfitOf, type Remembered, rectOf, type WholeRecipe } from "./client/messages";
import { Stop } from "./client/pause";
import type { RunningEdit } from "./client/standing";
import type { VerbForm } from "./gen/inlay/v1/verbs_pb";
import { expansion, type Format, formatsOf } from "./formats";
import { freshOf } from "./host/canvas";
import { cropMask, tighten, whiteOf } from "./host/capture";
import { CannotEdit, type DocumentHandle, type Mask, messageOf, type Rect, type Result } from "./host/host";
import type { Host } from "./host/photoshop";
import { alone, type Changed, changed, COLOR, elsewhere, PROMPT } from "./like";
import type { InlayServer } from "./server";
import { say } from "./words";

export type CellState = "waiting" | "working" | "done" | "flagged" | "failed" | "cancelled";

/** One edit of several. */
export interface Cell {
  readonly name: string;
  readonly state: CellState;
  /** Why. */
  readonly said: string;
}

/** How a result's many edits stand. */
export interface ManyView {
  readonly cells: readonly Cell[];
  readonly isRunning: boolean;
}

/** What rows can differ in. */
export interface Path {
  readonly path: Changed;
  readonly title: string;
}

/** A person must look. */
class Flagged extends CannotEdit {
  override readonly name = "Flagged";
}

class Stopped extends Error {}

type Server = Pick<InlayServer, "calls" | "locale" | "view" | "host" | "like" | "vary">;

/** A result whose rows go on: each takes the place of the one before. */
interface Series {
  readonly document: DocumentHandle;
  readonly memory: Remembered;
  group: number;
}

/** A format's document, what was selected as it lies there, and the layer that the result lies on; null: it is on top of all. */
interface Framed {
  readonly document: DocumentHandle;
  readonly mask: Mask;
  readonly liesOn: number | null;
}

/** One at a time; what was made stays when it is stopped. */
export class Many {
  private cells: readonly Cell[] = [];
  private isRunning = false;
  private stopping = new Stop();
  private underWay: RunningEdit | null = null;

  constructor(
    private readonly host: Host,
    private readonly server: Server,
    private readonly inHand: () => Promise<Result>,
    /** An edit began in a document: it is told of as every other one. */
    private readonly follow: (edit: RunningEdit, document: DocumentHandle) => void,
    private readonly changed: () => void,
  ) {}

  get view(): ManyView {
    return { cells: this.cells, isRunning: this.isRunning };
  }

  /** The other open documents. */
  others(document: DocumentHandle | null): readonly { readonly document: DocumentHandle; readonly name: string }[] {
    const handles = this.host.handles().filter((handle) => handle !== document);
    const names = this.host.namesOf(handles);
    return handles.map((handle, at) => ({ document: handle, name: names[at] ?? "" }));
  }

  /** What rows of variations of the result in hand can differ in: what it was asked for by comes first. Throws CannotEdit. */
  async paths(): Promise<readonly Path[]> {
    const result = await this.inHand();
    const { recipe } = remembered(result);
    const { fields } = this.formOf(result, recipe);
    const order: readonly Changed[] = recipe.words.targetColor ? [COLOR, PROMPT] : [PROMPT, COLOR];
    return order.flatMap((path) => fields.filter((field) => field.path === path).map(({ title }) => ({ path, title })));
  }

  private formOf({ name }: Result, { verb }: WholeRecipe): VerbForm {
    const form = this.server.view.description?.verbs.find(({ id }) => id === verb);
    if (!form) throw new CannotEdit(say("many.other_server", { title: name }));
    return form;
  }

  /** Takes back what is being made, and begins nothing else. */
  stop(): void {
    this.stopping.abort();
    this.underWay?.cancel();
  }

  /** The edit of the result in hand in other documents, each through the mask as it lies there. */
  apply(documents: readonly DocumentHandle[]): Promise<void> {
    const known = new Map(this.others(this.host.glance()?.document ?? null).map(({ document, name }) => [document, name]));
    return this.run(documents.map((document) => known.get(document) ?? ""), async () => {
      const result = await this.inHand();
      const memory = remembered(result);
      const like = elsewhere(alone(memory));
      const { inverts } = this.formOf(result, like);
      const mask = await this.maskOf(result, memory);
      const hidden = [result.group, ...(await this.host.above(result.document, result.group))];
      const master = await masterOf(this.line, this.host, result.document, hidden, inverts ? complement(mask, this.canvas(result.document)) : mask);
      return documents.map((document) => () => this.applyTo(document, result.name, like, master, inverts));
    });
  }

  /** What a table's columns can be for the result in hand, beside its own picture. Throws CannotEdit, Trouble. */
  async formats(): Promise<readonly Format[]> {
    const result = await this.inHand();
    return formatsOf(this.server, result.document, rectOf(remembered(result).recipe.where.region));
  }

  /**
   * A variation of the result in hand for each value of what differs, in each of the columns; the seed stays. In this picture they go into its own
   * group. A format is a new document.
   */
  vary(path: Changed, values: readonly string[], columns: readonly Pick<Format, "title" | "crop">[] = [{ title: "", crop: null }]): Promise<void> {
    const names = columns.flatMap(({ title, crop }) => values.map((value) => (crop === null ? value : `${value}, ${title}`)));
    return this.run(names, async () => {
      const { document, group, ...first } = await this.inHand();
      const master: Series = { document, group, memory: remembered(first) };
      return columns.flatMap(({ title, crop }) => {
        const make = crop === null ? (value: string) => this.next(master, path, value) : this.inFormat(master, path, title, crop);
        return values.map((value) => () => make(value));
      });
    });
  }

  private async next(series: Series, path: Changed, value: string): Promise<void> {
    const result = await this.standing(series);
    const edit = this.server.vary(result, { ...series.memory, recipe: changed(alone(series.memory), path, value) }, value);
    await this.placed(edit, series.document);
    series.group = edit.group ?? series.group; // It took the place of the one before.
  }

  private async standing({ document, group }: Series): Promise<Result> {
    const result = (await this.host.results(document)).find((known) => known.group === group);
    if (!result) throw new CannotEdit(say("many.gone"));
    return result;
  }

  /** Makes rows in a format: the document is made for the first of them, and its result is where the others go on. */
  private inFormat(master: Series, path: Changed, title: string, crop: Rect): (value: string) => Promise<void> {
    let made: Promise<Framed> | null = null;
    let series: Series | null = null;
    return async (value) => {
      if (series) return this.next(series, path, value);
      made = made ?? this.framed(master, title, crop); // What is wrong with it is wrong for each row.
      const { document, mask, liesOn } = await made;
      const recipe = changed(elsewhere(alone(master.memory), { x: -crop.x, y: -crop.y }), path, value);
      this.mayGoOn();
      const edit = this.server.like(document, (await this.standing(master)).name, recipe, mask, { called: value, buildsOn: true, liesOn });
      await this.placed(edit, document);
      const result = (await this.host.results(document)).find(({ group }) => group === edit.group);
      if (result) series = { document, group: result.group, memory: remembered(result) };
    };
  }

  /** A new document in a format, with what it shows beyond the picture painted; and what was selected, as it lies there. */
  private async framed(master: Series, title: string, crop: Rect): Promise<Framed> {
    const { memory, document: original } = master;
    const misfit = misfitOf(memory.recipe, this.host.facts(original));
    if (misfit !== "") throw new CannotEdit(misfit);
    const { region, samples } = await this.maskOf(await this.standing(master), memory);
    await this.host.identify(original); // What else is in the copy remembers the same document.
    const copy = await this.host.frame(original, master.group, title, crop);
    const { document } = copy;
    let { liesOn } = copy;
    const fresh = tighten(freshOf({ ...this.canvas(original), x: -crop.x, y: -crop.y }, crop));
    if (fresh) {
      const expand = expansion(this.server, document, memory.recipe, fresh);
      this.mayGoOn();
      const edit = this.server.like(document, expand.title, expand.recipe, fresh, { buildsOn: true, liesOn });
      await this.placed(edit, document);
      liesOn = edit.group ?? liesOn;
    }
    return { document, liesOn, mask: { region: { ...region, x: region.x - crop.x, y: region.y - crop.y }, samples } };
  }

  private mayGoOn(): void {
    if (this.stopping.aborted) throw new Stopped();
  }

  private async run(names: readonly string[], prepare: () => Promise<readonly (() => Promise<void>)[]>): Promise<void> {
    if (this.isRunning) return;
    [this.isRunning, this.stopping] = [true, new Stop()];
    this.cells = names.map((name) => ({ name, state: "waiting", said: "" }));
    this.changed();
    try {
      const works = await prepare();
      for (const [at, work] of works.entries()) await this.one(at, work);
    } catch (error) {
      this.rest(this.stopping.aborted ? "cancelled" : "failed", this.stopping.aborted ? "" : messageOf(error));
    } finally {
      this.isRunning = false;
      this.changed();
    }
  }

  private async one(at: number, work: () => Promise<void>): Promise<void> {
    this.mayGoOn();
    this.turn(at, "working");
    try {
      await work();
      this.turn(at, "done");
    } catch (error) {
      this.mayGoOn();
      this.turn(at, error instanceof Flagged ? "flagged" : "failed", messageOf(error));
    }
  }

  private rest(state: CellState, said: string): void {
    this.cells.forEach((cell, at) => (cell.state === "waiting" || cell.state === "working") && this.turn(at, state, said));
  }

  private turn(at: number, state: CellState, said = ""): void {
    this.cells = this.cells.map((cell, other) => (other === at ? { ...cell, state, said } : cell));
    this.changed();
  }

  private async applyTo(document: DocumentHandle, name: string, like: WholeRecipe, master: Master, inverts: boolean): Promise<void> {
    const { mask, isSure, sentence } = await carried(this.line, this.host, master, document, this.server.locale);
    if (!isSure || mask === null) {
      if (mask) await this.host.select(document, name, mask);
      throw new Flagged(sentence);
    }
    await this.placed(this.server.like(document, name, like, inverts ? complement(mask, this.canvas(document)) : mask), document);
  }

  /** Waits for an edit that began. Throws CannotEdit where nothing came of it. */
  private async placed(edit: RunningEdit, document: DocumentHandle): Promise<void> {
    this.underWay = edit;
    this.cells.forEach(({ state, said }, at) => state === "working" && said !== "" && this.turn(at, state)); // The line is there again.
    this.follow(edit, document);
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (edit.hasEnded) resolve();
      };
      edit.on(look);
      look();
    });
    this.underWay = null;
    if (edit.phase !== "placed") throw new CannotEdit(edit.message || say("many.cancelled"));
  }

  /** What a result was asked for with: as the server has it, or as it is on the layer. */
  private async maskOf({ document, group }: Result, { recipe }: Remembered): Promise<Mask> {
    const { mask, region } = recipe.where;
    const bytes = await get(this.line, mask.blob).catch(() => null);
    if (bytes) return maskOf(mask, rectOf(region), bytes);
    const there = await this.host.readMask(document, group);
    if (!there) throw new CannotEdit(say("plan.selection_gone"));
    return cropMask(there, rectOf(region));
  }

  /** The line, on which everything is asked until the server answers; what is made next says so meanwhile. */
  private get line(): Line {
    const at = this.cells.findIndex(({ state }) => state === "waiting" || state === "working");
    const state = this.cells[at]?.state ?? "waiting";
    return persistent(this.server.calls, this.stopping, (reason) => this.turn(at, state, `${reason} ${say("state.trying_again")}`));
  }

  private canvas(document: DocumentHandle): Rect {
    const { width, height } = this.host.facts(document);
    return { x: 0, y: 0, width, height };
  }
}

function remembered(result: Pick<Result, "variations">): Remembered {
  const memory = memoryOf(result);
  if (memory === null) throw new CannotEdit(say("result.damaged"));
  return memory;
}

/** What a mask leaves out of a canvas: for verbs that keep what is selected. */
function complement(mask: Mask, canvas: Rect): Mask {
  const white = whiteOf(mask.samples);
  const all = { region: canvas, samples: cropMask(mask, canvas).samples.map((value) => white - value) };
  return tighten(all) ?? all;
}
