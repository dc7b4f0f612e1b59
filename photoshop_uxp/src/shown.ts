/** How results are shown: what is known of them beyond their layers, since the plugin was started. */

import { canFinish } from "./finishing";
import type { DocumentHandle, Result } from "./host/host";
import type { Picture, ResultView } from "./ui/model";

const MAX_PICTURES = 64;

export class Shown {
  private readonly pictures = new Map<string, Picture>();
  /** What was noted on results, by document and group. */
  private readonly notes = new Map<string, string>();

  /** How variations look, by receipt. */
  remember(pictures: ReadonlyMap<string, Picture>): void {
    pictures.forEach((picture, receipt) => this.pictures.set(receipt, picture));
    for (const receipt of Array.from(this.pictures.keys()).slice(0, -MAX_PICTURES)) {
      this.pictures.delete(receipt);
    }
  }

  note(document: DocumentHandle, group: number, message: string): void {
    this.notes.set(`${document}:${group}`, message);
  }

  /** `finishers`: the ids of the server's models that can finish a draft. */
  viewOf(result: Result, finishers: ReadonlySet<string>): ResultView {
    const variations = result.variations.map(({ name, receipt }) => ({ name, picture: this.pictures.get(receipt) ?? null }));
    const layers = result.variations.map(({ layer }) => layer).join(",");
    const pictured = variations.filter(({ picture }) => picture).length;
    return {
      id: `${result.document}:${result.group}:${layers}:${pictured}`,
      name: result.name,
      variations,
      shown: result.variations.findIndex(({ visible }) => visible),
      canFinish: canFinish(result, finishers),
      note: this.notes.get(`${result.document}:${result.group}`) ?? "",
    };
  }
}
