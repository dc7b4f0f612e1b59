/** The plan for the selection: asked for anew when what decides it is another, a moment after the last change. */

import { tooLarge } from "./host/capture";
import { type Glance, type Host, QUICK_MASK, type Rect } from "./host/host";
import type { ConnectionView, PlanView, Wish } from "./ui/model";

/** What decides a plan. */
export interface PlanQuestion {
  readonly width: number;
  readonly height: number;
  readonly region: Rect;
  readonly verb: Wish["verb"];
  readonly tier: Wish["tier"];
  readonly growPx: number;
  readonly featherPx: number;
  readonly count: number;
  /** The edit will have a prompt, which decides between models. */
  readonly prompted: boolean;
}

/** What went wrong, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const DELAY_MS = 150;
const NO_PICTURE = "Open a picture to begin.";

/** What decides the plan, or a sentence on why there is none. */
export function questionOf(
  host: Pick<Host, "facts">,
  server: { readonly connection: ConnectionView },
  glance: Glance | null,
  wish: Wish | null,
): PlanQuestion | string {
  if (!glance) {
    return NO_PICTURE;
  }
  try {
    const facts = host.facts(glance.document);
    const { width, height } = facts;
    if (glance.isQuickMask) {
      return QUICK_MASK;
    }
    if (!glance.region) {
      return "Select what should change.";
    }
    const reason = tooLarge(glance.region, facts);
    if (reason !== "") {
      return reason;
    }
    if (server.connection.state !== "ready") {
      return "The selection is ready; the server is not.";
    }
    if (!wish) {
      return "…";
    }
    const { verb, tier, growPx, featherPx, count, prompt } = wish;
    return { width, height, region: glance.region, verb, tier, growPx, featherPx, count, prompted: prompt !== "" };
  } catch (error) {
    return messageOf(error);
  }
}

export class Planning {
  /** The newest answer. It stays until the next one is there, so that nothing flickers, unless that is about another verb, or
   * about words: what the server said of the one is not true of the other. */
  plan: PlanView | string = NO_PICTURE;
  private question: PlanQuestion | string = NO_PICTURE;
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
    if (JSON.stringify(question) === JSON.stringify(this.question)) {
      return;
    }
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
    if (number !== this.number) {
      return;
    }
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
