/** What a document's canvas and samples are, in the terms of an edit. */

import type { Document } from "photoshop/dom/Document";

import { CannotEdit, type ColorMode, type Depth, type Facts } from "./host";
import type { Photoshop } from "./layers";

const LINEAR = " (Linear RGB Profile)";
const LINEAR_GRAY = " (Linear Gray Profile)";
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
  const convert = "Convert a copy with Image › Mode › RGB Color, edit it there";
  const inks = `The inks of this one would have to be separated anew. ${convert}, and convert the finished picture.`;
  const reasons = new Map<string, string>([
    [DocumentMode.CMYK, inks],
    [DocumentMode.MULTICHANNEL, inks],
    [DocumentMode.INDEXEDCOLOR, `This one has a palette, which a result's colours are not in. ${convert}, and save that.`],
    [DocumentMode.BITMAP, "This one has black and white pixels only. Convert it with Image › Mode › Grayscale."],
    [DocumentMode.DUOTONE, "This one is printed in inks of its own. Convert a copy with Image › Mode › Grayscale."],
  ]);
  return `Inlay edits RGB, Grayscale and Lab documents with 8, 16 or 32 bits. ${reasons.get(mode) ?? `${convert}.`}`;
}

function profileOf(named: string, mode: ColorMode, depth: Depth): string {
  if (mode === "Lab") return ASSUMED.Lab;
  const name = named === "" || named === "None" ? ASSUMED[mode] : named;
  if (depth !== 32 || name.includes("(Linear ")) return name;
  return name + (mode === "RGB" ? LINEAR : LINEAR_GRAY);
}

/** Photoshop tells a profile's name and not what is in it, so the server has to know it. Throws CannotEdit. */
export function mustKnow(profiles: ReadonlySet<string>, { profile, mode }: Facts): void {
  if (profiles.size === 0 || profiles.has(profile.replace(KNOWN_WITHOUT, ""))) return;
  const known = mode === "Gray" ? "Gray Gamma 2.2" : "sRGB, Adobe RGB or ProPhoto RGB";
  throw new CannotEdit(
    `The server does not know the profile “${profile}”, and Photoshop tells only its name. Convert the document to ${known}` +
      " with Edit › Convert to Profile, and try again.",
  );
}
