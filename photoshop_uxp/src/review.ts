/** Reviews of the picture in front: results shown to others by a link, and what comes back, pins and decisions. */

import { create } from "@bufbuild/protobuf";
import { isLoopback, partsOf } from "./client/address";
import { BREATH_MS, heldBack, insist } from "./client/follow";
import { unpacked } from "./client/messages";
import { pause, Stop } from "./client/pause";
import type { Rect as Region } from "./gen/inlay/v1/raster_pb";
import { type Draft, type DraftState, type Final, type NewDraft, NewDraftSchema, type Pin, type Review, type ReviewEvent, Role, Verdict } from "./gen/inlay/v1/review_pb";
import { CannotEdit, type DocumentHandle, type Facts, type Rect, type Result, type Variation } from "./host/host";
import type { Host } from "./host/photoshop";
import type { InlayServer } from "./server";
import { Spots } from "./spots";
import { say } from "./words";

export const DAYS = 7;
const LISTED = 100;
const MAX_JOBS = 1000;
/** Reviews of a picture that are told of: the newest. Each is asked for by a call of its own, which the server holds back. */
const MOST = 3;
const MAX_TITLE = 200;
/** Regions that have so much of both in common are one. */
const ALIKE = 0.5;
/** The side of what is selected around a pin: a share of the window's shorter side, and at least so many px. */
const LEAST_PX = 64;
const SHARE = 8;
/** A pin's small picture shows twice as much, up to so many px a side. */
const MOST_SEEN_PX = 512;
const DONE_WITH: readonly Verdict[] = [Verdict.CHANGES, Verdict.REJECT];

type Kind = NonNullable<ReviewEvent["happening"]["case"]>;
type Happening<K extends Kind> = Extract<ReviewEvent["happening"], { case: K }>["value"];

/** The newest version of a draft: how it stands, what it is, and what became of it. */
export interface Newest {
  readonly state: DraftState;
  readonly draft: Draft;
  readonly final: Final | null;
}

export class Reviews {
  /** Those of the picture in front that are not over, the newest first. */
  known: readonly Review[] = [];
  /** How the document looks where its pins are set. */
  readonly spots: Spots;
  private isInSight = false;
  private looked = "";
  private document: DocumentHandle | undefined;
  private knownIn: DocumentHandle | undefined;
  private id = "";
  private finding: Stop | null = null;
  private following: Stop | null = null;

  /** `changed`: what is known of the picture in front is another. `painted`: there is another final. */
  constructor(
    private readonly host: Pick<Host, "facts" | "historyState" | "results" | "spots">,
    private readonly server: Pick<InlayServer, "view" | "calls" | "locale">,
    private readonly changed: () => void,
    private readonly painted: () => void,
  ) {
    this.spots = new Spots(host, changed);
  }

  /** Finds the reviews of a picture that was not in front, and sees how it looks where pins are set. */
  look(id: string, document: DocumentHandle | undefined): void {
    const { state, url } = this.server.view;
    const looked = `${id} ${document ?? ""} ${state} ${url}`;
    if (looked !== this.looked) {
      [this.looked, this.id, this.document] = [looked, id, document];
      void this.find();
    }
    this.see();
  }

  private see(): void {
    if (!this.isInSight) return;
    const { known } = this;
    const squares = (canvas: Facts) => known.flatMap((review) => openPins(review).map(({ pin }) => [pin.pinId, spotOf(review, pin, canvas)] as const));
    void this.spots.look(this.knownIn === this.document ? this.document : undefined, known, squares);
  }

  /** Asks what happens in them while somebody sees it. */
  watch(isInSight: boolean): void {
    if (isInSight === this.isInSight) return;
    this.isInSight = isInSight;
    if (isInSight) this.follow();
    else this.letGo();
    this.see();
  }

  /** Asks no more. */
  stop(): void {
    this.letGo();
    this.finding?.abort();
  }

  private letGo(): void {
    this.following?.abort();
    this.following = null;
  }

  /** Asks anew which reviews there are of the picture in front. */
  async find(): Promise<void> {
    this.stop();
    const finding = new Stop();
    this.finding = finding;
    const { id, document } = this;
    const isThere = id !== "" && document !== undefined && this.server.view.state === "ready";
    const found = isThere ? await insist(this.server.calls, () => this.of(id, document), finding).catch(() => []) : [];
    if (finding.aborted) return;
    const isAnother = found.length + this.known.length > 0;
    [this.known, this.knownIn] = [found.slice(0, MOST), document];
    if (this.isInSight) this.follow();
    if (isAnother) this.changed();
    this.see();
  }

  /** The reviews of a document that go on, newest first. */
  private async of(id: string, document: DocumentHandle): Promise<readonly Review[]> {
    const { calls, locale } = this.server;
    const { jobs } = await calls.call("listJobs", { label: id, limit: MAX_JOBS, locale });
    const placed = (await this.host.results(document)).flatMap(({ variations }) => variations.map(({ memory }) => unpacked(memory)?.jobId ?? ""));
    const mine = new Set([...jobs.map(({ jobId }) => jobId), ...placed]);
    const { reviews } = await calls.call("listReviews", { limit: LISTED });
    return reviews.filter((review) => each(review, "draft").some(({ jobId }) => mine.has(jobId)) && each(review, "revoked").every(({ reviewer }) => reviewer !== 0));
  }

  private follow(): void {
    this.letGo();
    const stop = new Stop();
    this.following = stop;
    for (const review of this.known) void this.followOne(review, stop).catch(() => undefined); // It is over, or nobody sees it.
  }

  /** Asks for what happens in a review until nobody sees it any more. */
  private async followOne(known: Review, stop: Stop): Promise<void> {
    const { calls } = this.server;
    const { reviewId } = known;
    for (let review = known; ; ) {
      await pause(BREATH_MS, stop);
      const afterSeq = review.events[review.events.length - 1]?.seq ?? 0n;
      const poll = (waitMs: number) => calls.call("pollReview", { reviewId, afterSeq, waitMs }, stop);
      const { events } = await insist(calls, () => heldBack(calls, poll, stop), stop);
      if (events.length === 0) continue;
      const answer = await insist(calls, () => calls.call("getReview", { reviewId }, stop), stop);
      if (!answer.review) return;
      const before = finalsOf(review);
      review = answer.review;
      const now = review;
      this.known = this.known.map((one) => (one.reviewId === reviewId ? now : one));
      this.changed();
      this.see();
      if (finalsOf(review) !== before) this.painted();
    }
  }

  /**
   * Shows a result's variations to one more person; the link, and what is to be said of it. What is new of them joins the open
   * review of this place, as newer versions of what was turned down or is gone.
   */
  async share(id: string, result: Result, title: string, name: string): Promise<{ readonly url: string; readonly said: string; readonly code: Uint8Array }> {
    const { calls, locale, view: { url: address } } = this.server;
    const held = result.variations.flatMap(({ memory }) => unpacked(memory) ?? []);
    const region = held[0]?.recipe.where.region;
    if (region === undefined) throw new CannotEdit(say("result.damaged"));
    const review = (await this.of(id, result.document)).find((one) => newest(one).some(({ draft }) => areAlike(draft.region, region)));
    const drafts = draftsOf(review ?? null, region, held.map(({ jobId, variation }) => ({ jobId, variation })));
    const invitation = { name, role: Role.DECIDE, days: DAYS };
    const link = await (async () => {
      if (review === undefined) return (await calls.call("createReview", { title: title.slice(0, MAX_TITLE), drafts, invitations: [invitation], locale, address })).links[0];
      const { reviewId } = review;
      if (drafts.length > 0) await calls.call("addVersion", { reviewId, drafts: [...drafts], locale });
      return (await calls.call("inviteReviewer", { reviewId, invitation, address })).link;
    })();
    const { url = "", code = new Uint8Array() } = link ?? {};
    const said = say(isLocal(url) ? "review.shared_here" : "review.shared", { name, days: DAYS });
    if (result.document === this.document) void this.find();
    return { url, said, code };
  }

  /** What a pin asks for is done. */
  async resolve({ reviewId }: Review, { pinId }: Pin): Promise<void> {
    await this.server.calls.call("resolvePin", { reviewId, pinId, isResolved: true });
  }
}

/** What happened of one kind, in order. */
export function each<K extends Kind>({ events }: Review, kind: K): Happening<K>[] {
  return events.flatMap(({ happening }) => (happening.case === kind ? [happening.value as Happening<K>] : []));
}

/** The newest version of each draft. */
export function newest(review: Review): Newest[] {
  const isOf = (one: { readonly draft: number; readonly version: number }) => (other: { readonly draft: number; readonly version: number }) =>
    one.draft === other.draft && one.version === other.version;
  return review.drafts
    .filter(({ isLocked }) => !isLocked)
    .sort((one, other) => one.draft - other.draft)
    .flatMap((state) => {
      const draft = each(review, "draft").find(isOf(state));
      return draft ? [{ state, draft, final: each(review, "final").filter(isOf(state)).pop() ?? null }] : [];
    });
}

/** Pins, with the name of who set each, that nobody has done; answers to others are none. */
export function openPins(review: Review): { readonly pin: Pin; readonly name: string }[] {
  const done = new Map(each(review, "resolved").map(({ pinId, isResolved }) => [pinId, isResolved]));
  const names = new Map(each(review, "reviewer").map(({ number, name }) => [number, name]));
  const pins = each(review, "pin").filter(({ answers, pinId }) => answers === "" && done.get(pinId) !== true);
  return pins.map((pin) => ({ pin, name: names.get(pin.reviewer) ?? say("review.studio") }));
}

/** What is new to a review (null: there is none yet) of the variations of a region. */
export function draftsOf(review: Review | null, region: Region, held: readonly Pick<NewDraft, "jobId" | "variation">[]): NewDraft[] {
  const keyOf = ({ jobId, variation }: Pick<NewDraft, "jobId" | "variation">): string => `${jobId} ${variation}`;
  const shown = new Set(review ? each(review, "draft").map(keyOf) : []);
  const keys = held.map(keyOf);
  const older = (review ? newest(review) : [])
    .filter(({ draft }) => areAlike(draft.region, region))
    .filter(({ state, draft }) => DONE_WITH.includes(state.verdict) || (state.verdict === Verdict.UNSPECIFIED && !keys.includes(keyOf(draft))))
    .map(({ state }) => state.draft);
  return held.filter((one) => !shown.has(keyOf(one))).map((one, at) => create(NewDraftSchema, { ...one, replaces: older[at] ?? 0 }));
}

/** The numbers of pins that stand at a place, by their ids: from 1 on each version, as its marks on the reviewers' page. */
export function numbersOf(review: Review): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  return new Map(
    each(review, "pin")
      .filter(({ at, answers }) => at !== undefined && answers === "")
      .map(({ pinId, draft, version }) => {
        const number = (counts.get(`${draft} ${version}`) ?? 0) + 1;
        counts.set(`${draft} ${version}`, number);
        return [pinId, number];
      }),
  );
}

/** The square around a pin, up to `MOST_SEEN_PX` wide, which may reach beyond the canvas; null: it stands at no place, or on another canvas. */
export function spotOf(review: Review, { draft, version, at }: Pin, canvas: { readonly width: number; readonly height: number }): Rect | null {
  const { window, document } = each(review, "draft").find((one) => one.draft === draft && one.version === version) ?? {};
  if (at === undefined || !window || canvas.width !== document?.width || canvas.height !== document.height) return null;
  const half = Math.min(sideIn(window), MOST_SEEN_PX / 2);
  const [x, y] = [window.x + at.x * window.width, window.y + at.y * window.height];
  return { x: Math.round(x) - half, y: Math.round(y) - half, width: 2 * half, height: 2 * half };
}

function sideIn({ width, height }: Region): number {
  return Math.max(LEAST_PX, Math.floor(Math.min(width, height) / SHARE));
}

/** What a pin is about: the draft's region where it lies there, else a box. Throws CannotEdit where the document is another by now. */
export function placeOf(review: Review, { draft, version, at }: Pin, canvas: { readonly width: number; readonly height: number }): Rect {
  const about = each(review, "draft").find((one) => one.draft === draft && one.version === version);
  const { window, region, document } = about ?? {};
  if (!window || !region || !document) throw new CannotEdit(say("review.cropped_off"));
  if (canvas.width !== document.width || canvas.height !== document.height) {
    throw new CannotEdit(say("changed.other", { now: `${canvas.width} × ${canvas.height} px`, was: `${document.width} × ${document.height} px` }));
  }
  const [x, y] = [window.x + (at?.x ?? 0) * window.width, window.y + (at?.y ?? 0) * window.height];
  const isInside = x >= region.x && x < region.x + region.width && y >= region.y && y < region.y + region.height;
  const side = sideIn(window);
  const box = at === undefined || isInside ? region : { x: Math.round(x - side / 2), y: Math.round(y - side / 2), width: side, height: side };
  const found = common(box, { x: 0, y: 0, ...canvas });
  if (found === null) throw new CannotEdit(say("review.cropped_off"));
  return found;
}

function isLocal(url: string): boolean {
  return isLoopback(partsOf(url.replace(/^([a-z]+:\/\/[^/]+).*$/i, "$1"))?.host ?? "");
}

/** What is known of finals, without how it was said. */
function finalsOf(review: Review): string {
  return each(review, "final")
    .map(({ jobId, state }) => `${jobId} ${state}`)
    .join();
}

function areAlike(one: Rect | undefined, other: Rect): boolean {
  const both = one ? common(one, other) : null;
  if (!one || !both) return false;
  const areaOf = ({ width, height }: Rect): number => width * height;
  return areaOf(both) >= ALIKE * (areaOf(one) + areaOf(other) - areaOf(both));
}

function common(one: Rect, other: Rect): Rect | null {
  const [x, y] = [Math.max(one.x, other.x), Math.max(one.y, other.y)];
  const width = Math.min(one.x + one.width, other.x + other.width) - x;
  const height = Math.min(one.y + one.height, other.y + other.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** Selects what a pin is about. */
export async function selectPlace(host: Host, document: DocumentHandle, review: Review, pin: Pin): Promise<void> {
  const region = placeOf(review, pin, host.facts(document));
  await host.select(document, say("review.title"), { region, samples: new Uint8Array(region.width * region.height).fill(255) });
}

/** The result that holds a draft, which shows from then on. Throws CannotEdit where the document has it no more. */
export async function showDraft(host: Host, document: DocumentHandle, { jobId, variation }: Draft): Promise<Result> {
  const isMeant = ({ memory }: Variation): boolean => {
    const known = unpacked(memory);
    return known?.jobId === jobId && known.variation === variation;
  };
  const find = async (): Promise<Result | undefined> => (await host.results(document)).find(({ variations }) => variations.some(isMeant));
  const found = await find();
  if (!found) throw new CannotEdit(say("review.not_here"));
  await host.show(found, found.variations.findIndex(isMeant));
  return (await find()) ?? found;
}
