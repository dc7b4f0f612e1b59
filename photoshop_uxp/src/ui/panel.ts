/** The panel: the server, the wish, the window it will be painted in, the edits on their way, and the result in hand. */

import { Form } from "./form";
import { hasFailed, type PanelState, type Session, type Verb } from "./model";
import { button, clear, make, row, setEnabled, setText, setVisible, tool, words } from "./parts";
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
  private readonly plan = make("div", { class: "plan", title: "The rectangle the model gets to see, and how finely it paints there" });
  private readonly go: HTMLElement;
  private readonly stop: HTMLElement;
  private readonly troubleWords = words("", "stretch");
  private readonly trouble: HTMLElement;
  private readonly main: HTMLElement;
  private planned: PanelState["plan"] | null = null;

  constructor(private readonly session: Session) {
    const openSettings = (): void => {
      this.openSettings();
    };
    this.status = new Status(openSettings, () => {
      session.reconnect();
    });
    this.form = new Form(
      () => {
        session.wish(this.form.wish);
        this.probe.hear(this.form.wish.verb);
      },
      () => void this.run(),
      () => session.foregroundColor(),
    );
    this.probe = new Probe(session.probe, (color) => {
      this.form.pick(color);
    });
    this.settings = new Settings(session, () => {
      this.closeSettings();
    });
    this.variations = new Variations({
      show: (variation) => void session.show(variation),
      flip: (by) => void session.flip(by),
      keep: () => void session.keep(),
      again: () => void session.runAgain(),
      finish: () => void session.finish(),
    });
    this.offer = this.makeOffer();
    this.go = button("Run", "cta", "Runs the edit on the selection (Ctrl+Enter)", () => void this.run());
    this.stop = button("Cancel", "secondary", "Takes the newest edit back", () => {
      session.cancel();
    });
    const close = tool("✕", "Closes this", () => {
      session.closeTrouble();
    });
    this.trouble = make("div", { class: "row trouble" }, this.troubleWords, close);
    this.main = this.layOut();
    this.element = make("div", { class: "panel" }, this.main, this.settings.element);
    setVisible(this.settings.element, false);
    session.onChange(() => {
      this.render();
    });
    session.wish(this.form.wish);
    this.render();
  }

  private makeOffer(): HTMLElement {
    const accept = button("Place", "secondary", "Fetches and places them in this picture", () => {
      void this.session.accept();
    });
    const dismiss = button("Dismiss", "secondary", "Does not offer them again", () => {
      this.session.dismiss();
    });
    return make("div", { class: "offer" }, this.offerWords, row(accept, dismiss));
  }

  private layOut(): HTMLElement {
    return make(
      "div",
      { class: "main" },
      this.status.element,
      this.offer,
      this.form.element,
      this.probe.element,
      this.plan,
      make("div", { class: "row go" }, this.go, this.stop),
      this.trouble,
      this.progress.element,
      this.variations.element,
    );
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

  drawSeed(): void {
    this.form.drawSeed();
  }

  /** Measures the colour of the selection, or of the result in hand. */
  measure(): void {
    this.probe.measure();
  }

  openSettings(): void {
    this.settings.open();
    setVisible(this.main, false);
    setVisible(this.settings.element, true);
    if (this.session.state.connection.state === "trouble") {
      void this.settings.runDoctor();
    }
  }

  closeSettings(): void {
    setVisible(this.settings.element, false);
    setVisible(this.main, true);
  }

  // --- what the retoucher sees ------------------------------------------------

  private render(): void {
    const { state } = this.session;
    this.status.render(state.connection);
    this.form.allow(state.connection.verbs, state.connection.wordedVerbs);
    this.progress.render(state.edits);
    this.variations.render(state.result);
    setVisible(this.stop, state.edits.some((edit) => !hasFailed(edit)));
    setVisible(this.offer, state.offers > 0);
    setText(this.offerWords, describeOffers(state.offers));
    setText(this.troubleWords, state.trouble);
    setVisible(this.trouble, state.trouble !== "");
    setEnabled(this.go, state.canRun);
    this.renderPlan(state.plan);
  }

  private renderPlan(plan: PanelState["plan"]): void {
    if (plan === this.planned) {
      return;
    }
    this.planned = plan;
    clear(this.plan);
    for (const line of typeof plan === "string" ? [plan] : describePlan(plan)) {
      this.plan.appendChild(words(line));
    }
  }
}
