/**
 * The panel. What is used for every edit stands first and stays in sight: the verb, Run, and the words. Below it scrolls what comes
 * of it: the plan, the edits on their way, the result in hand. What is seldom used is folded.
 */

import type { ConnectionView } from "../client/connection";
import type { PlanEditResponse } from "../gen/inlay/v1/inlay_pb";
import type { Session } from "../session";
import { numberIn } from "../wish";
import { saidOf, say } from "../words";
import { Compare } from "./compare";
import { Form } from "./form";
import { History } from "./history";
import { button, clear, make, named, row, setText, setVisible, tool, words } from "./parts";
import { Progress } from "./progress";
import { Review } from "./review";
import { Room } from "./room";
import { Settings } from "./settings";
import { Status } from "./status";
import { Variations } from "./variations";

/** The verb for which there are sizes of canvas: the host's own part of it. */
const EXPANDS = "expand";

export class Panel {
  readonly element = make("div", { class: "root" });
  private described: ConnectionView["description"] | undefined;
  /** What the panel is made of now. */
  front!: Front;

  constructor(private readonly session: Session) {
    session.onChange(() => this.render());
    this.render();
  }

  /** The front, once it has a form: the first shortcut may come before the first word of the server. */
  async ready(): Promise<Front> {
    if (this.front.form === null) await this.session.isReady();
    return this.front;
  }

  /** Another server may have other forms and speak in other words: then all of it is made anew. */
  private render(): void {
    const { description } = this.session.state.connection;
    if (this.described !== description) {
      this.described = description;
      this.front = new Front(this.session);
      clear(this.element);
      this.element.appendChild(this.front.element);
    }
    this.front.render();
  }
}

/** The panel for one description of the verbs. */
class Front {
  readonly element: HTMLElement;
  form: Form | null = null;
  private document: number | null = null;
  private filledIn = 0;
  private running = 0;
  private readonly status: Status;
  private readonly settings: Settings;
  private readonly progress: Progress;
  private readonly variations: Variations;
  private readonly compare: Compare;
  private readonly review: Review;
  private readonly history: History;
  private readonly room: Room;
  private readonly offer: HTMLElement;
  private readonly offerWords = words();
  private readonly plan = words("", "plan");
  private readonly leaving = words("", "leaving");
  private runs: HTMLElement | null = null;
  private readonly troubleWords = words("", "stretch");
  private readonly trouble: HTMLElement;
  private readonly head = make("div", { class: "head" });
  private readonly wanted = make("div");
  private readonly details = make("div");
  private readonly main: HTMLElement;
  private readonly drawer: HTMLElement;

  constructor(private readonly session: Session) {
    this.status = new Status(session, () => this.turn(true));
    this.progress = new Progress();
    this.settings = new Settings(session, () => this.turn(false));
    this.variations = new Variations(session, () => this.more());
    this.compare = new Compare(session);
    this.review = new Review(session);
    this.history = new History(session);
    this.room = new Room(session);
    const place = named("place", () => session.accept());
    const dismiss = named("dismiss", () => session.dismiss());
    this.offer = make("div", { class: "card" }, this.offerWords, row(place, dismiss));
    this.trouble = make("div", { class: "row trouble" }, this.troubleWords, tool("✕", say("action.close.tip"), () => session.closeTrouble()));
    const made = [this.progress.element, this.variations.element, this.review.section.element, this.compare.section.element];
    const parts = [this.status.card, this.room.element, this.wanted, this.offer, this.plan, this.trouble, ...made];
    this.main = make("div", { class: "panel" }, this.head, make("div", { class: "body" }, ...parts, this.details, this.history.section.element, this.status.line));
    this.drawer = make("div", { class: "panel settings" }, make("div", { class: "body" }, this.settings.element));
    this.element = make("div", {}, this.main, this.drawer);
    setVisible(this.room.element, false);
    setVisible(this.history.section.element, false);
    this.turn(false);
  }

  /** Each document's form is its own. */
  private fill(): void {
    const { session } = this;
    const { description } = session.state.connection;
    if (description === null || description.verbs.length === 0) return;
    const changed = (): void => {
      setVisible(this.room.element, form.wish.form.id === EXPANDS);
      session.wish(form.wish, form.filled);
    };
    const form = new Form(description.verbs, session.filled, { session, changed, confirmed: () => void this.run() });
    this.runs = button(say("action.run.title"), "cta", say("action.run.tip"), () => this.run());
    for (const place of [this.head, this.wanted, this.details]) clear(place);
    this.head.appendChild(row(form.verb.element, this.runs));
    this.head.appendChild(form.words);
    this.head.appendChild(this.leaving);
    this.wanted.appendChild(form.wanted);
    this.details.appendChild(form.details.element);
    this.form = form;
    setVisible(this.history.section.element, true);
    changed();
    void this.history.show();
  }

  /** Runs what the form says on the selection; with a verb: that one, with what else it says. */
  async run(verb = ""): Promise<void> {
    if (this.form && verb !== "") this.form.choose(verb);
    if (this.form && (await this.session.run(this.form.wish))) this.form.ran();
  }

  /** As many more variations as the form says. */
  more(): Promise<void> {
    return this.session.more(this.form ? numberIn(this.form.wish, "sampling.count", 1) : 1);
  }

  /** To the settings, or back from them. */
  turn(isSetting: boolean): void {
    setVisible(this.main, !isSetting);
    setVisible(this.drawer, isSetting);
    if (isSetting) {
      this.settings.open();
      if (this.session.state.connection.state === "trouble") void this.settings.runDoctor();
    }
  }

  render(): void {
    const { connection, document, edits, filledIn, many, offers, plan, result, reviews, trouble } = this.session.state;
    if (document !== this.document || filledIn !== this.filledIn || this.form === null) {
      this.document = document;
      this.filledIn = filledIn;
      this.fill();
    }
    this.status.render(connection);
    this.progress.render(edits);
    this.variations.render(result, many, document);
    this.review.render(reviews);
    setVisible(this.offer, offers > 0);
    setText(this.offerWords, saidOf("offer", offers));
    setText(this.troubleWords, trouble);
    setVisible(this.trouble, trouble !== "");
    setText(this.plan, typeof plan === "string" ? plan : describePlan(plan));
    setVisible(this.plan, connection.state !== "trouble");
    void this.compare.render(result?.look ?? "");
    const sends = typeof plan === "string" ? "" : (plan.leaving?.sentence ?? "");
    const run = say("action.run.title");
    if (this.runs) setText(this.runs, sends === "" ? run : `${run} ↗`);
    setText(this.leaving, `${run} – ${sends}`);
    setVisible(this.leaving, sends !== "");
    if (edits.length < this.running) void this.history.show(); // One of them has ended.
    this.running = edits.length;
  }
}

/** How long it will take, how sharp it becomes, and what else the server has to say about it beforehand: one line. */
export function describePlan({ sentence, notes, told }: Pick<PlanEditResponse, "sentence" | "notes" | "told">): string {
  const said = told?.prompt ? say("style.told", { words: told.prompt }) : "";
  return [sentence, ...notes.map((note) => `⚠ ${note}`), said].filter(Boolean).join(" · ");
}
