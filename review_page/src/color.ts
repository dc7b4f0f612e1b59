/** What colours this screen shows, and how a picture's are called. */

import { Gamut } from "../../photoshop_uxp/src/gen/inlay/v1/review_pb";

const P3 = matchMedia("(color-gamut: p3)");

/** The widest gamut of this screen that a preview can be had in. */
export function gamut(): Gamut {
  return P3.matches ? Gamut.DISPLAY_P3 : Gamut.SRGB;
}

export function screenName(): string {
  return P3.matches ? "Display P3" : "sRGB";
}

/** Calls back when the window comes to a screen of another gamut. */
export function onScreen(changed: () => void): void {
  P3.addEventListener("change", changed);
}
