/** What colours a region has: read here, measured by the server as an averaging eyedropper would, or against a brand's. */

import { put } from "./client/blobs";
import type { Calls } from "./client/connect";
import { pictureOf, rasterOf } from "./client/messages";
import { ChannelOrder, type Raster } from "./gen/inlay/v1/raster_pb";
import { bytesOf, cropMask, intersection, tighten, tooLarge, zerosLike } from "./host/capture";
import { mustKnow } from "./host/facts";
import { CannotEdit, type DocumentHandle, type Glance, type Mask, type Pixels, type Result } from "./host/host";
import type { Host } from "./host/photoshop";
import type { InlayServer } from "./server";
import { say } from "./words";

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
  if (glance.region !== null) return host.readSelection(glance.document);
  const mask = result && (await host.readMask(result.document, result.group));
  const { width, height } = host.facts(glance.document);
  const inside = mask && intersection(mask.region, { x: 0, y: 0, width, height });
  const subject = mask && inside && tighten(cropMask(mask, inside));
  if (!subject) throw new CannotEdit(say("probe.nothing"));
  return subject;
}

/** Reads what a document shows under `mask`, and compares its mean with `target`. Throws CannotEdit, HostBusy, Trouble. */
export async function measure(calls: Calls, host: Host, document: DocumentHandle, mask: Mask, targetColor: string, mostPx = MOST_PX): Promise<Reading> {
  const { hex, labMean, deltaE } = await calls.call("probeRegion", { ...(await sampleOf(calls, host, document, mask, mostPx)), targetColor });
  return { hex: hex.toUpperCase(), color: `lab(${labMean.map((value) => value.toFixed(2)).join(", ")})`, deltaE: deltaE ?? null };
}

/** How what a document shows under `mask` keeps to the colours of a style: how much of it does, and what its largest part is. Throws as `measure`. */
export async function check(calls: Calls, host: Host, document: DocumentHandle, mask: Mask, style: string, locale: string): Promise<string> {
  const { lines, clusters } = await calls.call("checkBrand", { ...(await sampleOf(calls, host, document, mask, MOST_PX)), style, locale });
  return [lines[0], lines[lines.length - clusters.length]].filter(Boolean).join("; ");
}

/** What is seen there and how much it counts, at the server. */
async function sampleOf(calls: Calls, host: Host, document: DocumentHandle, mask: Mask, mostPx: number): Promise<{ readonly source: Raster; readonly mask: Raster }> {
  const facts = host.facts(document);
  mustKnow(calls.profiles, facts);
  const { region } = mask;
  const reason = tooLarge(region, facts);
  if (reason !== "") throw new CannotEdit(reason);
  const step = Math.ceil((region.width * region.height) / mostPx);
  const pixels = everyRow(await host.readComposite(document, region, []), step);
  const share = everyRow({ rect: region, channels: 1, samples: mask.samples }, step);
  const [blob = "", maskBlob = ""] = await put(calls, [bytesOf(pixels.samples), bytesOf(share.samples)]);
  return { source: pictureOf(pixels, facts, blob), mask: rasterOf(share.samples, share.rect, ChannelOrder.Y, "", maskBlob) };
}

/** A reading for people, and as a target. */
export interface Told {
  readonly said: string;
  readonly target: string;
}

/** Measures what is in front. Throws as `measure`. */
export async function tell(host: Host, server: Pick<InlayServer, "measure">, result: Result | null, target: string): Promise<Told> {
  const glance = host.glance();
  if (glance === null) throw new CannotEdit(say("plan.no_picture"));
  const { hex, color, deltaE } = await server.measure(glance.document, await subjectOf(host, glance, result), target);
  const difference = deltaE === null ? "" : ` · ${say("finding.color", { delta_e: deltaE.toFixed(1), target })}`;
  return { said: hex + difference, target: color };
}

/** Every `step`-th row. */
function everyRow({ rect, channels, samples }: Pixels, step: number): Pixels {
  const height = Math.ceil(rect.height / step);
  const length = rect.width * channels;
  const kept = zerosLike(samples, height * length);
  for (let y = 0; y < height; y += 1) kept.set(samples.subarray(y * step * length, y * step * length + length), y * length);
  return { rect: { ...rect, height }, channels, samples: kept };
}
