/** One edit on its way: captured, sent, followed, fetched and placed. Whatever goes wrong is told in its phase and message. */

import { clone, create } from "@bufbuild/protobuf";
import { get, missing, put } from "./client/blobs";
import type { Calls, Line } from "./client/connect";
import { follow, persistent, takeBack } from "./client/follow";
import { memoryOf, misfitOf, pictureOf, planOf, rasterOf, type Remembered, recipeOf, rectOf, wholeOf, type WholeRecipe } from "./client/messages";
import { pause, Stop } from "./client/pause";
import { sha256Of } from "./client/sha256";
import { Standing } from "./client/standing";
import { Cancelled, KnownTrouble } from "./client/trouble";
import type { Job } from "./gen/inlay/v1/job_pb";
import { ChannelOrder, RectSchema, SizeSchema } from "./gen/inlay/v1/raster_pb";
import { type Input, InputSchema, RecipeSchema } from "./gen/inlay/v1/recipe_pb";
import { Needs } from "./gen/inlay/v1/verbs_pb";
import { bytesOf, copyRect, cropMask, differingShare, samplesOf, tooLarge, whiteOf } from "./host/capture";
import { mustKnow } from "./host/facts";
import { CannotEdit, DocumentGone, type DocumentHandle, type Facts, HostBusy, HostCancelled, type InHand, type Mask, type Rect, type Restated, type Result } from "./host/host";
import type { Host } from "./host/photoshop";
import { type Earlier, refinedMask, replacedBy } from "./earlier";
import { Arrival, type Arrived } from "./landing";
import { planOfRecipe } from "./like";
import { referencesOf } from "./references";
import { statementOf } from "./stating";
import { maskFor } from "./where";
import { asidesOf, type Landing, type Wish } from "./wish";
import { noteOf, putPicture } from "./others";
import { inTurn } from "./turns";
import { say } from "./words";

const BUSY_MS = 1000;
/** The role of the active layer, which comes along where a verb needs one; what comes of it stands for it. */
const IN_HAND = "layer";
/** Above this share of pixels it is not a stroke that changed a picture. */
const MAX_CHANGED = 0.5;
/** Where an edit runs. */
export interface Place {
  readonly calls: Calls;
  readonly host: Host;
  readonly locale: string;
  /** Whether something may be said beside a result of how tries at its region go. */
  readonly wantsHints: boolean;
}

/** Another roll of the dice: what else a result's recipe says stays. */
export interface Roll {
  readonly seed: number;
  readonly count: number;
}

/** Begun by `start` with one of its four ways: `make`, `repeat`, `finish`, `resume`. */
export class Edit extends Standing {
  private readonly signal = new Stop();
  /** The line, on which nothing is given up because the server is away for a while. */
  readonly calls: Line;
  readonly host: Host;
  private readonly notes: string[] = [];
  private isSubmitted = false;
  private isAccepted = false;
  /** The result that runs again; null: the edit is another. */
  private again: Result | null = null;
  /** The groups that were there when the picture was read, and the layers that it was read without; null: another session read it. */
  private standing: { readonly groups: ReadonlySet<number>; readonly above: readonly number[] } | null = null;
  /** The layer that the result goes on, and above which nothing was read; null: its landing says. */
  private liesOn: number | null = null;
  /** The active layer when the edit began, where the verb needs one. */
  private inHand: InHand | null = null;
  private calledFor: () => void = () => undefined;
  /** What its variations are called; empty: by their numbers and seeds. */
  called = "";

  constructor(
    private readonly at: Place,
    public name: string,
    private readonly landing: Landing,
    readonly jobId: string = crypto.randomUUID(),
    /** The variation that is placed; null: all of them. */
    private readonly only: number | null = null,
  ) {
    super((rgb, width, height) => at.host.picture(rgb, width, height));
    this.calls = persistent(at.calls, this.signal, (reason) => this.tell(`${reason} ${say(this.isAccepted ? "state.goes_on" : "state.trying_again")}`));
    this.host = at.host;
  }

  start(way: (edit: this) => Promise<void>): this {
    way(this).catch((error: unknown) => this.fail(error));
    return this;
  }

  cancel(): void {
    if (!this.hasEnded) this.signal.abort();
  }

  place(): void {
    this.calledFor();
  }

  // --- the way of an edit -------------------------------------------------------

  /** Captures the selection of a document and has it edited. */
  async make(document: DocumentHandle, wish: Wish): Promise<void> {
    await this.submit(await this.capture(document, wish));
  }

  /** More variations of a result, into the same group: its recipe with other seeds. */
  async repeat(result: Result, roll: Roll): Promise<void> {
    const { recipe } = await this.recall(result);
    Object.assign(recipe.sampling, roll);
    await this.submit(recipe);
  }

  /** One more variation of a result, into the same group: what it is painted by. */
  async vary(result: Result, by: Remembered): Promise<void> {
    await this.submit((await this.recall(result, by)).recipe);
  }

  /** Paints the visible variation of a result anew at the final tier, and keeps what it shows. */
  async finish(result: Result): Promise<void> {
    const { host, calls, signal, jobId } = this;
    const shown = result.variations.find(({ visible }) => visible);
    if (!shown) throw new CannotEdit(say("result.hidden"));
    const memory = await this.recall(result);
    const bounds = rectOf(memory.patch.bounds);
    const read = copyRect(await host.readLayer(result.document, shown.layer, bounds), bounds);
    const [blob = ""] = await put(calls, [bytesOf(read.samples)], signal, this.progress);
    const pixels = pictureOf(read, host.facts(result.document), blob);
    await this.run(memory.recipe, () => calls.call("finishVariation", { jobId, memory, pixels, label: this.documentId, locale: this.at.locale }, signal));
  }

  /** What a result was made from, all of it at the server again. */
  private async recall(result: Result, memory = memoryOf(result)): Promise<Remembered> {
    this.documentId = result.origin.documentId;
    this.again = result;
    if (memory === null) throw new CannotEdit(say("result.damaged"));
    const misfit = misfitOf(memory.recipe, this.host.facts(result.document));
    if (misfit !== "") throw new CannotEdit(misfit);
    this.turn("uploading");
    await this.provide(memory.recipe, result);
    await this.lookBelow(result.document, memory.recipe, [result.group]);
    return memory;
  }

  /** Takes over a job that was submitted earlier: follows it, fetches what it made, and places it. */
  async resume(job: Job): Promise<void> {
    this.documentId = job.label;
    this.isSubmitted = true;
    await this.follow(wholeOf(job.recipe));
  }

  /** Reads the selection and what the server wants to see, and sends it. The pixels are forgotten once they are there. */
  private async capture(document: DocumentHandle, wish: Wish): Promise<WholeRecipe> {
    const { host, calls, signal } = this;
    const facts = host.facts(document);
    mustKnow(calls.profiles, facts);
    this.inHand = wish.form.needs === Needs.LAYER ? host.inHand(document) : null;
    const mask = await maskFor(host, document, wish, this.inHand);
    this.documentId = await host.identify(document);
    this.changed();
    const plan = await calls.call("planEdit", planOf(wish, facts, mask.region, this.at.locale), signal);
    this.notes.push(...plan.notes);
    if (!plan.window) throw new KnownTrouble("internal", "lacks", { what: "plan.window" });
    const window = rectOf(plan.window);
    const above = [...(this.landing.reads === "below" || this.inHand ? await host.above(document) : []), ...asidesOf(wish)];
    const [maskBlob = ""] = await put(calls, [bytesOf(mask.samples)], signal);
    const recipe = recipeOf(wish, facts, mask, maskBlob);
    await this.see(document, recipe, plan.window, facts, above);
    if (this.inHand) recipe.inputs.push(await this.inputOf(document, IN_HAND, this.inHand.id, window, facts));
    for (const [path, layer] of Object.entries(wish.values)) {
      const [part, role = ""] = path.split(".");
      if (part === "inputs" && typeof layer === "number" && layer > 0) recipe.inputs.push(await this.inputOf(document, role, layer, window, facts));
    }
    recipe.inputs.push(...(await referencesOf(this, document, wish, signal, this.progress)));
    return recipe;
  }

  /** Reads what of a document a recipe is about, and sends it. */
  private async see(document: DocumentHandle, recipe: WholeRecipe, window: Rect, facts: Facts, above: readonly number[]): Promise<void> {
    const { host, calls, signal } = this;
    const reason = tooLarge(window, facts);
    if (reason !== "") throw new CannotEdit(reason);
    this.standing = { groups: new Set((await host.results(document)).map(({ group }) => group)), above };
    const hidden = (await this.replacedBy(document, recipe)).map(({ result }) => result.group);
    const source = await host.readComposite(document, rectOf(window), [...hidden, ...above]);
    if (JSON.stringify(host.facts(document)) !== JSON.stringify(facts)) throw new CannotEdit(say("changed.while_read"));
    if (signal.aborted) throw new Cancelled();
    this.turn("uploading");
    const [blob = ""] = await put(calls, [bytesOf(source.samples)], signal, this.progress);
    Object.assign(recipe.canvas, { window, source: pictureOf(source, facts, blob) });
  }

  /** Has what a recipe of another document says done in this one, through a mask; on a layer and what is below it, or null: on all that is seen. */
  async through(document: DocumentHandle, like: WholeRecipe, mask: Mask, liesOn: number | null): Promise<void> {
    const { host, calls, signal } = this;
    this.liesOn = liesOn;
    const facts = host.facts(document);
    mustKnow(calls.profiles, facts);
    this.documentId = await host.identify(document);
    this.changed();
    const plan = await calls.call("planEdit", planOfRecipe(like, facts, mask.region, this.at.locale), signal);
    this.notes.push(...plan.notes);
    if (!plan.window) throw new KnownTrouble("internal", "lacks", { what: "plan.window" });
    const [maskBlob = ""] = await put(calls, [bytesOf(mask.samples)], signal);
    const recipe = clone(RecipeSchema, like) as WholeRecipe;
    const { width, height } = facts;
    Object.assign(recipe.canvas, { document: create(SizeSchema, { width, height }) });
    Object.assign(recipe.where, { region: create(RectSchema, rectOf(mask.region)), mask: rasterOf(mask.samples, mask.region, ChannelOrder.Y, "", maskBlob) });
    await this.see(document, recipe, plan.window, facts, liesOn === null ? [] : await host.above(document, liesOn));
    await this.submit(recipe);
  }

  /** A layer as an input of a recipe: what of it lies in the window. */
  private async inputOf(document: DocumentHandle, role: string, layer: number, place: Rect, facts: Facts): Promise<Input> {
    const pixels = copyRect(await this.host.readLayer(document, layer, place), place);
    const [blob = ""] = await put(this.calls, [bytesOf(pixels.samples)], this.signal, this.progress);
    return create(InputSchema, { role, raster: pictureOf(pixels, facts, blob), place });
  }

  /** Sends again what the server forgot of a result's recipe. */
  private async provide(recipe: WholeRecipe, { document, group }: Result): Promise<void> {
    const { host, calls, signal } = this;
    const { source, window } = recipe.canvas;
    const { mask, region, growPx, featherPx } = recipe.where;
    const inputs = recipe.inputs.map(({ raster }) => raster?.blob ?? "");
    const lacking = await missing(calls, [source.blob, mask.blob, ...inputs], signal);
    if (inputs.some((blob) => lacking.has(blob))) throw new CannotEdit(say("plan.input_gone"));
    if (lacking.has(mask.blob)) {
      const there = growPx === 0 && featherPx === 0 ? await host.readMask(document, group) : null;
      if (!there || whiteOf(there.samples) !== mask.whiteLevel) throw new CannotEdit(say("plan.selection_gone"));
      [mask.blob = ""] = await put(calls, [bytesOf(cropMask(there, rectOf(region)).samples)], signal);
    }
    if (lacking.has(source.blob)) {
      const pixels = await host.readComposite(document, rectOf(window), [group, ...(await this.above(document))]);
      const [blob = ""] = await put(calls, [bytesOf(pixels.samples)], signal, this.progress);
      this.note(blob === source.blob ? "" : say("plan.changed_below"));
      source.blob = blob;
    }
  }

  private submit(recipe: WholeRecipe): Promise<void> {
    const { calls, jobId, documentId: label, at: { locale, wantsHints }, signal } = this;
    return this.run(recipe, () => calls.call("submitEdit", { jobId, recipe, label, locale, noHints: !wantsHints }, signal));
  }

  /** Hands the job over by `ask`, and follows it to its end. */
  private async run(recipe: WholeRecipe, ask: () => Promise<{ readonly job?: Job | undefined }>): Promise<void> {
    this.turn("queued");
    this.isSubmitted = true;
    const { job } = await ask();
    this.name = job?.title || this.name;
    await this.follow(job?.recipe ? wholeOf(job.recipe) : recipe);
  }

  private async follow(recipe: WholeRecipe): Promise<void> {
    const { signal, jobId, at } = this;
    this.isAccepted = true;
    this.turn("queued");
    const lost = (reason: string): void => this.tell(`${reason} ${say("state.goes_on")}`);
    for await (const event of follow(at.calls, jobId, 0, at.locale, signal, lost)) {
      this.heard(event);
      if (event.happening.case === "failed") {
        this.turn("failed", event.happening.value.message);
        return;
      }
      if (event.happening.case === "cancelled") throw new Cancelled();
    }
    if ((await this.host.find(this.documentId)) === null) throw new DocumentGone();
    this.turn("fetching");
    const arrival = new Arrival(this, at.locale, jobId, signal, this.progress, this.called);
    try {
      const arrived = await arrival.fetch(this.variations.filter(({ index }) => this.only === null || index === this.only));
      arrived.notes.forEach((note) => this.note(note));
      if (!this.landing.isAtOnce) await this.call();
      await this.land(recipe, arrived);
    } finally {
      arrival.drop();
    }
  }

  /** Resolves once the retoucher wants the result. */
  private call(): Promise<void> {
    this.turn("finished");
    return new Promise((resolve, reject) => {
      this.calledFor = resolve;
      this.signal.on(() => reject(new Cancelled()));
    });
  }

  /** Waits for Photoshop while it is busy. */
  private async land(recipe: WholeRecipe, arrived: Arrived): Promise<void> {
    this.turn("placing");
    for (;;) {
      try {
        this.group = await inTurn(this.host, () => this.placeNow(recipe, arrived));
        this.turn("placed", this.notes.join(" ")); return;
      } catch (error) {
        if (!(error instanceof HostBusy)) throw error;
        this.tell(error.message);
        await pause(BUSY_MS, this.signal);
      }
    }
  }

  private async placeNow(recipe: WholeRecipe, arrived: Arrived): Promise<number | null> {
    const { host, documentId, jobId, name, landing } = this;
    const document = await host.find(documentId);
    if (document === null) throw new DocumentGone();
    const misfit = misfitOf(recipe, host.facts(document));
    if (misfit !== "") throw new Unfit(misfit);
    if (arrived.selection) await host.select(document, name, arrived.selection);
    const source = { document, documentId, region: rectOf(recipe.where.region) };
    const said = (home: DocumentHandle): Promise<Restated | null> => statementOf(this.at.calls, host, jobId, home, home === document ? undefined : document);
    for (const [at, picture] of arrived.pictures.entries()) this.note(await putPicture(host, name, source, picture, arrived.others[at], said));
    const standsFor = this.inHand?.id ?? null;
    for (const [at, layers] of arrived.stacks.entries()) {
      const to = { lands: standsFor ?? landing.lands, standsFor, note: noteOf(arrived.others[at]), xmp: await said(document) };
      this.note((await host.place(document, { name, layers, mask: null, origin: null, replaces: [], ...to })).note);
    }
    if (!arrived.patch) return null;
    const { mask, layers } = arrived.patch;
    const earlier = await this.replacedBy(document, recipe);
    const refined = await refinedMask(host, document, earlier, mask);
    this.note(refined ? say("finding.mask_kept") : "");
    const since = (await host.results(document)).filter(({ group }) => this.standing?.groups.has(group) === false);
    await this.lookBelow(document, recipe, [...earlier.map(({ result }) => result), ...since].map(({ group }) => group));
    const { group, note } = await host.place(document, {
      name,
      mask: refined ?? mask,
      layers,
      origin: { jobId, documentId, region: rectOf(recipe.where.region), reads: landing.reads },
      replaces: earlier.map(({ result, isAlike }) => ({ group: result.group, isAlike })),
      lands: this.again?.group ?? this.liesOn ?? landing.lands,
      xmp: await said(document),
    });
    this.note(note);
    return group;
  }

  /** The results that the edit takes the place of; what runs again takes that of itself alone. */
  private async replacedBy(document: DocumentHandle, recipe: WholeRecipe): Promise<readonly Earlier[]> {
    const { group } = this.again ?? {};
    if (group !== undefined) return (await this.host.results(document)).filter((one) => one.group === group).map((result) => ({ result, isAlike: true }));
    return this.landing.buildsOn ? [] : replacedBy(this, document, recipe, this.signal);
  }

  /** The layers that the picture was read without, beside results. */
  private async above(document: DocumentHandle): Promise<readonly number[]> {
    if (this.standing) return this.standing.above;
    return this.again && this.landing.reads === "below" ? this.host.above(document, this.again.group) : [];
  }

  /** Compares what lies below the result with what the server was sent. Throws Unfit where that is another picture. */
  private async lookBelow(document: DocumentHandle, recipe: WholeRecipe, hidden: readonly number[]): Promise<void> {
    const { host, calls, signal } = this;
    const { source, window } = recipe.canvas;
    const there = await host.readComposite(document, rectOf(window), [...hidden, ...(await this.above(document))]);
    if ((await sha256Of(bytesOf(there.samples))) === source.blob) return;
    const sent = there.samples.byteLength > host.heldBytes ? null : await get(calls, source.blob, signal).catch(() => null);
    if (sent?.length === there.samples.byteLength && differingShare(there, samplesOf(sent, there.samples)) > MAX_CHANGED) {
      throw new Unfit(say("changed.gone"));
    }
    this.note(say("changed.painted"));
  }

  private note(note: string): void {
    if (note !== "" && !this.notes.includes(note)) this.notes.push(note);
  }

  private fail(error: unknown): void {
    const isThere = this.isSubmitted;
    if (this.signal.aborted || error instanceof Cancelled || (error instanceof HostCancelled && !isThere)) {
      if (this.signal.aborted && isThere) void takeBack(this.at.calls, this.jobId);
      this.turn("cancelled");
    } else if (error instanceof DocumentGone && !isThere) {
      this.turn("failed", say("plan.closed"));
    } else if (error instanceof HostCancelled) {
      this.turn("waiting", say("placing.stopped"));
    } else {
      const waits = error instanceof DocumentGone || (error instanceof Unfit && isThere);
      this.turn(waits ? "waiting" : "failed", error instanceof Error ? error.message : String(error));
    }
  }
}

/** The document became another while the edit ran. */
class Unfit extends CannotEdit {
  override readonly name = "Unfit";
}
