/** What colour a region has: read here, measured by the server as an averaging eyedropper would. */

import type { Line } from "./client/line";
import { Cancelled } from "./client/trouble";
import { mustKnow } from "./edit";
import type { ProbeRegionResponse } from "./gen/inlay/v1/inlay_pb";
import { ChannelOrder, type Raster } from "./gen/inlay/v1/raster_pb";
import { bytesOf, cropMask, intersection, orderOf, selectionOf, tighten, windowOf, withAlpha, zerosLike } from "./host/capture";
import { CannotEdit, type ColorMode, type DocumentHandle, type Facts, type Glance, type Host, type Mask, type Pixels, type Result } from "./host/host";
import { rasterOf } from "./recipe";
import type { Reading } from "./ui/model";

/** Above 4 megapixels only every n-th row is sent: the mean of so many does not change, the time would. */
const MOST_PX = 1 << 22;
/** What rounding to 8 bit may cost; more, and `#RRGGBB` does not stand for the colour. */
const SAME_DELTA_E = 0.5;
const CHANNELS: Readonly<Record<ColorMode, readonly string[]>> = { RGB: ["R", "G", "B"], Gray: ["Gray"], Lab: ["L", "a", "b"] };

/** What a probe reads: the selection, or else the mask of a result. Throws CannotEdit where neither is. */
export async function subjectOf(host: Host, glance: Glance, result: Result | null): Promise<Mask> {
  if (glance.region !== null) {
    return selectionOf(host, glance.document);
  }
  const mask = result && (await host.readMask(result.document, result.group));
  const { width, height } = host.facts(glance.document);
  const inside = mask && intersection(mask.region, { x: 0, y: 0, width, height });
  const subject = mask && inside && tighten(cropMask(mask, inside));
  if (!subject) {
    throw new CannotEdit("Select what to measure.");
  }
  return subject;
}

/** Reads what a document shows under `mask`, and compares its mean with `target`. Throws CannotEdit, HostBusy, Trouble. */
export async function measure(
  line: Line,
  host: Host,
  document: DocumentHandle,
  mask: Mask,
  target: string,
  signal?: AbortSignal,
  mostPx = MOST_PX,
): Promise<Reading> {
  const sample = await sent(line, host, document, mask, mostPx, signal);
  return readingOf(await line.probe(sample.source, sample.mask, target, signal), sample, target);
}

/** The mean as a target colour: `#RRGGBB` where that stands for it, or else `lab(L, a, b)`. Throws as `measure`. */
export async function spelled(line: Line, host: Host, document: DocumentHandle, mask: Mask): Promise<string> {
  const { source, mask: share } = await sent(line, host, document, mask, MOST_PX);
  const { hex } = await line.probe(source, share, "");
  const { deltaE, labMean } = await line.probe(source, share, hex);
  if (deltaE !== undefined && deltaE <= SAME_DELTA_E) {
    return hex.toUpperCase();
  }
  return `lab(${labMean.map((value) => value.toFixed(2)).join(", ")})`;
}

/** What was read of a document, at the server. */
interface Sample {
  readonly facts: Facts;
  readonly source: Raster;
  readonly mask: Raster;
  /** Every how manieth row it is. */
  readonly step: number;
}

async function sent(
  line: Line,
  host: Host,
  document: DocumentHandle,
  mask: Mask,
  mostPx: number,
  signal?: AbortSignal,
): Promise<Sample> {
  const facts = host.facts(document);
  mustKnow(line.profiles, facts);
  const { region } = mask;
  const step = Math.ceil((region.width * region.height) / mostPx);
  const source = await rowsOf(host, document, mask, step, mostPx, signal);
  const share = everyRow({ rect: region, channels: 1, samples: mask.samples }, step);
  if (JSON.stringify(host.facts(document)) !== JSON.stringify(facts)) {
    throw new CannotEdit("The document changed while it was read. Measure again.");
  }
  const [sourceBlob = "", maskBlob = ""] = await line.put([bytesOf(source.samples), bytesOf(share.samples)], signal);
  const order = ChannelOrder[orderOf(facts.mode, source.channels)];
  return {
    facts,
    source: rasterOf(source.samples, source.rect, order, facts.profile, sourceBlob),
    mask: rasterOf(share.samples, share.rect, ChannelOrder.Y, "", maskBlob),
    step,
  };
}

/** Every `step`-th row of the composite under `mask`, read in bands, so that Photoshop is never held for long. */
async function rowsOf(
  host: Host,
  document: DocumentHandle,
  { region }: Mask,
  step: number,
  bandPx: number,
  signal?: AbortSignal,
): Promise<Pixels> {
  const high = Math.max(1, Math.floor(bandPx / region.width / step)) * step;
  const bands: Pixels[] = [];
  for (let top = 0; top < region.height; top += high) {
    if (signal?.aborted) {
      throw new Cancelled();
    }
    const band = { ...region, y: region.y + top, height: Math.min(high, region.height - top) };
    bands.push(everyRow(await windowOf(host, document, band, []), step));
  }
  return stacked(bands);
}

function everyRow({ rect, channels, samples }: Pixels, step: number): Pixels {
  const height = Math.ceil(rect.height / step);
  const length = rect.width * channels;
  const kept = zerosLike(samples, height * length);
  for (let y = 0; y < height; y += 1) {
    kept.set(samples.subarray(y * step * length, y * step * length + length), y * length);
  }
  return { rect: { ...rect, height }, channels, samples: kept };
}

/** Bands below each other; where Photoshop trimmed one, all have alpha. */
function stacked(bands: readonly Pixels[]): Pixels {
  const channels = Math.max(...bands.map((band) => band.channels));
  const alike = bands.map((band) => (band.channels === channels ? band : withAlpha(band)));
  const [first] = alike;
  if (!first || alike.length === 1) {
    return first ?? { rect: { x: 0, y: 0, width: 0, height: 0 }, channels, samples: new Uint8Array() };
  }
  const height = alike.reduce((sum, { rect }) => sum + rect.height, 0);
  const samples = zerosLike(first.samples, first.rect.width * height * channels);
  let at = 0;
  for (const band of alike) {
    samples.set(band.samples, at);
    at += band.samples.length;
  }
  return { rect: { ...first.rect, height }, channels, samples };
}

function readingOf(answer: ProbeRegionResponse, { facts, step }: Sample, target: string): Reading {
  const channels = CHANNELS[facts.mode];
  return {
    channels,
    depth: facts.depth,
    mean: answer.documentMean.slice(0, channels.length),
    spread: answer.documentSpread.slice(0, channels.length),
    lab: answer.labMean,
    labSpread: answer.labSpread,
    hex: answer.hex.toUpperCase(),
    pixels: Number(answer.pixels) * step,
    target,
    deltaE: answer.deltaE ?? null,
  };
}
