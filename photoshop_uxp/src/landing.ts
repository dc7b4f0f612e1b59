/** What a finished job brought, as the host takes it: by the result's case, large pixels in files until each is placed. */

import { get, type Progress } from "./client/blobs";
import type { Line } from "./client/connect";
import { maskOf, packed, pixelsOf, rectOf } from "./client/messages";
import type { Stop } from "./client/pause";
import { KnownTrouble } from "./client/trouble";
import type { ResultMemory } from "./gen/inlay/v1/memory_pb";
import type { Raster } from "./gen/inlay/v1/raster_pb";
import type { Variation } from "./gen/inlay/v1/recipe_pb";
import { tighten } from "./host/capture";
import type { Mask, Pixels, PlacedLayer, Stowed } from "./host/host";
import type { Host } from "./host/photoshop";
import { say } from "./words";

export interface Arrived {
  /** The variations that are patches, under one mask. */
  readonly patch: { readonly mask: Mask; readonly layers: readonly PlacedLayer[] } | null;
  /** Regions taken apart, each top to bottom. */
  readonly stacks: readonly (readonly PlacedLayer[])[];
  /** What was found; of several variations the first. */
  readonly selection: Mask | null;
  readonly pictures: readonly Pixels[];
  /** What they remember, of stacks or of pictures in their order. */
  readonly others: readonly ResultMemory[];
  /** What the server says of them. */
  readonly notes: readonly string[];
}

export class Arrival {
  private readonly stowed: Stowed[] = [];
  private fetched = 0;

  constructor(
    private readonly at: { readonly calls: Line; readonly host: Host },
    private readonly locale: string,
    private readonly jobId: string,
    private readonly signal: Stop,
    private readonly progress: Progress,
    /** What variations are called; empty: by their numbers and seeds. */
    private readonly called = "",
  ) {}

  /** `variations`: as the job's events told of them. Throws Trouble. */
  async fetch(variations: readonly Variation[]): Promise<Arrived> {
    const { calls } = this.at;
    const described = await calls.call("describeResult", { jobId: this.jobId, locale: this.locale }, this.signal);
    const memories = described.memories.filter(({ variation }) => variations.some(({ index }) => index === variation));
    const stacks: PlacedLayer[][] = [];
    const selections: Mask[] = [];
    const pictures: Pixels[] = [];
    for (const { result } of variations) {
      if (result.case === "layers") {
        const layers: PlacedLayer[] = [];
        for (const { name, bounds, pixels, blend, type, mask: raster } of result.value.layers) {
          const line = type?.origin ? { ...type, origin: type.origin } : null;
          const mask = raster && bounds ? maskOf(raster, rectOf(bounds), await get(calls, raster.blob, this.signal)) : null;
          const load = await this.load(pixels, bounds, result.value.layers.length);
          layers.unshift({ name, load, memory: "", blend, visible: true, ...(line && { type: line }), ...(mask && { mask: tighten(mask) ?? mask }) });
        }
        stacks.push(layers);
      } else if (result.case === "selection") {
        const { mask, bounds } = result.value;
        if (mask && bounds) selections.push(maskOf(mask, rectOf(bounds), await get(calls, mask.blob, this.signal)));
      } else if (result.case === "picture") {
        pictures.push(await (await this.load(result.value.pixels, { x: 0, y: 0 }, variations.length))());
      }
    }
    const patch = memories.length > 0 ? await this.patch(memories) : null;
    if (!patch && stacks.length + selections.length + pictures.length === 0) {
      throw new KnownTrouble("data_loss", "lacks", { what: "result" });
    }
    const notes = variations.flatMap(({ report }) => report?.notes ?? []);
    const others = described.others.filter(({ variation }) => variations.some(({ index }) => index === variation));
    return { patch, others, stacks, selection: selections[0] ?? null, pictures, notes };
  }

  /** Forgets what waits in files. */
  drop(): void {
    this.stowed.forEach((stowed) => void stowed.drop().catch(() => undefined));
  }

  private async patch(memories: readonly ResultMemory[]): Promise<NonNullable<Arrived["patch"]>> {
    const [first] = memories;
    const { mask: raster, bounds } = first?.patch ?? {};
    if (!raster || !bounds) throw new KnownTrouble("data_loss", "lacks", { what: "patch.mask" });
    const layers: PlacedLayer[] = [];
    for (const memory of memories) {
      const seed = ((memory.recipe?.sampling?.seed ?? 0) + memory.variation) % 2 ** 32;
      const name = this.called || say("result.variation", { number: memory.variation + 1, seed });
      layers.push({ name, memory: packed(memory), blend: "", visible: layers.length === 0, load: await this.load(memory.patch?.pixels, bounds, memories.length) });
    }
    const mask = maskOf(raster, rectOf(bounds), await get(this.at.calls, raster.blob, this.signal));
    return { mask: tighten(mask) ?? mask, layers }; // The pixels may reach further, for whoever paints on the mask.
  }

  /** What gives the pixels of one of `count` rasters: from memory, or from a file where all of them are too much. */
  private async load(raster: Raster | undefined, place: { x: number; y: number } | undefined, count: number): Promise<() => Promise<Pixels>> {
    if (!raster || !place) throw new KnownTrouble("data_loss", "lacks", { what: "raster" });
    const bytes = await get(this.at.calls, raster.blob, this.signal, (done, total) => this.progress(this.fetched * total + done, count * total));
    this.fetched += 1;
    if (bytes.length * count <= this.at.host.heldBytes) {
      const pixels = pixelsOf(raster, place, bytes);
      return () => Promise.resolve(pixels);
    }
    const stowed = await this.at.host.stow(bytes);
    this.stowed.push(stowed);
    return async () => pixelsOf(raster, place, await stowed.get());
  }
}
