/** What a review has come to: its events, read in order. */

import { type Decision, type Draft, type DraftState, type Final, FinalState, type Pin, type Review, type ReviewEvent, type Reviewer, Role, Verdict } from "../../photoshop_uxp/src/gen/inlay/v1/review_pb";

/** What somebody said, with what was answered to it. */
export interface PinShown {
  readonly pin: Pin;
  /** Who said it; empty: the studio. */
  readonly name: string;
  readonly time: Date;
  readonly isResolved: boolean;
  readonly answers: readonly PinShown[];
  /** As it stands on the picture, from 1; 0: it is about the whole. */
  readonly number: number;
}

export interface Judgement {
  readonly decision: Decision;
  readonly name: string;
  readonly time: Date;
}

/** One version of a draft. */
export interface Version {
  readonly draft: Draft;
  readonly isLocked: boolean;
  /** What all have come to. */
  readonly verdict: Verdict;
  /** The last one of each reviewer. */
  readonly judgements: readonly Judgement[];
  readonly pins: readonly PinShown[];
  readonly final: Final | null;
}

/** A draft with its versions, the oldest first. */
export interface Card {
  readonly number: number;
  readonly title: string;
  readonly versions: readonly Version[];
}

type Happening = Exclude<ReviewEvent["happening"], { case: undefined }>;
type Happened = { [H in Happening as H["case"]]: H["value"] };

/** The events of a review that are known, each once. */
export class Standing {
  readonly events = new Map<bigint, ReviewEvent>();
  title = "";
  needsAll = false;
  me: Reviewer | undefined;
  private states: readonly DraftState[] = [];

  /** The number up to which nothing is missing. */
  get last(): bigint {
    let last = 0n;
    while (this.events.has(last + 1n)) last += 1n;
    return last;
  }

  take({ title, needsAll, events, drafts }: Review, me: Reviewer | undefined): void {
    [this.title, this.needsAll, this.states, this.me] = [title, needsAll, drafts, me];
    events.forEach((event) => this.add(event));
  }

  /** Whether it is news. */
  add(event: ReviewEvent): boolean {
    const isNews = !this.events.has(event.seq);
    this.events.set(event.seq, event);
    return isNews;
  }

  get mayComment(): boolean {
    return (this.me?.role ?? Role.VIEW) >= Role.COMMENT;
  }

  get mayDecide(): boolean {
    return (this.me?.role ?? Role.VIEW) >= Role.DECIDE;
  }

  /** Whether this page's link was made void. */
  get isVoid(): boolean {
    const mine = this.me?.number ?? 0;
    return this.inOrder().some(({ happening: { case: kind, value } }) => kind === "revoked" && (value.reviewer === 0 || value.reviewer === mine));
  }

  nameOf(reviewer: number): string {
    return this.all("reviewer").find(({ value }) => value.number === reviewer)?.value.name ?? "";
  }

  cards(): Card[] {
    const numbers = new Set(this.all("draft").map(({ value }) => value.draft));
    return Array.from(numbers, (number) => {
      const drafts = this.all("draft").filter(({ value }) => value.draft === number);
      const versions = drafts.map(({ value }, index) => this.version(value, index < drafts.length - 1));
      return { number, title: drafts.at(-1)?.value.title ?? "", versions };
    });
  }

  private version(draft: Draft, isLocked: boolean): Version {
    const isOfIt = ({ value }: { readonly value: { readonly draft: number; readonly version: number } }): boolean => value.draft === draft.draft && value.version === draft.version;
    const latest = new Map(this.all("decision").filter(isOfIt).map(({ value, time }) => [value.reviewer, { decision: value, name: this.nameOf(value.reviewer), time }]));
    const verdict = this.states.find((state) => state.draft === draft.draft && state.version === draft.version)?.verdict ?? Verdict.UNSPECIFIED;
    const final = this.all("final").filter(isOfIt).at(-1)?.value ?? null;
    return { draft, isLocked, verdict, judgements: Array.from(latest.values()), pins: this.pinsOf(this.all("pin").filter(isOfIt)), final };
  }

  private pinsOf(pins: readonly { readonly value: Pin; readonly time: Date }[]): PinShown[] {
    const resolved = new Map(this.all("resolved").map(({ value }) => [value.pinId, value.isResolved]));
    const shown = ({ value: pin, time }: (typeof pins)[number], number: number): PinShown => ({
      pin,
      name: this.nameOf(pin.reviewer),
      time,
      isResolved: resolved.get(pin.pinId) ?? false,
      answers: pins.filter(({ value }) => value.answers === pin.pinId).map((answer) => shown(answer, 0)),
      number,
    });
    let placed = 0;
    return pins.filter(({ value }) => value.answers === "").map((one) => shown(one, one.value.at ? (placed += 1) : 0));
  }

  private inOrder(): ReviewEvent[] {
    return Array.from(this.events.values()).sort((one, other) => Number(one.seq - other.seq));
  }

  private all<K extends keyof Happened>(kind: K): { value: Happened[K]; time: Date }[] {
    return this.inOrder()
      .filter(({ happening }) => happening.case === kind)
      .map(({ happening, timeUnixMs }) => ({ value: happening.value as Happened[K], time: new Date(Number(timeUnixMs)) }));
  }
}

/** The key of the word for where a version stands. */
export function standsAs({ verdict, isLocked, final }: Version): "approved" | "changes" | "rejected" | "locked" | "open" | "painting" | "done" | "to_finish" {
  if (verdict === Verdict.APPROVE && final) {
    if (final.state === FinalState.DONE) return "done";
    if (final.state === FinalState.TO_FINISH) return "to_finish";
    if (final.state === FinalState.PAINTING) return "painting";
  }
  if (verdict === Verdict.APPROVE) return "approved";
  if (verdict === Verdict.CHANGES) return "changes";
  if (verdict === Verdict.REJECT) return "rejected";
  return isLocked ? "locked" : "open";
}
