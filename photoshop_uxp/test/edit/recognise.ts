/**
 * What the plugin makes of the notes in a PSD, with its own code: JSON on stdin, JSON on stdout. Given are the facts of the document,
 * the group's note, and each variation's note with the pixels that stand in the file.
 */

import { readFileSync } from "node:fs";
import type { Facts, Rect } from "../../src/host/host";
import { misfitOf, rectOf, unpacked } from "../../src/client/messages";
import { readLayerNote, readOrigin } from "../../src/host/notes";
import { sealOf } from "../../src/host/touched";

interface Given {
  readonly facts: Facts;
  readonly group: string;
  readonly layers: readonly { readonly note: string; readonly rect: Rect; readonly channels: 2 | 4; readonly samples: string }[];
}

const { facts, group, layers } = JSON.parse(readFileSync(0, "utf8")) as Given;
const origin = readOrigin(group);
const notes = layers.map(({ note }) => readLayerNote(note));
const memories = notes.map((note) => note && unpacked(note.memory));
const recipe = memories[0]?.recipe;
const told = {
  jobId: origin?.jobId,
  documentId: origin?.documentId,
  region: origin?.region,
  seed: recipe?.sampling.seed.toString(),
  misfit: recipe && misfitOf(recipe, facts),
  layers: layers.map(({ rect, channels, samples }, at) => ({
    receipt: memories[at]?.receiptJson,
    bounds: memories[at] && rectOf(memories[at].patch.bounds),
    seal: notes[at]?.seal,
    now: sealOf({ rect, channels, samples: Uint8Array.from(Buffer.from(samples, "hex")) }),
  })),
};
console.log(JSON.stringify(told));
