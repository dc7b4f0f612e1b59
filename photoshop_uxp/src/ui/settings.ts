/** The settings: which server, and what the connection doctor says about it. */

import { Findings } from "./findings";
import type { Session } from "../session";
import { button, column, type Field, make, oneAtATime, row, setEnabled, setText, setVisible, tool, words } from "./parts";

export class Settings {
  readonly element: HTMLElement;
  private readonly url = make<Field>("sp-textfield", { class: "wide", placeholder: "http://127.0.0.1:50052" });
  private readonly token = make<Field>("sp-textfield", {
    class: "wide",
    type: "password",
    placeholder: "None on this machine",
  });
  private readonly leaves = words("", "quiet");
  private readonly checks = new Findings();
  private readonly checked: HTMLElement;
  private readonly examine: HTMLElement;
  readonly runDoctor = oneAtATime(() => this.examineAddress());

  constructor(
    private readonly session: Session,
    private readonly closed: () => void,
  ) {
    // Photoshop on macOS cannot read a password field, so it is a text field while it is edited.
    this.token.addEventListener("focus", () => {
      this.token.setAttribute("type", "text");
    });
    this.token.addEventListener("blur", () => {
      this.token.setAttribute("type", "password");
    });
    this.url.addEventListener("input", () => {
      this.sayWhatLeaves();
    });
    const copy = (): void => {
      void session.copy(this.checks.asText());
    };
    this.examine = button("Examine", "secondary", "Looks at every step to the server, and names the cure", () => {
      void this.runDoctor();
    });
    this.checked = column(this.checks.element, row(tool("Copy", "Copies these lines", copy)));
    this.element = this.layOut();
    setVisible(this.checked, false);
  }

  private layOut(): HTMLElement {
    const back = tool("◂ Back", "To the panel, without a change", this.closed);
    const save = button("Save", "cta", "Uses this server from now on", () => {
      this.session.useAddress(this.address);
      this.closed();
    });
    return column(
      row(back),
      make("div", { class: "label" }, "Server"),
      this.url,
      make("div", { class: "label" }, "Token"),
      this.token,
      this.leaves,
      row(save),
      make("div", { class: "heading" }, "Connection doctor"),
      row(this.examine),
      this.checked,
    );
  }

  /** What was entered. */
  get address(): { url: string; token: string } {
    const url = String(this.url.value ?? "").trim().replace(/\/+$/, "");
    const whole = url === "" || url.includes("://") ? url : `http://${url}`;
    return { url: this.session.lockedOrigin || whole, token: String(this.token.value ?? "").trim() };
  }

  /** Shows what is in use now. */
  open(): void {
    const { url, token } = this.session.address();
    this.url.value = this.session.lockedOrigin || url;
    this.token.value = token;
    setEnabled(this.url, this.session.lockedOrigin === "");
    this.sayWhatLeaves();
  }

  private async examineAddress(): Promise<void> {
    setEnabled(this.examine, false);
    this.checks.clear();
    setVisible(this.checked, true);
    await this.session.examine(this.address, (finding) => {
      this.checks.add(finding);
    });
    setEnabled(this.examine, true);
  }

  private sayWhatLeaves(): void {
    const { url } = this.address;
    const unencrypted = url.startsWith("http://") && !isLoopback(url) ? " This line is not encrypted." : "";
    setText(
      this.leaves,
      url === ""
        ? "Nothing leaves this machine."
        : `Only the window's pixels, the mask and the words go to ${url}, and nowhere else.${unencrypted}`,
    );
  }
}

function isLoopback(url: string): boolean {
  return /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(\/|$)/.test(url);
}
