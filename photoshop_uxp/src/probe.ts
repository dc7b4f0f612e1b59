/** What colour a region has: read here, measured by the server as an averaging eyedropper would. */

import type { Stop } from "./client/pause";
import type { Line } from "./client/line";
import { Cancelled } from "./client/trouble";
import { mustKnow } from "./edit";
import { ChannelOrder, type Raster } from "./gen/inlay/v1/raster_pb";
import { bytesOf, cropMask, intersection, orderOf, selectionOf, tighten, windowOf, withAlpha, zerosLike } from "./host/capture";
import { CannotEdit, type DocumentHandle, type Glance, type Host, type Mask, type Pixels, type Result } from "./host/host";
import type { InlayServer } from "./client/index";
import { rasterOf } from "./recipe";
import type { Say } from "./words";

/** Above 4 megapixels only every n-th row is sent: the mean of so many does not change, the time would. */
const MOST_PX = 1 << 22;

/** What colour a region has. */
export interface Reading {
  /** The mean as `#RRGGBB` in sRGB, clipped to it. */
  readonly hex: string;
  /** The mean as a target: `lab(L, a, b)`, which has every colour. */
  readonly color: string;
  /** CIEDE2000 between the mean and the target; null where there was none. */
  readonly deltaE: number | null;
}

/** What a probe reads: the selection, or else the mask of a result. Throws CannotEdit where neither is. */
export async function subjectOf(host: Host, glance: Glance, result: Result | null): Promise<Mask> {
  if (glance.region !== null) return selectionOf(host, glance.document);
  const mask = result && (await host.readMask(result.document, result.group));
  const { width, height } = host.facts(glance.document);
  const inside = mask && intersection(mask.region, { x: 0, y: 0, width, height });
  const subject = mask && inside && tighten(cropMask(mask, inside));
  if (!subject) throw new CannotEdit("Select what to measure.");
  return subject;
}

/** Reads what a document shows under `mask`, and compares its mean with `target`. Throws CannotEdit, HostBusy, Trouble. */
export async function measure(
  line: Line,
  host: Host,
  document: DocumentHandle,
  mask: Mask,
  target: string,
  signal?: Stop,
  mostPx = MOST_PX,
): Promise<Reading> {
  const { source, share } = await sent(line, host, document, mask, mostPx, signal);
  const { hex, labMean, deltaE } = await line.probe(source, share, target, signal);
  return { hex: hex.toUpperCase(), color: `lab(${labMean.map((value) => value.toFixed(2)).join(", ")})`, deltaE: deltaE ?? null };
}

/** A reading for people, and as a target. */
export interface Told {
  readonly said: string;
  readonly target: string;
}

/** Measures what is in front. Throws as `measure`. */
export async function tell(host: Host, server: Pick<InlayServer, "measure">, result: Result | null, target: string, say: Say): Promise<Told> {
  const glance = host.glance();
  if (glance === null) throw new CannotEdit(say("plan.no_picture"));
  const { hex, color, deltaE } = await server.measure(glance.document, await subjectOf(host, glance, result), target);
  const difference = deltaE === null ? "" : ` · ${say("finding.color", { delta_e: deltaE.toFixed(1), target })}`;
  return { said: hex + difference, target: color };
}

/** What was read of a document, at the server: every so manieth row. */
async function sent(
  line: Line,
  host: Host,
  document: DocumentHandle,
  mask: Mask,
  mostPx: number,
  signal?: Stop,
): Promise<{ readonly source: Raster; readonly share: Raster }> {
  const facts = host.facts(document);
  mustKnow(line.profiles, facts);
  const { region } = mask;
  const step = Math.ceil((region.width * region.height) / mostPx);
  const source = await rowsOf(host, document, mask, step, mostPx, signal);
  const rows = everyRow({ rect: region, channels: 1, samples: mask.samples }, step);
  if (JSON.stringify(host.facts(document)) !== JSON.stringify(facts)) {
    throw new CannotEdit("The document changed while it was read. Measure again.");
  }
  const [sourceBlob = "", maskBlob = ""] = await line.put([bytesOf(source.samples), bytesOf(rows.samples)], signal);
  const order = ChannelOrder[orderOf(facts.mode, source.channels)];
  return {
    source: rasterOf(source.samples, source.rect, order, facts.profile, sourceBlob),
    share: rasterOf(rows.samples, rows.rect, ChannelOrder.Y, "", maskBlob),
  };
}

/** Every `step`-th row of the composite under `mask`, read in bands, so that Photoshop is never held for long. */
async function rowsOf(
  host: Host,
  document: DocumentHandle,
  { region }: Mask,
  step: number,
  bandPx: number,
  signal?: Stop,
): Promise<Pixels> {
  const high = Math.max(1, Math.floor(bandPx / region.width / step)) * step;
  const bands: Pixels[] = [];
  for (let top = 0; top < region.height; top += high) {
    if (signal?.aborted) throw new Cancelled();
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
  if (!first || alike.length === 1) return first ?? { rect: { x: 0, y: 0, width: 0, height: 0 }, channels, samples: new Uint8Array() };
  const height = alike.reduce((sum, { rect }) => sum + rect.height, 0);
  const samples = zerosLike(first.samples, first.rect.width * height * channels);
  let at = 0;
  for (const band of alike) {
    samples.set(band.samples, at);
    at += band.samples.length;
  }
  return { rect: { ...first.rect, height }, channels, samples };
}
