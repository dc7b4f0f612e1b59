/**
 * What the plugin makes of the notes in a PSD, with its own code: JSON on stdin, JSON on stdout. Given are the facts of the document,
 * the group's note, and each variation's note with the pixels that stand in the file.
 */

import { readFileSync } from "node:fs";
import type { Facts, Rect } from "../../src/host/host";
import { readMemory } from "../../src/host/memory";
import { readLayerNote, sealOf } from "../../src/host/seal";
import { misfitOf, unpacked } from "../../src/recipe";

interface Given {
  readonly facts: Facts;
  readonly group: string;
  readonly layers: readonly { readonly note: string; readonly rect: Rect; readonly channels: 2 | 4; readonly samples: string }[];
}

const { facts, group, layers } = JSON.parse(readFileSync(0, "utf8")) as Given;
const memory = readMemory(group);
const recipe = memory && unpacked(memory.recipe);
const told = {
  jobId: memory?.jobId,
  documentId: memory?.documentId,
  region: memory?.region,
  seed: recipe?.sampling.seed.toString(),
  misfit: recipe && misfitOf(recipe, facts),
  layers: layers.map(({ note, rect, channels, samples }) => {
    const seen = readLayerNote(note);
    return { receipt: seen?.receipt, seal: seen?.seal, now: sealOf({ rect, channels, samples: Uint8Array.from(Buffer.from(samples, "hex")) }) };
  }),
};
console.log(JSON.stringify(told));
