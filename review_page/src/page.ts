/** The page: the drafts, the one that is looked at, what is said of it, and what is heard from the others. */

import { type ReviewEvent, ReviewService, Role, Side, type Verdict } from "../../photoshop_uxp/src/gen/inlay/v1/review_pb";
import { Composer, type Wording } from "./composer";
import { onScreen, screenName } from "./color";
import { CHOICES, Decisions, saidOf } from "./decide";
import { button, h, set, tell } from "./dom";
import type { Picture } from "./layer";
import type { Line } from "./line";
import { isForGood, Live, type LineState } from "./live";
import { Marks, movedBy } from "./marks";
import type { Point } from "./pane";
import { Pictures } from "./pictures";
import { PinList } from "./pins";
import { pictureOf, previewPx } from "./source";
import { Stage } from "./stage";
import { type Card, type PinShown, Standing, standsAs, type Version } from "./standing";
import { Strip } from "./strip";
import { say, when } from "./words";

const { addPin, resolvePin, decide } = ReviewService.method;
const ROLE_WORDS = { [Role.UNSPECIFIED]: "role.view", [Role.VIEW]: "role.view", [Role.COMMENT]: "role.comment", [Role.DECIDE]: "role.decide" } as const;

export class Page {
  private readonly standing = new Standing();
  private readonly pictures = new Pictures();
  private readonly live: Live;
  private readonly stage: Stage;
  private readonly marks: readonly Marks[];
  private readonly list: PinList;
  private readonly composer: Composer;
  private readonly decisions: Decisions;
  private readonly strip: Strip;
  private cards: readonly Card[] = [];
  /** Which draft is looked at, and which version of it; 0: the newest. */
  private chosen = 0;
  private version = 0;
  /** The version that it is compared with; 0: the original. */
  private against = 0;
  private placing: Point | null = null;

  private readonly title = h("h1");
  private readonly me = h("p", { class: "quiet me" });
  private readonly dot = h("span", { class: "line-state" });
  private readonly status = h("p", { role: "status", class: "status" });
  private readonly name = h("h2", { class: "draft-name" });
  private readonly text = h("p", { class: "draft-text" });
  private readonly stands = h("p", { class: "stands" });
  private readonly badge = h("p", { class: "badge" });
  private readonly versions = h("select", { id: "versions" });
  private readonly others = h("select", { id: "against" });
  private readonly choices = h("div", { class: "choices", hidden: true });
  private readonly locked = h("div", { class: "locked", hidden: true }, h("p", {}, say("draft.locked")), button(say("draft.go_newest"), () => this.look(this.chosen, 0)));
  private readonly trouble = h("div", { class: "trouble", role: "alert", hidden: true });
  private readonly none = h("p", { class: "quiet" }, say("pins.none"));
  private readonly hint = h("p", { class: "quiet" }, say("pins.hint"));
  private readonly sets = button(say("pins.place"), () => this.place());
  private readonly whole = button(say("pins.whole"), () => this.composer.open(this.chosen, null));
  readonly root = h("div", { class: "page" });

  constructor(private readonly line: Line) {
    this.live = new Live(line, this.standing, (news, isFirst) => this.heard(news, isFirst), (state) => this.turned(state));
    this.stage = new Stage(this.pictures, {
      clicked: (at) => this.clicked(at),
      key: (event) => this.stageKey(event),
      failed: (error) => this.failed(error),
      moved: () => this.nameStage(),
    });
    this.marks = this.stage.panes.map((pane) => new Marks(pane, (pinId) => this.list.focus(pinId)));
    this.list = new PinList({
      answer: (pin) => this.composer.open(this.chosen, null, { pinId: pin.pin.pinId, name: pin.name || say("pins.studio") }),
      resolve: (pin, isResolved) => void this.resolve(pin, isResolved),
      goTo: (at) => this.stage.goTo(at),
      mayAnswer: () => this.maySay,
      mayResolve: (pin) => this.maySay && (this.standing.mayDecide || pin.pin.reviewer === this.standing.me?.number),
    });
    this.composer = new Composer((wording) => this.pin(wording), () => this.showCross());
    this.decisions = new Decisions((verdict, text) => this.decide(this.chosen, verdict, text));
    this.strip = new Strip(
      {
        choose: ({ number }) => this.look(number, 0),
        key: (event, card) => this.cardKey(event, card),
        picture: (card, px) => this.picture(card.versions.at(-1), Side.AFTER, px),
      },
      this.pictures,
    );
    this.versions.addEventListener("change", () => this.look(this.chosen, Number(this.versions.value)));
    this.others.addEventListener("change", () => {
      this.against = Number(this.others.value);
      this.show();
    });
    onScreen(() => this.show());
  }

  /** Follows the review until the link is void; resolves then. */
  async follow(): Promise<void> {
    await this.live.follow();
  }

  private lay(): void {
    const head = h("header", { class: "top" }, h("div", { class: "who" }, this.title, this.me), h("div", { class: "said" }, this.dot, this.status));
    this.choices.append(labelled(this.versions, say("draft.versions")), labelled(this.others, say("view.against")));
    const about = h("div", { class: "about" }, h("div", { class: "heading" }, this.name, this.stands), this.choices, this.text);
    this.stage.tools.append(button(say("view.region"), () => this.frame()));
    const main = h("main", { class: "looking" }, about, this.locked, this.trouble, this.stage.root, this.stage.tools, this.badge);
    const pins = h("section", { class: "pinning", "aria-labelledby": "pins-name" }, h("h2", { id: "pins-name" }, say("pins.name")), this.hint, h("div", { class: "row" }, this.sets, this.whole), this.composer.root, this.none, this.list.root);
    this.root.append(head, this.strip.root, main, h("aside", { class: "saying", "aria-label": say("page.saying") }, this.decisions.root, pins));
    document.body.replaceChildren(this.root);
  }

  private get card(): Card | undefined {
    return this.cards.find(({ number }) => number === this.chosen);
  }

  private get shown(): Version | undefined {
    const { card } = this;
    return card?.versions.find(({ draft }) => draft.version === this.version) ?? card?.versions.at(-1);
  }

  private get maySay(): boolean {
    return this.standing.mayComment && this.shown?.isLocked === false;
  }

  private picture(version: Version | undefined, side: Side, px: number): Picture | null {
    return version ? pictureOf(this.line, version.draft, side, px) : null;
  }

  private look(number: number, version: number): void {
    this.placing = null;
    if (number !== this.chosen) this.against = 0;
    this.chosen = number;
    this.version = version === this.card?.versions.at(-1)?.draft.version ? 0 : version;
    this.show();
  }

  private heard(news: readonly ReviewEvent[], isFirst: boolean): void {
    this.cards = this.standing.cards();
    if (isFirst) {
      this.lay();
      this.chosen = this.cards[0]?.number ?? 0;
      this.composer.restore();
    } else {
      this.announce(news);
    }
    this.show();
    const weighs = new Set(["decision", "draft", "revoked", "reviewer"]);
    if (!isFirst && news.some(({ happening }) => weighs.has(happening.case ?? ""))) void this.live.reread().catch(() => undefined);
  }

  /** Says what others did, and holds the version that is being written about still. */
  private announce(news: readonly ReviewEvent[]): void {
    const mine = this.standing.me?.number ?? 0;
    const draftName = (number: number): string => say("draft.name", { number });
    news.forEach(({ happening: { case: kind, value } }) => {
      if (kind === "draft") {
        if (value.draft === this.chosen && this.version === 0 && this.composer.wording) this.version = value.version - 1;
        this.say(say("draft.came", { draft: draftName(value.draft), version: value.version }));
      } else if (kind === "pin" && value.reviewer !== mine) {
        this.say(say("pins.came", { name: this.standing.nameOf(value.reviewer) || say("pins.studio"), text: value.text }));
      } else if (kind === "decision" && value.reviewer !== mine) {
        const facts = { name: this.standing.nameOf(value.reviewer), what: saidOf(value.verdict), draft: draftName(value.draft), version: say("draft.version", { version: value.version }) };
        this.say(say("decide.theirs", facts));
      }
    });
  }

  private say(text: string): void {
    tell(this.status, text);
  }

  private turned(state: LineState): void {
    if (state === "over") {
      this.end();
      return;
    }
    if (!this.root.isConnected) {
      if (state === "opening") plainly(say("line.opening"));
      return;
    }
    const was = this.dot.dataset["state"];
    this.dot.dataset["state"] = state;
    tell(this.dot, state === "live" ? say("line.live") : "");
    if (state === "dropped") this.say(say("line.dropped"));
    if (state !== "live" || was !== "dropped") return;
    this.say(say("line.back"));
    if (!this.trouble.hidden) this.fetchAgain();
  }

  /** The link is void: nothing of the review stays on this screen. */
  private end(): void {
    this.pictures.end();
    over("over.void");
  }

  private show(): void {
    const { standing, shown, card } = this;
    const { me } = standing;
    document.title = `${standing.title} · Inlay`;
    tell(this.title, standing.title);
    if (me) tell(this.me, [say("page.you", { name: me.name, role: say(ROLE_WORDS[me.role]) }), say("page.expires", { time: when(new Date(Number(me.expiresUnixMs))) }), standing.needsAll ? say("page.needs_all") : ""].filter(Boolean).join(" · "));
    if (!shown || !card) return;
    this.showVersion(card, shown);
    this.showPictures(card, shown);
    this.strip.show(this.cards, this.chosen);
    this.marks.forEach((marks) => marks.show(shown.pins));
    this.list.show(shown.pins);
    this.none.hidden = shown.pins.length > 0;
    this.hint.hidden = this.sets.hidden = this.whole.hidden = !this.maySay;
    this.decisions.show(shown, me?.number ?? 0, standing.mayDecide && !shown.isLocked);
    this.showCross();
    this.nameStage();
  }

  private showVersion({ number, versions }: Card, shown: Version): void {
    const { draft } = shown;
    tell(this.name, `${say("draft.name", { number })}: ${draft.title}`);
    tell(this.text, draft.text);
    this.text.hidden = draft.text === "";
    const state = standsAs(shown);
    tell(this.stands, say(`stands.${state}`) + (shown.final?.reason ? `: ${shown.final.reason}` : ""));
    set(this.stands, "data-stands", state);
    this.locked.hidden = !shown.isLocked;
    const newest = versions.at(-1)?.draft.version;
    this.choices.hidden = versions.length < 2;
    options(this.versions, versions.map((one) => [one.draft.version, say(one.draft.version === newest ? "draft.newest" : "draft.version", { version: one.draft.version })]), draft.version);
    const narrow = screenName() === "sRGB" && !/srgb/i.test(draft.profile) ? ` · ${say("color.narrow")}` : "";
    tell(this.badge, say("color.badge", { profile: draft.profile, bits: draft.bits, screen: screenName() }) + narrow);
  }

  private showPictures({ versions }: Card, shown: Version): void {
    const alike = versions.filter((one) => one !== shown && isSameWindow(one, shown));
    const other = alike.find(({ draft }) => draft.version === this.against);
    if (!other) this.against = 0;
    options(this.others, [[0, say("view.original")], ...alike.map(({ draft }): [number, string] => [draft.version, say("draft.version", { version: draft.version })])], this.against);
    const px = previewPx();
    const after = this.picture(shown, Side.AFTER, px);
    const before = other ? this.picture(other, Side.AFTER, px) : this.picture(shown, Side.BEFORE, px);
    if (before && after) this.stage.show(before, after);
  }

  private nameStage(): void {
    const { shown } = this;
    if (!shown) return;
    const { draft, version, title } = shown.draft;
    const facts = { title: `${say("draft.name", { number: draft })}: ${title}`, version: say("draft.version", { version }) };
    const keys = [...(this.maySay ? [say("view.stage_pin")] : []), ...(this.maySay && this.standing.mayDecide ? [say("view.stage_decide")] : [])];
    this.stage.name((side) => [say("view.stage", { ...facts, side }), ...keys].join(" "));
  }

  private showCross(): void {
    const at = this.placing ?? (this.composer.wording?.draft === this.chosen ? this.composer.wording.at : null);
    this.marks.forEach((marks) => marks.showCross(at));
  }

  /** Goes to the edit, in the pictures' own pixels. */
  private frame(): void {
    const { window, region } = this.shown?.draft ?? {};
    if (window && region) this.stage.frame({ x: region.x - window.x, y: region.y - window.y, width: region.width, height: region.height });
  }

  private clicked(at: Point): void {
    this.placing = null;
    if (this.maySay) this.composer.open(this.chosen, at);
  }

  /** Begins to place a pin with the keys. */
  private place(): void {
    if (!this.maySay) return;
    const { middle } = this.stage.panes[0];
    this.placing = { x: Math.round(middle.x * 100) / 100, y: Math.round(middle.y * 100) / 100 };
    this.stage.panes[0].window.focus();
    this.showPlacing("pins.placing");
  }

  private showPlacing(how: "pins.placing" | "pins.placed" = "pins.placed"): void {
    const { placing } = this;
    this.showCross();
    if (placing) this.say(say(how, { x: Math.round(placing.x * 100), y: Math.round(placing.y * 100) }));
  }

  private stageKey(event: KeyboardEvent): boolean {
    if (this.placing) {
      const moved = movedBy(event, this.placing);
      if (moved || event.key === "Escape") {
        this.placing = moved;
        this.showPlacing();
        return true;
      }
      if (event.key === "Enter") {
        this.clicked(this.placing);
        return true;
      }
    }
    if (event.key.toLowerCase() === "p") {
      this.place();
      return true;
    }
    return this.card !== undefined && this.cardKey(event, this.card);
  }

  /** The keys of a draft that has the focus, in the list or on the stage. */
  private cardKey({ key, repeat }: KeyboardEvent, card: Card): boolean {
    const choice = CHOICES.find((one) => one.key === key.toLowerCase());
    if (choice) {
      if (card.number !== this.chosen) this.look(card.number, 0);
      if (!repeat && this.standing.mayDecide && this.shown?.isLocked === false) void this.decisions.take(choice.verdict);
      return true;
    }
    const other = /^[1-9]$/.test(key) ? this.cards[Number(key) - 1] : undefined;
    if (other) this.look(other.number, 0);
    return other !== undefined;
  }

  private async pin({ pinId, at, answers, text }: Wording): Promise<void> {
    const version = this.shown?.draft.version ?? 0;
    const pin = { pinId, draft: this.chosen, version, text, answers, ...(at ? { at } : {}) };
    const { event } = await this.attempt(() => this.line.call(addPin, { pin }));
    this.live.heard(event);
    this.say(say("pins.set"));
  }

  private async resolve({ pin: { pinId } }: PinShown, isResolved: boolean): Promise<void> {
    try {
      const { event } = await this.attempt(() => this.line.call(resolvePin, { pinId, isResolved }));
      this.live.heard(event);
    } catch (error) {
      this.say(say("pins.refused", { reason: messageOf(error) }));
    }
  }

  private async decide(draft: number, verdict: Verdict, text: string): Promise<void> {
    const version = this.shown?.draft.version ?? 0;
    this.say(say("decide.sending"));
    const { event } = await this.attempt(() => this.line.call(decide, { decision: { draft, version, verdict, text } }));
    this.live.heard(event);
    const choice = CHOICES.find((one) => one.verdict === verdict);
    this.say(say("decide.mine", { draft: say("draft.name", { number: draft }), version: say("draft.version", { version }), what: choice ? say(choice.word) : "" }));
  }

  /** What the server refuses for good may be the whole link: it is asked. */
  private async attempt<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (isForGood(error)) await this.live.reread().catch((reason: unknown) => isForGood(reason) && this.end());
      throw error;
    }
  }

  private failed(error: unknown): void {
    this.trouble.replaceChildren(h("p", {}, say("view.failed", { reason: messageOf(error) })), button(say("view.retry"), () => this.fetchAgain()));
    this.trouble.hidden = false;
  }

  private fetchAgain(): void {
    this.trouble.hidden = true;
    this.stage.forget();
    this.show();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isSameWindow({ draft: { window: one } }: Version, { draft: { window: other } }: Version): boolean {
  return one !== undefined && other !== undefined && one.x === other.x && one.y === other.y && one.width === other.width && one.height === other.height;
}

function labelled(control: HTMLElement, text: string): HTMLElement {
  return h("div", { class: "labelled" }, h("label", { for: control.id }, text), control);
}

/** A select's choices, and which is chosen. */
function options(select: HTMLSelectElement, choices: readonly (readonly [value: number, text: string])[], chosen: number): void {
  const known = Array.from(select.options, ({ value, text }) => `${value} ${text}`).join("\n");
  if (known !== choices.map(([value, text]) => `${value} ${text}`).join("\n")) select.replaceChildren(...choices.map(([value, text]) => h("option", { value }, text)));
  select.value = String(chosen);
}

/** Nothing but a sentence. */
export function plainly(...sentences: readonly string[]): void {
  const [first = "", ...rest] = sentences;
  document.title = `${first} · Inlay`;
  document.body.replaceChildren(h("main", { class: "plain" }, h("h1", {}, first), ...rest.map((text) => h("p", { role: "status" }, text))));
}

/** The end: this page's link is none, or is void. */
export function over(why: "over.none" | "over.void"): void {
  plainly(say("over.title"), say(why));
  if (why === "over.none") document.querySelector("main")?.append(h("p", {}, h("a", { href: "/report/" }, say("over.report")))); // A reviewer has a link.
}
