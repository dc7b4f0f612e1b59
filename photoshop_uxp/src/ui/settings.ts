/** The settings: which server, and what the connection doctor says about it. */

import { isLoopback, partsOf } from "../client/address";
import { Findings } from "./findings";
import type { Session } from "../session";
import { say } from "../words";
import { Pairing } from "./pairing";
import { Setup } from "./setup";
import { button, column, type Field, make, named, row, setEnabled, setText, setVisible, ticked, tool, words } from "./parts";

export class Settings {
  readonly element: HTMLElement;
  private readonly url = make<Field>("sp-textfield", { class: "wide", placeholder: "http://127.0.0.1:50052" });
  private readonly token = make<Field>("sp-textfield", { class: "wide", type: "password" });
  private readonly leaves = words("", "quiet");
  private readonly hints = ticked(say("settings.hints"), say("settings.hints_tip"), () => this.turnHints());
  private readonly checks = new Findings();
  private readonly setup: Setup;
  private readonly pairing: Pairing;
  private readonly checked: HTMLElement;
  private readonly examine: HTMLElement;

  constructor(
    private readonly session: Session,
    private readonly closed: () => void,
  ) {
    this.setup = new Setup(session);
    this.pairing = new Pairing(session, () => this.address.url, () => {
      this.token.value = this.session.server.address.token;
    });
    this.token.setAttribute("placeholder", say("settings.token_hint"));
    // Photoshop on macOS cannot read a password field, so it is a text field while it is edited.
    this.token.addEventListener("focus", () => this.token.setAttribute("type", "text"));
    this.token.addEventListener("blur", () => this.token.setAttribute("type", "password"));
    this.url.addEventListener("input", () => this.sayWhatLeaves());
    this.examine = named("doctor", () => this.runDoctor());
    const copy = named("copy", () => session.copy(this.checks.asText()));
    this.checked = column(this.checks.element, row(copy));
    this.element = this.layOut();
    setVisible(this.checked, false);
  }

  private layOut(): HTMLElement {
    const back = tool(`◂ ${say("action.back.title")}`, say("action.back.tip"), () => this.leave());
    const save = button(say("action.save.title"), "cta", say("action.save.tip"), () => {
      this.session.server.use(this.address);
      this.leave();
    });
    return column(
      row(back),
      make("div", { class: "label" }, say("settings.server")),
      this.url,
      make("div", { class: "label" }, say("settings.token")),
      this.token,
      this.pairing.element,
      this.leaves,
      row(save),
      this.hints.element,
      make("div", { class: "heading" }, say("settings.doctor")),
      row(this.examine),
      this.checked,
      this.setup.section.element,
    );
  }

  private leave(): void {
    this.pairing.leave();
    this.closed();
  }

  /** What was entered. */
  get address(): { url: string; token: string } {
    const url = String(this.url.value ?? "").trim().replace(/\/+$/, "");
    const whole = url === "" || url.includes("://") ? url : `http://${url}`;
    return { url: this.session.server.lockedOrigin || whole, token: String(this.token.value ?? "").trim() };
  }

  /** Shows what is in use now. */
  open(): void {
    const { url, token } = this.session.server.address;
    this.url.value = this.session.server.lockedOrigin || url;
    this.token.value = token;
    setEnabled(this.url, this.session.server.lockedOrigin === "");
    this.hints.tick.checked = this.session.server.wantsHints;
    this.sayWhatLeaves();
    void this.setup.show();
  }

  /** What the connection doctor says of what was entered; once at a time. */
  async runDoctor(): Promise<void> {
    if (this.examine.hasAttribute("disabled")) return;
    setEnabled(this.examine, false);
    this.checks.clear();
    setVisible(this.checked, true);
    await this.session.server.examine(this.address, (finding) => this.checks.add(finding));
    setEnabled(this.examine, true);
  }

  private turnHints(): void {
    this.session.server.wantsHints = this.hints.tick.checked;
  }

  private sayWhatLeaves(): void {
    const { url } = this.address;
    const parts = partsOf(url);
    const unencrypted = parts?.scheme === "http" && !isLoopback(parts.host) ? ` ${say("connection.unencrypted")}` : "";
    setText(
      this.leaves,
      url === "" ? say("connection.stays") : say("connection.leaves", { url }) + unencrypted,
    );
  }
}
