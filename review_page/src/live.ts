/** The review as it goes on: read once, then followed by one stream while this tab is seen, taken up again where it broke off. */

import { type ReviewEvent, ReviewService } from "../../photoshop_uxp/src/gen/inlay/v1/review_pb";
import { type Line, Refusal } from "./line";
import type { Standing } from "./standing";

const { getReview, watchReview, pollReview } = ReviewService.method;
const AGAIN_MS = [300, 1000, 2000, 4000] as const;
/** A line that died without a word is found out by asking. */
const ASK_MS = 20_000;
const ANSWER_MS = 8_000;
const FOR_GOOD = new Set(["unauthenticated", "permission_denied", "not_found"]);

export type LineState = "opening" | "live" | "dropped" | "over";

/** Whether no new try can help. */
export function isForGood(error: unknown): boolean {
  return error instanceof Refusal && FOR_GOOD.has(error.code);
}

export class Live {
  private stop = new AbortController();
  private wake: () => void = () => undefined;
  private failures = 0;
  private wasLive = false;

  /** changed: with what is new; all of it at first. turned: how the line is now. */
  constructor(
    private readonly line: Line,
    private readonly standing: Standing,
    private readonly changed: (news: readonly ReviewEvent[], isFirst: boolean) => void,
    private readonly turned: (state: LineState) => void,
  ) {
    document.addEventListener("visibilitychange", () => this.turn());
    ["online", "pageshow"].forEach((name) => addEventListener(name, () => this.turn()));
    addEventListener("offline", () => this.stop.abort());
  }

  /** Follows until the link is void. */
  async follow(): Promise<void> {
    for (;;) {
      try {
        await this.once();
        this.failures += 1; // The server ended the stream: it restarts, or the link is void, which it says when asked.
      } catch (error) {
        if (isForGood(error)) break;
        this.failures += 1;
      }
      if (this.standing.isVoid) break;
      if (!document.hidden) this.turned(this.wasLive ? "dropped" : "opening");
      await this.pause();
    }
    this.turned("over");
  }

  /** Asks for where everything stands: the server weighs decisions, not this page. */
  async reread(): Promise<void> {
    const { review, me } = await this.line.call(getReview, {});
    if (!review) return;
    const news = review.events.filter((event) => !this.standing.events.has(event.seq));
    this.standing.take(review, me);
    this.changed(news, false);
  }

  /** What this page did itself is known before the stream tells it. */
  heard(event: ReviewEvent | undefined): void {
    if (event && this.standing.add(event)) this.changed([event], false);
  }

  private async once(): Promise<void> {
    this.stop = new AbortController();
    const { signal } = this.stop;
    const isFirst = this.standing.events.size === 0;
    const { review, me } = await this.line.call(getReview, {});
    if (!review) throw new Refusal("unavailable", "no review");
    const news = review.events.filter((event) => !this.standing.events.has(event.seq));
    this.standing.take(review, me);
    this.changed(news, isFirst);
    this.turned("live");
    this.wasLive = true;
    if (document.hidden) return; // Opened behind another tab.
    const asking = setInterval(() => void this.ask(), ASK_MS);
    try {
      for await (const { event } of this.line.stream(watchReview, { afterSeq: this.standing.last }, signal)) {
        this.failures = 0;
        this.heard(event);
      }
    } finally {
      clearInterval(asking);
    }
  }

  private async ask(): Promise<void> {
    const { stop } = this;
    try {
      const { events } = await this.line.call(pollReview, { afterSeq: this.standing.last, waitMs: 0 }, AbortSignal.timeout(ANSWER_MS));
      events.forEach((event) => this.heard(event));
    } catch {
      stop.abort();
    }
  }

  /** A hidden tab gives its connection back: six of them would be all that a browser opens to one server. */
  private turn(): void {
    if (document.hidden) this.stop.abort();
    else this.wake();
  }

  private async pause(): Promise<void> {
    const again = AGAIN_MS[Math.min(this.failures, AGAIN_MS.length) - 1] ?? 1000;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      if (!document.hidden) setTimeout(resolve, again);
    });
    this.wake = () => undefined;
  }
}
