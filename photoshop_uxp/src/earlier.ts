/** Results that an edit takes the place of: those that it covers, and whether the retoucher painted on their masks. */

import type { Stop } from "./client/pause";
import type { Line } from "./client/line";
import { covers, maskDistance, sameRect, tighten } from "./host/capture";
import type { DocumentHandle, Host, Mask, Result } from "./host/host";
import { maskOf, readable, type WholeRecipe } from "./recipe";

/** An earlier result that an edit takes the place of. */
export interface Earlier {
  readonly result: Result;
  /** Whether it shows through the same mask, so that its variations go on among the new ones. */
  readonly isAlike: boolean;
}

/** How an edit's selection is named, and what becomes of it. */
interface Own {
  readonly maskBlob: string;
  readonly growPx: number;
  readonly featherPx: number;
}

export class EarlierResults {
  private selection: Mask | null = null;

  constructor(
    private readonly line: Line,
    private readonly host: Host,
    private readonly signal: Stop,
  ) {}

  /** The visible results that an edit of this selection takes the place of: it covers theirs, which is no small part of it. */
  async under(document: DocumentHandle, selection: Mask, own: Own): Promise<readonly Earlier[]> {
    this.selection = selection;
    const found: Earlier[] = [];
    for (const result of await this.host.results(document)) {
      const { region, recipe } = result.memory;
      if (!result.visible || 2 * region.width * region.height < selection.region.width * selection.region.height) {
        continue;
      }
      const theirs = readable(recipe);
      if (!theirs) {
        continue;
      }
      const isSame = theirs.where.mask.blob === own.maskBlob && sameRect(theirs.where.region, selection.region);
      const there = isSame ? selection : await this.selectionOf(result, theirs);
      if (there && covers(selection, there)) {
        found.push({ result, isAlike: isSame && theirs.where.growPx === own.growPx && theirs.where.featherPx === own.featherPx });
      }
    }
    return found;
  }

  /** What a recipe takes the place of. What runs again (`again`) takes that of itself alone: it may have been built on another. */
  async replacedBy(document: DocumentHandle, recipe: WholeRecipe, again: Result | null): Promise<readonly Earlier[]> {
    if ((await this.host.results(document)).length === 0) {
      return [];
    }
    const { growPx, featherPx, mask } = recipe.where;
    const selection = this.selection ?? (await this.selectionIn(recipe));
    const earlier = await this.under(document, selection, { maskBlob: mask.blob, growPx, featherPx });
    return earlier.filter(({ result }) => again === null || result.group === again.group);
  }

  /** The mask of a result that is replaced by one with the same mask, where the retoucher painted on it; else null. */
  async refinedMask(document: DocumentHandle, earlier: readonly Earlier[], mask: Mask): Promise<Mask | null> {
    const alike = earlier.find(({ isAlike }) => isAlike);
    const there = alike ? await this.host.readMask(document, alike.result.group) : null;
    return there && maskDistance(mask, there) > 1 / 255 ? (tighten(there) ?? there) : null;
  }

  /** What was selected for a result: its mask, or, where that is not as it was selected, what the server was sent. */
  private async selectionOf(result: Result, recipe: WholeRecipe): Promise<Mask | null> {
    if (recipe.where.growPx !== 0 || recipe.where.featherPx !== 0) {
      const sent = await this.selectionIn(recipe).catch(() => null);
      if (sent) {
        return sent;
      }
    }
    return this.host.readMask(result.document, result.group);
  }

  private async selectionIn({ where: { mask, region } }: WholeRecipe): Promise<Mask> {
    return maskOf(mask, region, await this.line.get(mask.blob, this.signal));
  }
}
