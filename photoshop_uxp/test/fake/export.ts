/** Places a result in fake documents of several kinds and writes them as PSDs, with what they have to hold, for psd-tools. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { bytesOf } from "../../src/host/capture";
import { CANVAS, picture, placementFor, softMask } from "../../self_test/expect";
import { KINDS } from "../../self_test/conformance_capture";
import { fakeHost } from "./host";
import { writePsd } from "./psd";

const folder = process.argv[2];
if (folder === undefined) throw new Error("Name a folder.");
mkdirSync(folder, { recursive: true });

for (const kind of KINDS) {
  const { fake, host, stage } = fakeHost();
  const document = await stage.create(kind, CANVAS.width, CANVAS.height, "transparent");
  const original = picture(kind, CANVAS, 1);
  await stage.addLayer(document, "Original", original);
  await stage.select(document, softMask(kind.depth));
  const before = await host.readComposite(document, CANVAS, []);
  const mask = await host.readSelection(document);
  const placement = await placementFor(host, document, kind, mask, 3);
  await host.place(document, placement);
  const name = kind.name.split(" ").join("-");
  writeFileSync(join(folder, `${name}.psd`), writePsd(fake.open(document).picture));
  const hex = (samples: typeof mask.samples): string => Buffer.from(bytesOf(samples)).toString("hex");
  const expected = {
    mode: kind.mode,
    depth: kind.depth,
    original: hex(before.samples),
    channels: before.channels,
    region: mask.region,
    mask: hex(softMask(kind.depth).samples),
    name: placement.name,
    origin: placement.origin,
    layers: await Promise.all(placement.layers.map(async ({ name, load, memory }) => ({ name, pixels: hex((await load()).samples), memory }))),
  };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(expected));
}
