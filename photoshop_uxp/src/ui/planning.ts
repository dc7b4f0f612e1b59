/** The plan for the selection: asked for anew when what decides it is another, a moment after the last change. */

import { planOf } from "../client/messages";
import type { PlanEditResponse } from "../gen/inlay/v1/inlay_pb";
import { tooLarge } from "../host/capture";
import { type Glance, messageOf, type Rect } from "../host/host";
import type { Server } from "../session";
import { coveredBy } from "../where";
import { drawnOn, lackOf, meansAll, regionsIn, type Wish } from "../wish";
import { say } from "../words";

const DELAY_MS = 150;

type Question = ReturnType<typeof planOf>;

export class Planning {
  /**
   * The newest answer, or a sentence on why there is none. It stays until the next one is there, so that nothing flickers, unless that
   * is about another verb, or about words: what the server said of the one is not true of the other.
   */
  plan: PlanEditResponse | string = "…";
  private question: Question | string = "…";
  private turn = 0;

  constructor(
    private readonly server: Pick<Server, "host" | "view" | "plan" | "locale">,
    private readonly changed: () => void,
  ) {}

  /** Whether an edit could be run now. */
  get isPossible(): boolean {
    return typeof this.question !== "string";
  }

  look(glance: Glance | null, wish: Wish | null): void {
    const turn = (this.turn += 1);
    const { host } = this.server;
    if (glance === null || wish === null || (regionsIn(wish).length === 0 && (glance.region !== null || drawnOn(wish) === null))) {
      this.ask(this.questionOf(glance, wish, null));
      return;
    }
    const asked = coveredBy(host, glance.document, wish).then((covered) => this.questionOf(glance, wish, covered), messageOf);
    void asked.then((question) => {
      if (turn === this.turn && this.ask(question)) this.changed();
    });
  }

  /** Whether it is another than the last one. */
  private ask(question: Question | string): boolean {
    if (JSON.stringify(question) === JSON.stringify(this.question)) return false;
    const about = (asked: Question | string): string => (typeof asked === "string" ? "" : `${asked.verb} ${asked.prompted}`);
    if (typeof question === "string") this.plan = question;
    else if (about(question) !== about(this.question)) this.plan = "…";
    this.question = question;
    if (typeof question !== "string") void this.find(question);
    return true;
  }

  /** What decides the plan, or why there is none. `covered`: by regions or a drawing. */
  private questionOf(glance: Glance | null, wish: Wish | null, covered: Rect | null): Question | string {
    if (!glance) return say("plan.no_picture");
    if (glance.isQuickMask) return say("plan.quick_mask");
    try {
      const facts = this.server.host.facts(glance.document);
      const form = wish?.form;
      const isAll = glance.region === null ? form !== undefined && meansAll(form) : form?.inverts === true;
      const region = covered ?? (isAll ? { x: 0, y: 0, width: facts.width, height: facts.height } : glance.region);
      if (!region) return say(form?.inverts ? "plan.no_subject" : "plan.no_selection");
      const reason = tooLarge(region, facts);
      if (reason !== "") return reason;
      if (this.server.view.state !== "ready") return say("plan.not_connected");
      return wish === null ? "…" : lackOf(wish) || planOf(wish, facts, region, this.server.locale);
    } catch (error) {
      return messageOf(error);
    }
  }

  private async find(question: Question): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
    if (question !== this.question) return;
    const plan = await this.server.plan(question).catch(messageOf);
    if (question === this.question) {
      this.plan = plan;
      this.changed();
    }
  }
}
