/** Earlier results that an edit takes the place of: which ones the server knows, what the retoucher did to their masks the document. */

import type { Line } from "./client/connect";
import { memoryOf, type WholeRecipe } from "./client/messages";
import type { Stop } from "./client/pause";
import { Trouble } from "./client/trouble";
import { Relation } from "./gen/inlay/v1/memory_pb";
import { maskDistance, tighten } from "./host/capture";
import type { DocumentHandle, Mask, Result } from "./host/host";
import type { Host } from "./host/photoshop";

/** An earlier result that an edit takes the place of. */
export interface Earlier {
  readonly result: Result;
  /** Whether it shows through the same mask, so that its variations go on among the new ones. */
  readonly isAlike: boolean;
}

interface Desk {
  readonly calls: Line;
  readonly host: Host;
}

/** The visible results that an edit with this recipe takes the place of. Throws Trouble that stays. */
export async function replacedBy({ calls, host }: Desk, document: DocumentHandle, { verb, where }: WholeRecipe, signal: Stop): Promise<readonly Earlier[]> {
  const known = (await host.results(document)).flatMap((result) => {
    const memory = result.visible ? memoryOf(result) : null;
    return memory ? [{ result, memory }] : [];
  });
  if (known.length === 0) return [];
  const asked = { verb, where, memories: known.map(({ memory }) => memory) };
  const { relations } = await calls.call("compareResults", asked, signal).catch((error: unknown) => {
    if (error instanceof Trouble) return { relations: [] }; // It has forgotten what was selected: both stay.
    throw error;
  });
  const earlier = known.map(({ result }, index) => ({ result, relation: relations[index] }));
  return earlier.filter(({ relation }) => relation === Relation.SAME || relation === Relation.COVERED).map(({ result, relation }) => ({ result, isAlike: relation === Relation.SAME }));
}

/** The mask of a result that is replaced by one with the same mask, where the retoucher painted on it; else null. */
export async function refinedMask(host: Host, document: DocumentHandle, earlier: readonly Earlier[], mask: Mask): Promise<Mask | null> {
  const alike = earlier.find(({ isAlike }) => isAlike);
  const there = alike ? await host.readMask(document, alike.result.group) : null;
  return there && maskDistance(mask, there) > 1 / 255 ? (tighten(there) ?? there) : null;
}
