/** The settings: which server, what the connection doctor says about it, and the self-test. */

import { Findings } from "./findings";
import type { Session } from "./model";
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
  private readonly tests = new Findings(true);
  private readonly verdict = words();
  private readonly tested: HTMLElement;
  private readonly start: HTMLElement;
  private readonly examine: HTMLElement;
  readonly runDoctor = oneAtATime(() => this.examineAddress());
  readonly runSelfTest = oneAtATime(() => this.testPhotoshop());
  private readonly save = oneAtATime(() => this.saveReport());

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
    const copy = (findings: Findings) => (): void => {
      void session.copy(findings.asText());
    };
    this.examine = button("Examine", "secondary", "Looks at every step to the server, and names the cure", () => {
      void this.runDoctor();
    });
    this.start = button("Self-Test…", "secondary", "Proves colour, mask, undo and network in this Photoshop", () => {
      void this.runSelfTest();
    });
    this.checked = column(this.checks.element, row(tool("Copy", "Copies these lines", copy(this.checks))));
    const save = tool("Save report…", "Saves the report as JSON", () => {
      void this.save();
    });
    this.tested = column(this.verdict, row(save, tool("Copy", "Copies these lines", copy(this.tests))), this.tests.element);
    this.element = this.layOut();
    setVisible(this.checked, false);
    setVisible(this.tested, false);
  }

  private layOut(): HTMLElement {
    const back = tool("◂ Back", "To the panel, without a change", this.closed);
    const save = button("Save", "cta", "Uses this server from now on", () => {
      this.session.useAddress(this.address);
      this.closed();
    });
    const heading = (text: string): HTMLElement => make("div", { class: "heading" }, text);
    return column(
      row(back),
      make("div", { class: "label" }, "Server"),
      this.url,
      make("div", { class: "label" }, "Token"),
      this.token,
      this.leaves,
      row(save),
      heading("Connection doctor"),
      row(this.examine),
      this.checked,
      heading("Self-test"),
      words("Makes a few documents of its own, looks at them, and closes them: about a minute.", "quiet"),
      row(this.start),
      this.tested,
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

  private async testPhotoshop(): Promise<void> {
    setEnabled(this.start, false);
    this.tests.clear();
    setText(this.verdict, "Testing…");
    setVisible(this.tested, true);
    await this.session.selfTest(
      (finding) => {
        this.tests.add(finding);
      },
      (done, total, name) => {
        setText(this.verdict, `Testing ${done + 1} of ${total}: ${name}`);
      },
    );
    const failed = this.tests.count("bad");
    const passed = this.tests.count("good");
    setText(
      this.verdict,
      failed === 0 ? `All ${passed} checks passed.` : `${failed} failed, ${passed} passed. Please send the report.`,
    );
    setEnabled(this.start, true);
  }

  private async saveReport(): Promise<void> {
    const where = await this.session.saveReport();
    if (where !== "") {
      setText(this.verdict, `Saved: ${where}`);
    }
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
