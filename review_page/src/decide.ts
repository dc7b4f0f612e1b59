/** One's own decision about the version that is shown, and everybody's. */

import { Verdict } from "../../photoshop_uxp/src/gen/inlay/v1/review_pb";
import { button, h, Kept, set, tell } from "./dom";
import type { Judgement, Version } from "./standing";
import { keepTyped, typed } from "./typed";
import { type Key, say, when } from "./words";

const MOST = 2000;

interface Choice {
  readonly verdict: Verdict;
  readonly key: string;
  readonly word: Key;
  readonly said: Key;
}

export const CHOICES: readonly Choice[] = [
  { verdict: Verdict.APPROVE, key: "a", word: "decide.approve", said: "decide.said_approve" },
  { verdict: Verdict.CHANGES, key: "c", word: "decide.changes", said: "decide.said_changes" },
  { verdict: Verdict.REJECT, key: "x", word: "decide.reject", said: "decide.said_reject" },
];

/** What somebody does who decides so: `approves` ... */
export function saidOf(verdict: Verdict): string {
  const choice = CHOICES.find((one) => one.verdict === verdict);
  return choice ? say(choice.said) : "";
}

class JudgementItem {
  readonly root = h("li", { class: "judgement" });
  private readonly head = h("div", { class: "head" });
  private readonly words = h("p", { class: "words" });

  constructor() {
    this.root.append(this.head, this.words);
  }

  show({ decision: { verdict, text }, name, time }: Judgement): void {
    set(this.root, "data-verdict", verdict);
    this.head.replaceChildren(h("strong", {}, name), " ", saidOf(verdict), " ", h("time", { class: "quiet" }, when(time)));
    tell(this.words, text);
  }
}

export class Decisions {
  readonly root = h("section", { class: "decide", "aria-labelledby": "decide-name" });
  private readonly own = h("div", { class: "own" });
  private readonly why = h("textarea", { id: "decide-why", rows: 2, maxlength: MOST });
  private readonly buttons: readonly HTMLButtonElement[];
  private readonly trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  private readonly none = h("p", { class: "quiet" }, say("decide.none"));
  private readonly list = h("ol", { class: "judgements" });
  private readonly kept = new Kept<Judgement, JudgementItem>(this.list, () => new JudgementItem());
  private isSending = false;
  /** Whose reason stands in the field. */
  private draft = 0;

  /** decide: resolves once it is written down. */
  constructor(private readonly decide: (verdict: Verdict, text: string) => Promise<void>) {
    this.buttons = CHOICES.map(({ verdict, word, key }) =>
      button(say(word), () => void this.take(verdict), { class: "choice", "data-verdict": verdict, "aria-pressed": "false", title: `${say(word)} (${key.toUpperCase()})` }),
    );
    const label = h("label", { for: "decide-why" }, say("decide.why"));
    this.own.append(h("h2", { id: "decide-name" }, say("decide.name")), label, this.why, h("div", { class: "row" }, ...this.buttons), this.trouble, h("p", { class: "quiet keys" }, say("decide.keys")));
    this.root.append(this.own, h("h3", {}, say("decide.all")), this.none, this.list);
    this.why.addEventListener("input", () => keepWhy(this.draft, this.why.value));
  }

  show({ draft: { draft }, judgements }: Version, mine: number, mayDecide: boolean): void {
    if (draft !== this.draft) this.why.value = whys()[draft] ?? "";
    this.draft = draft;
    this.own.hidden = !mayDecide;
    set(this.root, "aria-labelledby", mayDecide && "decide-name");
    set(this.root, "aria-label", !mayDecide && say("decide.all"));
    const own = judgements.find(({ decision }) => decision.reviewer === mine)?.decision.verdict;
    this.buttons.forEach((one, index) => set(one, "aria-pressed", String(CHOICES[index]?.verdict === own)));
    this.none.hidden = judgements.length > 0;
    this.kept.show(judgements, ({ decision }) => String(decision.reviewer));
  }

  /** Decides, with the reason that was typed. */
  async take(verdict: Verdict): Promise<void> {
    if (this.isSending) return;
    const { draft } = this;
    this.isSending = true;
    this.trouble.hidden = true;
    this.buttons.forEach((one) => set(one, "aria-disabled", "true"));
    try {
      await this.decide(verdict, this.why.value.trim());
      keepWhy(draft, "");
      if (this.draft === draft) this.why.value = "";
    } catch (error) {
      this.trouble.hidden = false;
      tell(this.trouble, say("decide.refused", { reason: error instanceof Error ? error.message : String(error) }));
    } finally {
      this.isSending = false;
      this.buttons.forEach((one) => set(one, "aria-disabled", false));
    }
  }
}

function keepWhy(draft: number, text: string): void {
  keepTyped("why", { ...whys(), [draft]: text });
}

/** The reasons that were typed, by the draft's number. */
function whys(): Readonly<Record<number, string>> {
  return typed<Record<number, string>>("why") ?? {};
}
