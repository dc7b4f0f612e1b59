/** Edits documents of several kinds at a server and writes them as PSDs, with what they have to hold, for psd-tools: `FOLDER URL`. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf } from "../../src/host/capture";
import { KINDS } from "../../self_test/conformance_capture";
import type { Samples } from "../../src/host/host";
import { writePsd } from "../fake/psd";
import { deskAt, open, turned } from "./desk";
import { compositeOf, original } from "./pictures";
import { wish } from "../forms";

const [folder, url] = process.argv.slice(2);
if (folder === undefined || url === undefined) throw new Error("Name a folder and a server.");

function hex(samples: Samples): string {
  return Buffer.from(bytesOf(samples)).toString("hex");
}

const desk = await deskAt(url);
for (const kind of KINDS) {
  const document = await open(desk, kind, original(kind));
  const before = await compositeOf(desk.host, document);
  const mask = await desk.host.readSelection(document);
  const edit = await turned(desk.server.begin(document, wish({ prompt: "A red lantern, „gemütlich“", count: 3 })));
  assert.equal(edit.phase, "placed", edit.message);
  const placement = desk.placements.at(-1);
  assert.ok(placement);
  const name = kind.name.split(" ").join("-");
  writeFileSync(join(folder, `${name}.psd`), writePsd(desk.fake.open(document).picture));
  const expected = {
    mode: kind.mode,
    depth: kind.depth,
    original: hex(before.samples),
    channels: before.channels,
    region: mask.region,
    mask: hex(Uint8Array.from(mask.samples, (value) => (mask.samples instanceof Uint8Array ? value : Math.round((value * 255) / (kind.depth === 16 ? 32768 : 1))))),
    name: placement.name,
    origin: placement.origin,
    layers: placement.layers.map((layer) => ({ name: layer.name, pixels: hex(layer.pixels.samples), memory: layer.memory })),
  };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(expected));
}
desk.server.stop();
