/** Documents and pictures for the conformance suite, and comparisons that say what differs. */

import { maskDistance, whiteOf } from "../src/host/capture";
import type { Depth, DocumentHandle, Mask, Origin, Pixels, Placement, Rect, Samples } from "../src/host/host";
import type { Host } from "../src/host/photoshop";
import type { Kind, Stage } from "./stage";

export const WIDTH = 40;
export const HEIGHT = 32;
export const CANVAS: Rect = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
export const REGION: Rect = { x: 10, y: 8, width: 12, height: 9 };
export const RGB16: Kind = { mode: "RGB", depth: 16, profile: "Adobe RGB (1998)" };

export function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

export function expectSame(got: Samples, wanted: Samples, what: string): void {
  expect(got.constructor === wanted.constructor, `${what}: ${got.constructor.name} instead of ${wanted.constructor.name}`);
  expect(got.length === wanted.length, `${what}: ${got.length} samples instead of ${wanted.length}`);
  const at = got.findIndex((value, index) => value !== wanted[index]);
  expect(at < 0, `${what}: sample ${at} is ${got[at]} instead of ${wanted[at]}`);
}

export async function expectThrows(action: Promise<unknown>, type: new (...given: never[]) => Error, what: string): Promise<void> {
  const error = await action.then(() => null, (thrown: unknown) => (thrown instanceof Error ? thrown : new Error(String(thrown))));
  expect(error instanceof type, `${what}: ${error === null ? "nothing was thrown" : String(error)} instead of ${type.name}`);
}

/** Runs `work` with documents that are closed afterwards. */
export async function withDocument(
  stage: Stage,
  kind: Kind,
  work: (document: DocumentHandle) => Promise<void>,
  background: "white" | "transparent" = "transparent",
): Promise<void> {
  const document = await stage.create(kind, WIDTH, HEIGHT, background);
  try {
    await work(document);
  } finally {
    await stage.close(document).catch(() => undefined);
  }
}

/** A document with one layer that has another sample at every place, and a soft selection. */
export async function withPicture(stage: Stage, kind: Kind, work: (document: DocumentHandle, layer: number) => Promise<void>): Promise<void> {
  await withDocument(stage, kind, async (document) => {
    const layer = await stage.addLayer(document, "Original", picture(kind, CANVAS, 1));
    await stage.select(document, softMask(kind.depth));
    await work(document, layer);
  });
}

/** Opaque pixels with all kinds of values: both ends, and every neighbour different. */
export function picture({ mode, depth }: Kind, rect: Rect, seed: number): Pixels {
  const channels = mode === "Gray" ? 2 : 4;
  const samples = samplesOf(depth, rect.width * rect.height * channels);
  const white = whiteOf(samples);
  const ends = [0, 1, white - 1, white].map((value) => (depth === 32 ? value / 2 : value));
  for (let at = 0; at < samples.length; at++) {
    const value = (at * 7919 * seed + seed * 104729) % (depth === 32 ? 1024 : white + 1);
    samples[at] = at % channels === channels - 1 ? white : at < ends.length ? (ends[at] ?? 0) : depth === 32 ? value / 1024 : value;
  }
  return { rect, channels, samples };
}

/** A mask with every soft value from 0 to white, whose outermost values are above 0. */
export function softMask(_depth: Depth, region: Rect = REGION): Mask {
  const samples = new Uint8Array(region.width * region.height).map((_, at) => (at * 37) % 256);
  samples[0] = 1;
  samples[samples.length - 1] = 2;
  for (let y = 0; y < region.height; y++) {
    samples[y * region.width] = Math.max(1, samples[y * region.width] ?? 0);
    samples[(y + 1) * region.width - 1] = Math.max(1, samples[(y + 1) * region.width - 1] ?? 0);
  }
  return { region, samples };
}

function samplesOf(depth: Depth, length: number): Samples {
  return depth === 8 ? new Uint8Array(length) : depth === 16 ? new Uint16Array(length) : new Float32Array(length);
}

/** Whether two masks are the same, wherever their rectangles end: exactly, or within half a step of 8 bit where depths differ. */
export function sameMask(one: Mask, other: Mask): boolean {
  return maskDistance(one, other) <= (one.samples.constructor === other.samples.constructor ? 0 : 0.5 / 255 + 1e-9);
}

export function originOf(documentId: string, jobId = "job-1"): Origin {
  return { jobId, documentId, region: REGION, reads: "picture" };
}

/** An XMP packet that says one thing more, beside all that it says. */
export function saying(packet: string, namespace: string, name: string, value: string): string {
  const at = packet.lastIndexOf("</rdf:RDF>");
  expect(at >= 0, `The document has no XMP packet: ${packet.slice(0, 200)}`);
  const description = `<rdf:Description rdf:about="" xmlns:said="${namespace}"><said:${name}>${value}</said:${name}></rdf:Description>`;
  return packet.slice(0, at) + description + packet.slice(at);
}

/** A placement of `count` variations whose pixels are unlike the picture's. */
export async function placementFor(host: Host, document: DocumentHandle, kind: Kind, mask: Mask, count = 2): Promise<Placement> {
  const layers = Array.from({ length: count }, (_, index) => ({
    name: `Variation ${index + 1} (seed ${index})`,
    load: () => Promise.resolve(picture(kind, mask.region, index + 2)),
    memory: `memory ${index}`, blend: "", visible: index === 0,
  }));
  const origin = originOf(await host.identify(document));
  return { name: "A red lantern, „gemütlich“", mask, layers, origin, replaces: [], lands: "top" };
}
