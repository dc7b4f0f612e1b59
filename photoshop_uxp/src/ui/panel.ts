/**
 * The panel. What is used for every edit stands first and stays in sight: the verb, Run, and the words. Below it scrolls what comes
 * of it: the plan, the edits on their way, the result in hand. What is seldom used is folded.
 */

import type { Session } from "../session";
import { Form } from "./form";
import type { Verb } from "./model";
import { action, button, make, row, setText, setVisible, tool, words } from "./parts";
import { Probe } from "./probe";
import { Progress } from "./progress";
import { Settings } from "./settings";
import { Status } from "./status";
import { Variations } from "./variations";
import { describeOffers, describePlan } from "./words";

export class Panel {
  readonly element: HTMLElement;
  private readonly status: Status;
  private readonly form: Form;
  private readonly probe: Probe;
  private readonly settings: Settings;
  private readonly progress = new Progress();
  private readonly variations: Variations;
  private readonly offer: HTMLElement;
  private readonly offerWords = words();
  private readonly plan = words("", "plan");
  private readonly troubleWords = words("", "stretch");
  private readonly trouble: HTMLElement;
  private readonly main: HTMLElement;
  private readonly drawer: HTMLElement;
  /** The form, as long as there is, or was, a server to ask. */
  private readonly head: HTMLElement;
  private wasReady = false;

  constructor(private readonly session: Session) {
    this.status = new Status({
      copy: (text) => session.copy(text),
      reconnect: () => session.reconnect(),
      openSettings: () => this.openSettings(),
    });
    this.form = new Form(
      () => {
        session.wish(this.form.wish);
        this.probe.hear(this.form.wish.verb);
      },
      () => void this.run(),
      () => session.foregroundColor(),
    );
    this.probe = new Probe(session.probe, (color) => this.form.pick(color));
    this.settings = new Settings(session, () => this.closeSettings());
    this.variations = new Variations({
      show: (variation) => session.show(variation),
      flip: (by) => session.flip(by),
      more: () => this.more(),
      keep: () => session.keep(),
      discard: () => session.discard(),
      before: (isBefore) => session.before(isBefore),
      finish: () => session.finish(),
    });
    const place = action("Place", "Fetches and places them in this picture", () => session.accept());
    const dismiss = action("Dismiss", "Does not offer them again", () => session.dismiss());
    this.offer = make("div", { class: "card" }, this.offerWords, row(place, dismiss));
    this.trouble = make("div", { class: "row trouble" }, this.troubleWords, tool("✕", "Closes this", () => session.closeTrouble()));
    const run = button("Run", "cta", "Runs the edit on the selection (Ctrl+Enter)", () => this.run());
    this.head = make("div", { class: "head" }, row(make("div", { class: "stretch" }, this.form.verb), run), this.form.words);
    const body = make(
      "div",
      { class: "body" },
      this.status.card,
      this.offer,
      this.plan,
      this.trouble,
      this.progress.element,
      this.variations.element,
      this.form.details,
      this.probe.element,
      this.status.line,
    );
    this.main = make("div", { class: "panel" }, this.head, body);
    this.drawer = make("div", { class: "panel settings" }, make("div", { class: "body" }, this.settings.element));
    this.element = make("div", {}, this.main, this.drawer);
    this.closeSettings();
    session.onChange(() => this.render());
    session.wish(this.form.wish);
    this.render();
  }

  // --- what the retoucher and the commands do ---------------------------------

  /** Runs what the form says on the selection. */
  async run(): Promise<void> {
    if (await this.session.run(this.form.wish)) {
      this.form.ran();
    }
  }

  /** Runs one verb with what else the form says. */
  async runVerb(verb: Verb): Promise<void> {
    this.form.choose(verb);
    await this.run();
  }

  /** As many more variations as the form says. */
  more(): Promise<void> {
    return this.session.more(this.form.wish.count);
  }

  drawSeed(): void {
    this.form.drawSeed();
  }

  /** Measures the colour of the selection, or of the result in hand. */
  measure(): void {
    this.probe.measure();
  }

  openSettings(): void {
    this.settings.open();
    this.turn(true);
    if (this.session.state.connection.state === "trouble") {
      void this.settings.runDoctor();
    }
  }

  closeSettings(): void {
    this.turn(false);
  }

  private turn(isSetting: boolean): void {
    setVisible(this.main, !isSetting);
    setVisible(this.drawer, isSetting);
  }

  // --- what the retoucher sees ------------------------------------------------

  private render(): void {
    const { connection, edits, offers, plan, result, trouble } = this.session.state;
    this.wasReady = this.wasReady || connection.state === "ready";
    this.status.render(connection);
    setVisible(this.head, this.wasReady || connection.state !== "trouble");
    this.form.allow(connection.verbs, connection.wordedVerbs);
    this.progress.render(edits);
    this.variations.render(result);
    setVisible(this.offer, offers > 0);
    setText(this.offerWords, describeOffers(offers));
    setText(this.troubleWords, trouble);
    setVisible(this.trouble, trouble !== "");
    setText(this.plan, typeof plan === "string" ? plan : describePlan(plan));
    setVisible(this.plan, connection.state !== "trouble");
  }
}
