/** The panel's words: the same as in the Krita docker. Pure. */

import type { EditView, PlanView, Tier, Verb } from "./model";

export const TITLES: Readonly<Record<Verb, string>> = {
  erase: "Erase",
  fill: "Fill",
  generate: "Generate",
  refine: "Refine",
  instruct: "Instruct",
  recolor: "Recolor",
  replace_background: "Replace background",
  expand: "Expand",
};

export const TIPS: Readonly<Record<Verb, string>> = {
  erase: "Removes what is selected and continues the surroundings.",
  fill: "Paints what you describe, or what the surroundings suggest.",
  generate: "Paints what you describe, with no regard to what is there.",
  refine: "Repaints what is there, as far as the strength allows.",
  instruct: "Changes what is there as you tell.",
  recolor: "Gives the selected material the target colour.",
  replace_background: "Select the background: it is painted anew behind what is not selected.",
  expand: "Continues the picture. Enlarge the canvas first and select its new part.",
};

export const CANNOT = "No model of this server can do this.";

export const PLACEHOLDERS: Readonly<Record<Verb, string>> = {
  erase: "Optional: what should be there instead",
  fill: "What should be there? Empty: what fits",
  generate: "What should be there?",
  refine: "What is there?",
  instruct: "What should change?",
  recolor: "",
  replace_background: "Which background?",
  expand: "Optional: what continues there",
};

export const TIER_TITLES: Readonly<Record<Tier, readonly [title: string, tip: string]>> = {
  draft: ["Draft", "A first look, as fast as possible"],
  standard: ["Standard", "Good enough to judge"],
  final: ["Final", "What is delivered"],
};

/** How long it will take, and what the server has to say about it beforehand. */
export function describePlan({ estimateS, notes }: PlanView): string {
  return [estimateS === null ? "" : `About ${seconds(estimateS)}.`, ...notes.map((note) => `⚠ ${note}`)].filter(Boolean).join(" ");
}

/** Where an edit is, in a few words. */
export function standing(edit: EditView): string {
  if (edit.message !== "") {
    return edit.message;
  }
  switch (edit.phase) {
    case "capturing":
      return "reading…";
    case "uploading":
      return "sending…";
    case "queued":
      return `waiting, ${edit.position ? `${edit.position} before it` : "next in line"}${remaining(edit)}`;
    case "painting":
      return `painting${remaining(edit)}`;
    case "fetching":
      return "fetching…";
    case "placing":
      return "placing…";
    default:
      return edit.phase;
  }
}

/** What the offer of waiting results says. */
export function describeOffers(count: number): string {
  const results = count === 1 ? "A result is" : `${count} results are`;
  return `${results} at the server, but not in this picture.`;
}

function remaining(edit: EditView): string {
  return edit.etaS ? `, about ${seconds(edit.etaS)}` : "…";
}

function seconds(value: number): string {
  return `${Math.max(1, Math.round(value))}\u00a0s`; // Not broken between the number and its unit.
}
