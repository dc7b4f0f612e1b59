/** What the panel says about edits, plans and offers, in the server's words. Pure. */

import { type Say, saidOf } from "../words";
import type { EditView, PlanView } from "./model";

/** How long it will take, how sharp it becomes, and what else the server has to say about it beforehand: one line. */
export function describePlan({ sentence, notes }: PlanView): string {
  return [sentence, ...notes.map((note) => `⚠ ${note}`)].filter(Boolean).join(" · ");
}

/** Where an edit is, in a few words. */
export function standing(say: Say, { phase, message, position, etaS }: EditView): string {
  if (message !== "") return message;
  const eta = etaS ? `, ${say("state.eta", { seconds: seconds(etaS) })}` : "";
  if (phase === "queued") return (position ? saidOf(say, "state.queued", position) : say("state.queued.next")) + eta;
  return say(`state.${phase}`) + (phase === "painting" ? eta || "…" : "");
}

function seconds(value: number): number {
  return Math.max(1, Math.round(value));
}
