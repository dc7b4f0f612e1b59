/** What a document's canvas and samples are, in the terms of an edit. */

import type { Document } from "photoshop/dom/Document";

import { say } from "../words";
import { CannotEdit, type ColorMode, type Depth, type Facts, type Rect } from "./host";
import type { Photoshop } from "./layers";

/** What Photoshop adds to the names of 32-bit profiles; the server knows that. */
const KNOWN_WITHOUT = / \(Linear (RGB|Gray) Profile\)$/;
/** What a document without colour management is taken for, so that a model sees plausible colours; its numbers stay. */
const ASSUMED: Record<ColorMode, string> = { RGB: "sRGB IEC61966-2.1", Gray: "Gray Gamma 2.2", Lab: "Lab" };

/** The document's facts. Throws CannotEdit for what Inlay cannot edit without converting the user's document. */
export function factsOf(ps: Photoshop, document: Document): Facts {
  const { DocumentMode, BitsPerChannelType } = ps.constants;
  const modes = new Map<string, ColorMode>([
    [DocumentMode.RGB, "RGB"],
    [DocumentMode.GRAYSCALE, "Gray"],
    [DocumentMode.LAB, "Lab"],
  ]);
  const depths = new Map<string, Depth>([
    [BitsPerChannelType.EIGHT, 8],
    [BitsPerChannelType.SIXTEEN, 16],
    [BitsPerChannelType.THIRTYTWO, 32],
  ]);
  const mode = modes.get(document.mode);
  const depth = depths.get(document.bitsPerChannel);
  if (mode === undefined || depth === undefined) throw new CannotEdit(refusalOf(ps, document));
  const profile = profileOf(document.colorProfileName, mode, depth);
  return { width: document.width, height: document.height, mode, depth, profile };
}

/** Why a document cannot be edited, and what to do. */
function refusalOf(ps: Photoshop, { mode }: Document): string {
  const { DocumentMode } = ps.constants;
  const kinds = new Map<string, string>([
    [DocumentMode.CMYK, "inks"],
    [DocumentMode.MULTICHANNEL, "inks"],
    [DocumentMode.INDEXEDCOLOR, "palette"],
    [DocumentMode.BITMAP, "bitmap"],
    [DocumentMode.DUOTONE, "duotone"],
  ]);
  return `${say("plan.modes")} ${say(`plan.mode.${kinds.get(mode) ?? "other"}`)}`;
}

function profileOf(named: string, mode: ColorMode, depth: Depth): string {
  if (mode === "Lab") return ASSUMED.Lab;
  const name = named === "" || named === "None" ? ASSUMED[mode] : named;
  if (depth !== 32 || name.includes("(Linear ")) return name;
  return `${name} (Linear ${mode} Profile)`;
}

/** Photoshop tells a profile's name and not what is in it, so the server has to know it. Throws CannotEdit. */
export function mustKnow(profiles: ReadonlySet<string>, { profile, mode }: Facts): void {
  if (profiles.size === 0 || profiles.has(profile.replace(KNOWN_WITHOUT, ""))) return;
  throw new CannotEdit(say(`plan.profile.${mode === "Gray" ? "gray" : "color"}`, { profile }));
}

/** By its Lab: the RGB of a colour is the working space's, not sRGB. */
export function labOf({ lab: { l, a, b } }: { readonly lab: { readonly l: number; readonly a: number; readonly b: number } }): string {
  return `lab(${[l, a, b].map((value) => value.toFixed(2)).join(", ")})`;
}

/** The rectangle that a document is. */
export function canvasOf(document: Document): Rect {
  return { x: 0, y: 0, width: document.width, height: document.height };
}
