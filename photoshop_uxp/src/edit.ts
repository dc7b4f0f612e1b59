/** One edit on its way: captured, sent, followed, fetched and placed. Whatever goes wrong is told in its phase and message. */

import { create } from "@bufbuild/protobuf";
import type { Line } from "./client/line";
import { pause, Stop } from "./client/pause";
import { Cancelled, Trouble } from "./client/trouble";
import type { Job } from "./gen/inlay/v1/job_pb";
import { type Input, InputSchema } from "./gen/inlay/v1/recipe_pb";
import { bytesOf, copyRect, cropMask, differingShare, maskFor, orderOf, samplesOf, tighten, tooLarge, whiteOf, windowOf } from "./host/capture";
import {
  CannotEdit,
  DocumentGone,
  type DocumentHandle,
  type Facts,
  type Host,
  HostBusy,
  HostCancelled,
  type Mask,
  type Placed,
  type Placement,
  type Rect,
  type Result,
  type Stowed,
} from "./host/host";
import { EarlierResults } from "./earlier";
import { approvedOf, finalOf } from "./finishing";
import {
  layerOf,
  maskOf,
  misfitOf,
  nameOfRecipe,
  orderNumberOf,
  packed,
  patchOf,
  rasterOf,
  recipeOf,
  rectOf,
  submitted,
  unpacked,
  type WholeRecipe,
} from "./recipe";
import { type RunningEdit, Standing } from "./standing";
import type { VerbForm } from "./gen/inlay/v1/verbs_pb";
import { meansAll, nameOf, numberIn, type Wish } from "./wish";
import { askedOf } from "./planning";

const BUSY_MS = 1000;
/** Above this share of pixels it is not a stroke that changed a picture. */
const MAX_CHANGED = 0.5;
/** What Photoshop adds to the names of 32-bit profiles; the server knows that. */
const LINEAR = / \(Linear (RGB|Gray) Profile\)$/;

/** Captures the selection of a document and has it edited. */
export function begin(line: Line, host: Host, document: DocumentHandle, wish: Wish): RunningEdit {
  return new Edit(line, host, nameOf(wish), wish.buildOn).start((edit) => edit.make(document, wish));
}

/** Another roll of the dice: what else a result's recipe says stays. */
export interface Roll {
  readonly seed: number;
  readonly count: number;
}

/** More variations of a result, into the same group: its recipe with other seeds. */
export function more(line: Line, host: Host, result: Result, roll: Roll): RunningEdit {
  return new Edit(line, host, result.name, false).start((edit) => edit.repeat(result, roll));
}

/** Paints the visible variation of a result anew at the final tier, and keeps what it shows. */
export function finish(line: Line, host: Host, result: Result): RunningEdit {
  return new Edit(line, host, result.name, false).start((edit) => edit.finish(result));
}

/** Takes over a job that was submitted earlier: follows it, fetches what it made, places it. */
export function adopt(line: Line, host: Host, job: Job, forms: readonly VerbForm[]): RunningEdit {
  return new Edit(line, host, nameOfRecipe(job.recipe, forms), false, job.jobId).start((edit) => edit.resume(job));
}

class Edit extends Standing implements RunningEdit {
  documentId = "";
  group: number | null = null;
  private readonly signal = new Stop();
  private readonly notes: string[] = [];
  private isSubmitted = false;
  private readonly earlier: EarlierResults;
  /** The result that runs again; null: the edit is another. */
  private again: Result | null = null;
  /** The results that were there when the picture was read; null: another session read it. */
  private standing: ReadonlySet<number> | null = null;
  private readonly stowed: Stowed[] = [];

  constructor(
    private readonly line: Line,
    private readonly host: Host,
    readonly name: string,
    private readonly buildsOn: boolean,
    readonly jobId: string = crypto.randomUUID(),
  ) {
    super((rgb, width, height) => host.picture(rgb, width, height));
    this.earlier = new EarlierResults(line, host, this.signal);
  }

  start(way: (edit: this) => Promise<void>): this {
    way(this).catch((error: unknown) => this.fail(error));
    return this;
  }

  cancel(): void {
    if (!this.hasEnded) {
      this.signal.abort();
    }
  }

  // --- the way of an edit -------------------------------------------------------

  async make(document: DocumentHandle, wish: Wish): Promise<void> {
    await this.run(await this.capture(document, wish));
  }

  async repeat(result: Result, { seed, count }: Roll): Promise<void> {
    const recipe = await this.recall(result);
    Object.assign(recipe.sampling, { seed, count });
    await this.run(recipe);
  }

  async finish(result: Result): Promise<void> {
    const recipe = await this.recall(result);
    const approved = await approvedOf(this.line, this.host, result, recipe, this.signal);
    const [blob = ""] = await this.line.put([approved.bytes], this.signal, this.progress);
    await this.run(finalOf(recipe, approved, blob));
  }

  /** What a result was made from, all of it at the server again. */
  private async recall(result: Result): Promise<WholeRecipe> {
    this.documentId = result.memory.documentId;
    this.again = result;
    const recipe = unpacked(result.memory.recipe);
    const misfit = misfitOf(recipe, this.host.facts(result.document));
    if (misfit !== "") throw new CannotEdit(`${misfit} Select the region and run the edit anew.`);
    this.turn("uploading");
    await this.provide(recipe, result);
    await this.lookBelow(result.document, recipe, [result.group]);
    return recipe;
  }

  async resume(job: Job): Promise<void> {
    this.documentId = job.label;
    this.isSubmitted = true;
    await this.follow(submitted(job.recipe));
  }

  /** Reads the selection and what the server wants to see, and sends it. The pixels are forgotten once they are there. */
  private async capture(document: DocumentHandle, wish: Wish): Promise<WholeRecipe> {
    const { host, line, signal } = this;
    const facts = host.facts(document);
    mustKnow(line.profiles, facts);
    const mask = await maskFor(host, document, wish.form.inverts, meansAll(wish.form));
    this.documentId = await host.identify(document);
    this.changed();
    const plan = await line.plan(askedOf(wish, facts, mask.region), signal);
    this.notes.push(...plan.notes);
    if (!plan.window) throw new Trouble("internal", "The server's plan has no window.");
    const maskBlob = await line.nameOf(bytesOf(mask.samples));
    const window = rectOf(plan.window);
    const reason = tooLarge(window, facts);
    if (reason !== "") throw new CannotEdit(reason);
    this.standing = new Set((await host.results(document)).map(({ group }) => group));
    const [growPx, featherPx] = [numberIn(wish, "where.grow_px"), numberIn(wish, "where.feather_px")];
    const hidden = wish.buildOn ? [] : await this.earlier.under(document, mask, { maskBlob, growPx, featherPx });
    const source = await windowOf(host, document, window, hidden.map(({ result }) => result.group));
    if (JSON.stringify(host.facts(document)) !== JSON.stringify(facts)) {
      throw new CannotEdit("The document changed while it was read. Run the edit again.");
    }
    if (signal.aborted) throw new Cancelled();
    this.turn("uploading");
    const [sourceBlob = ""] = await line.put([bytesOf(source.samples), bytesOf(mask.samples)], signal, this.progress);
    const recipe = recipeOf(wish, facts, source, sourceBlob, mask, maskBlob);
    for (const [path, layer] of Object.entries(wish.values)) {
      const [part, role = ""] = path.split(".");
      if (part === "inputs" && typeof layer === "number" && layer > 0) recipe.inputs.push(await this.inputOf(document, role, layer, source.rect, facts));
    }
    return recipe;
  }

  /** A layer as an input of a recipe: what of it lies in the window. */
  private async inputOf(document: DocumentHandle, role: string, layer: number, window: Rect, { mode, profile }: Facts): Promise<Input> {
    const { rect, channels, samples } = copyRect(await this.host.readLayer(document, layer, window), window);
    const [blob = ""] = await this.line.put([bytesOf(samples)], this.signal, this.progress);
    return create(InputSchema, { role, raster: rasterOf(samples, rect, orderNumberOf(orderOf(mode, channels)), profile, blob), place: rect });
  }

  /** Sends again what the server forgot of a result's recipe. */
  private async provide(recipe: WholeRecipe, { document, group }: Result): Promise<void> {
    const { host, line, signal } = this;
    const { source, window } = recipe.canvas;
    const { mask, region } = recipe.where;
    const inputs = recipe.inputs.map(({ raster }) => raster?.blob ?? "");
    const missing = await line.missing([source.blob, mask.blob, ...inputs], signal);
    if (inputs.some((blob) => missing.has(blob))) {
      throw new CannotEdit("The server has forgotten the draft or the layer that this result was made from. Show a draft, or run the edit anew.");
    }
    if (missing.has(mask.blob)) {
      const isAsSelected = recipe.where.growPx === 0 && recipe.where.featherPx === 0;
      const there = isAsSelected ? await host.readMask(document, group) : null;
      const bytes = there && bytesOf(cropMask(there, rectOf(region)).samples);
      if (!there || whiteOf(there.samples) !== mask.whiteLevel || !bytes) {
        throw new CannotEdit("The server has forgotten this result's selection. Select the region and run the edit anew.");
      }
      [mask.blob = ""] = await line.put([bytes], signal);
    }
    if (missing.has(source.blob)) {
      const pixels = await windowOf(host, document, rectOf(window), [group]);
      const [blob = ""] = await line.put([bytesOf(pixels.samples)], signal, this.progress);
      if (blob !== source.blob) {
        this.note("The picture below changed since the earlier variations were painted.");
        source.blob = blob;
      }
    }
  }

  private async run(recipe: WholeRecipe): Promise<void> {
    this.turn("queued");
    this.isSubmitted = true;
    await this.line.submit(this.jobId, recipe, this.documentId, this.signal, (reason) => this.say(`${reason} Trying again…`));
    await this.follow(recipe);
  }

  private async follow(recipe: WholeRecipe): Promise<void> {
    this.turn("queued");
    const lost = (reason: string): void => this.say(`${reason} The job goes on there; trying again…`);
    for await (const event of this.line.events(this.jobId, 0, this.signal, lost)) {
      this.heard(event);
      if (event.happening.case === "failed") {
        this.end("failed", event.happening.value.message);
        return;
      }
      if (event.happening.case === "cancelled") throw new Cancelled();
    }
    if ((await this.host.find(this.documentId)) === null) throw new DocumentGone();
    this.turn("fetching");
    try {
      const { layers, mask } = await this.fetch();
      await this.place(recipe, layers, mask);
    } finally {
      this.stowed.forEach((stowed) => void stowed.drop().catch(() => undefined));
    }
  }

  /** Large variations wait in files until each is put into the document. */
  private async fetch(): Promise<Pick<Placement, "layers" | "mask">> {
    const { host, line, signal, variations } = this;
    const patch = patchOf(variations[0]);
    if (!patch?.mask || !patch.bounds) throw new Trouble("data_loss", "The result came without a mask.", "Run the edit again.");
    const layers: Placement["layers"][number][] = [];
    for (const [at, variation] of variations.entries()) {
      const bytes = await line.get(patchOf(variation)?.pixels?.blob ?? "", signal, (done, total) => {
        this.progress(at * total + done, variations.length * total);
      });
      const { name, pixels, receipt } = layerOf(variation, bytes);
      if (bytes.length * variations.length <= host.heldBytes) {
        layers.push({ name, receipt, load: () => Promise.resolve(pixels) });
      } else {
        const stowed = await host.stow(bytes);
        this.stowed.push(stowed);
        layers.push({ name, receipt, load: async () => layerOf(variation, await stowed.get()).pixels });
      }
      variation.report?.notes.forEach((note) => this.note(note));
    }
    const mask = maskOf(patch.mask, patch.bounds, await line.get(patch.mask.blob, signal));
    return { layers, mask: tighten(mask) ?? mask }; // The pixels may reach further, for whoever paints on the mask.
  }

  /** Waits for Photoshop while it is busy. */
  private async place(recipe: WholeRecipe, layers: Placement["layers"], mask: Mask): Promise<void> {
    this.turn("placing");
    for (;;) {
      try {
        const { group, note } = await inTurn(this.host, () => this.placeNow(recipe, layers, mask));
        this.group = group;
        this.note(note);
        break;
      } catch (error) {
        if (!(error instanceof HostBusy)) throw error;
        this.say(error.message);
        await pause(BUSY_MS, this.signal);
      }
    }
    this.end("placed", this.notes.join(" "));
  }

  private async placeNow(recipe: WholeRecipe, layers: Placement["layers"], mask: Mask): Promise<Placed> {
    const { host, documentId, jobId, name } = this;
    const document = await host.find(documentId);
    if (document === null) throw new DocumentGone();
    const misfit = misfitOf(recipe, host.facts(document));
    if (misfit !== "") throw new Unfit(misfit);
    const earlier = this.buildsOn ? [] : await this.earlier.replacedBy(document, recipe, this.again);
    const refined = await this.earlier.refinedMask(document, earlier, mask);
    this.note(refined ? "The mask is yours, as you painted it." : "");
    const since = (await host.results(document)).filter(({ group }) => this.standing?.has(group) === false);
    const hidden = [...earlier.map(({ result }) => result), ...since, ...(this.again ? [this.again] : [])];
    await this.lookBelow(document, recipe, hidden.map(({ group }) => group));
    return host.place(document, {
      name,
      mask: refined ?? mask,
      layers,
      memory: { jobId, documentId, recipe: packed(recipe), region: rectOf(recipe.where.region) },
      replaces: earlier.map(({ result, isAlike }) => ({ group: result.group, isAlike })),
    });
  }

  /** Compares what lies below the result with what the server was sent. Throws Unfit where that is another picture. */
  private async lookBelow(document: DocumentHandle, recipe: WholeRecipe, hidden: readonly number[]): Promise<void> {
    const { host, line, signal } = this;
    const { source, window } = recipe.canvas;
    const there = await windowOf(host, document, rectOf(window), hidden);
    if ((await line.nameOf(bytesOf(there.samples))) === source.blob) return;
    const sent = there.samples.byteLength > host.heldBytes ? null : await line.get(source.blob, signal).catch(() => null);
    if (sent?.length === there.samples.byteLength && differingShare(there, samplesOf(sent, there.samples)) > MAX_CHANGED) {
      throw new Unfit("Most of the picture under the result is another than when the edit began: mirrored, moved or changed as a whole.");
    }
    this.note("What changed in the picture below since the edit began is not in the result.");
  }

  private note(note: string): void {
    if (note !== "" && !this.notes.includes(note)) {
      this.notes.push(note);
    }
  }

  // --- how it ends -----------------------------------------------------------------

  private fail(error: unknown): void {
    if (this.signal.aborted) {
      if (this.isSubmitted) {
        this.line.cancel(this.jobId).catch(() => undefined); // Then it ends by itself, and nobody asks for it.
      }
      this.end("cancelled", "");
    } else if (error instanceof Cancelled || (error instanceof HostCancelled && !this.isSubmitted)) {
      this.end("cancelled", "");
    } else if (error instanceof DocumentGone && !this.isSubmitted) {
      this.end("failed", "The document was closed before it was read.");
    } else if (error instanceof DocumentGone || (error instanceof Unfit && this.isSubmitted)) {
      this.end("waiting", error.message);
    } else if (error instanceof HostCancelled) {
      this.end("waiting", "Placing was stopped in Photoshop. The result is offered again.");
    } else {
      this.end("failed", error instanceof Error ? error.message : String(error));
    }
  }
}

const turns = new WeakMap<Host, Promise<unknown>>();

/** Placements follow each other: each looks for the results that the one before it left. */
function inTurn<T>(host: Host, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(host) ?? Promise.resolve()).then(work);
  turns.set(host, mine.catch(() => undefined));
  return mine;
}

/** The document became another while the edit ran. */
class Unfit extends CannotEdit {
  override readonly name = "Unfit";
  constructor(why: string) {
    super(`${why} Undo that to place the result, or run the edit again.`);
  }
}

/** Photoshop tells a profile's name and not what is in it, so the server has to know it. Throws CannotEdit. */
export function mustKnow(profiles: ReadonlySet<string>, { profile, mode }: Facts): void {
  if (profiles.size > 0 && !profiles.has(profile.replace(LINEAR, ""))) {
    const known = mode === "Gray" ? "Gray Gamma 2.2" : "sRGB, Adobe RGB or ProPhoto RGB";
    throw new CannotEdit(
      `The server does not know the profile “${profile}”, and Photoshop tells only its name. Convert the document to ${known}` +
        " with Edit › Convert to Profile, and try again.",
    );
  }
}
