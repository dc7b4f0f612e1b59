/** The plan for the selection: asked for anew when what decides it is another, a moment after the last change. */

import { tooLarge } from "./host/capture";
import { type Facts, type Glance, type Host, QUICK_MASK, type Rect } from "./host/host";
import type { ConnectionView, PlanView } from "./ui/model";
import { lackOf, meansAll, numberIn, textIn, type Wish } from "./wish";
import type { Say } from "./words";

/** What decides a plan. */
export interface PlanQuestion {
  readonly width: number;
  readonly height: number;
  readonly region: Rect;
  readonly verb: string;
  readonly tier: string;
  readonly model: string;
  readonly growPx: number;
  readonly featherPx: number;
  readonly count: number;
  /** The edit will have a prompt, which decides between models. */
  readonly prompted: boolean;
}

/** What decides the plan of a wish for a region of a canvas. */
export function askedOf(wish: Wish, { width, height }: Pick<Facts, "width" | "height">, { x, y, ...size }: Rect): PlanQuestion {
  return {
    width,
    height,
    region: { x, y, ...size },
    verb: wish.form.id,
    tier: textIn(wish, "sampling.tier"),
    model: textIn(wish, "sampling.model"),
    growPx: numberIn(wish, "where.grow_px"),
    featherPx: numberIn(wish, "where.feather_px"),
    count: numberIn(wish, "sampling.count", 1),
    prompted: textIn(wish, "words.prompt") !== "",
  };
}

/** What went wrong, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const DELAY_MS = 150;

/** What decides the plan, or a sentence on why there is none. */
export function questionOf(
  host: Pick<Host, "facts">,
  { state }: ConnectionView,
  glance: Glance | null,
  wish: Wish | null,
  say: Say,
): PlanQuestion | string {
  if (!glance) return say("plan.no_picture");
  try {
    const facts = host.facts(glance.document);
    const form = wish?.form;
    const isAll = glance.region === null ? form !== undefined && meansAll(form) : form?.inverts === true;
    const region = isAll ? { x: 0, y: 0, width: facts.width, height: facts.height } : glance.region;
    if (glance.isQuickMask) return QUICK_MASK;
    if (!region) return say(form?.inverts ? "plan.no_subject" : "plan.no_selection");
    const reason = tooLarge(region, facts);
    if (reason !== "") return reason;
    if (state !== "ready") return say("plan.not_connected");
    return wish === null ? "…" : lackOf(wish) || askedOf(wish, facts, region);
  } catch (error) {
    return messageOf(error);
  }
}

export class Planning {
  /** The newest answer. It stays until the next one is there, so that nothing flickers, unless that is about another verb, or
   * about words: what the server said of the one is not true of the other. */
  plan: PlanView | string = "…";
  private question: PlanQuestion | string = "…";
  private number = 0;

  constructor(
    private readonly answer: (question: PlanQuestion) => Promise<PlanView>,
    private readonly changed: () => void,
  ) {}

  /** Whether an edit could be run now. */
  get isPossible(): boolean {
    return typeof this.question !== "string";
  }

  ask(question: PlanQuestion | string): void {
    if (JSON.stringify(question) === JSON.stringify(this.question)) return;
    const isAbout = (other: PlanQuestion): boolean =>
      typeof this.question !== "string" && this.question.verb === other.verb && this.question.prompted === other.prompted;
    if (typeof question === "string") {
      this.plan = question;
    } else if (!isAbout(question)) {
      this.plan = "…";
    }
    this.question = question;
    this.number += 1;
    if (typeof question !== "string") {
      void this.find(question, this.number);
    }
  }

  private async find(question: PlanQuestion, number: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
    if (number !== this.number) return;
    let plan: PlanView | string;
    try {
      plan = await this.answer(question);
    } catch (error) {
      plan = messageOf(error);
    }
    if (number === this.number) {
      this.plan = plan;
      this.changed();
    }
  }
}
