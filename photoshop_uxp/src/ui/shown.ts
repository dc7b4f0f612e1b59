/** How results are shown: what is known of them beyond their layers, since the plugin was started. */

import { memoryOf } from "../client/messages";
import type { Model } from "../gen/inlay/v1/inlay_pb";
import type { DocumentHandle, Result } from "../host/host";
import type { Host } from "../host/photoshop";
import type { ResultView } from "./model";

/** Sharp on a screen with two pixels for each. */
const SIDE_PX = 120;
const MAX_PICTURES = 256;

export class Shown {
  /** By document and layer; empty: it is being read, or cannot be. */
  private readonly pictures = new Map<string, string>();
  /** What was noted on results, by document and group. */
  private readonly notes = new Map<string, string>();
  /** How they keep to a brand's colours, by what showed then. */
  private readonly brands = new Map<string, string>();

  constructor(
    private readonly host: Pick<Host, "thumbnail">,
    private readonly changed: () => void,
  ) {}

  note(document: DocumentHandle, group: number, message: string): void {
    this.notes.set(`${document}:${group}`, message);
  }

  /** How what shows of a result keeps to a brand's colours, in words: said as long as that shows. */
  tell(result: Result, brand: string): void {
    this.brands.set(lookOf(result), brand);
  }

  /** Reads how a result's variations look, one after the other: they may come from a file that was just opened. */
  async picture(result: Result): Promise<void> {
    for (const { layer } of result.variations) {
      const key = `${result.document}:${layer}`;
      if (this.pictures.has(key)) continue;
      this.pictures.set(key, "");
      await this.host.thumbnail(result.document, result.origin.region, layer, SIDE_PX).then(
        (picture) => this.pictures.set(key, picture),
        () => this.pictures.delete(key), // Photoshop is busy: it is read with the next look.
      );
      this.changed();
    }
    Array.from(this.pictures.keys()).slice(0, -MAX_PICTURES).forEach((key) => this.pictures.delete(key));
  }

  /** `models`: those that the server has now. `kit`: the style that is chosen. */
  viewOf(result: Result, models: readonly Model[], kit: string): ResultView {
    const variations = result.variations.map(({ name, layer }) => ({ name, picture: this.pictures.get(`${result.document}:${layer}`) ?? "" }));
    const layers = result.variations.map(({ layer }) => layer).join(",");
    return {
      id: `${result.document}:${result.group}:${layers}:${variations.filter(({ picture }) => picture !== "").length}`,
      look: lookOf(result),
      name: result.name,
      visible: result.visible,
      variations,
      shown: result.variations.findIndex(({ visible }) => visible),
      canFinish: canFinish(result, models),
      note: this.notes.get(`${result.document}:${result.group}`) ?? "",
      kit,
      brand: this.brands.get(lookOf(result)) ?? "",
    };
  }
}

function lookOf({ document, group, variations }: Result): string {
  return `${document}:${group}:${variations.find(({ visible }) => visible)?.layer ?? ""}`;
}

/** Whether the visible variation is a draft, below the final tier, of a model that is here and can finish it. */
export function canFinish(result: Result, models: readonly Model[]): boolean {
  const { recipe, receiptJson = "" } = memoryOf(result) ?? {};
  if (!recipe || recipe.sampling.tier === "final") return false;
  try {
    const { engine } = JSON.parse(receiptJson) as { engine?: unknown };
    return models.some(({ id, promotes }) => promotes && id === engine);
  } catch {
    return false;
  }
}
