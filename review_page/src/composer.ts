/** Where words are typed, for a pin, for the whole or as an answer. What is typed stays until it is sent or thrown away. */

import { button, h, set, tell } from "./dom";
import type { Point } from "./pane";
import { keepTyped, typed, uuid } from "./typed";
import { say } from "./words";

const MOST = 2000;
const TELL_LEFT = 200;

/** What is being said. */
export interface Wording {
  readonly pinId: string;
  readonly draft: number;
  /** Null: about the whole, or an answer. */
  readonly at: Point | null;
  /** The pin that is answered; empty: none. */
  readonly answers: string;
  readonly name: string;
  text: string;
}

export class Composer {
  private readonly words = h("textarea", { rows: 3, maxlength: MOST, id: "composer-words" });
  private readonly label = h("label", { for: "composer-words" });
  private readonly left = h("span", { class: "quiet" });
  private readonly trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  private readonly sends = h("button", { type: "submit", class: "strong" }, say("pins.send"));
  readonly root = h("form", { class: "composer", hidden: true });
  wording: Wording | null = null;
  private back: HTMLElement | null = null;
  /** What was sent last without an answer. */
  private tried = "";

  /** send: resolves once it is written down. turned: something is being worded, or nothing is any more. */
  constructor(
    private readonly send: (wording: Wording) => Promise<void>,
    private readonly turned: () => void,
  ) {
    const buttons = h("div", { class: "row" }, this.sends, button(say("pins.cancel"), () => this.close()), this.left);
    this.root.append(this.label, this.words, this.trouble, buttons);
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    this.words.addEventListener("input", () => this.type());
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.root.requestSubmit();
    });
  }

  /** Takes up what was typed before a reload. */
  restore(): void {
    const wording = typed<Wording>("pin");
    if (wording) this.show(wording);
  }

  /** Begins to word something. What was typed already moves to the new place. */
  open(draft: number, at: Point | null, answered: { readonly pinId: string; readonly name: string } = { pinId: "", name: "" }): void {
    if (!this.root.contains(document.activeElement)) this.back = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.show({ pinId: this.wording?.pinId ?? uuid(), draft, at, answers: answered.pinId, name: answered.name, text: this.wording?.text ?? "" });
    this.words.focus();
  }

  close(): void {
    this.wording = null;
    this.tried = "";
    keepTyped("pin", null);
    this.root.hidden = true;
    this.turned();
    this.back?.focus({ preventScroll: true });
    this.back = null;
  }

  private show(wording: Wording): void {
    this.wording = wording;
    const { at, answers, name, text } = wording;
    tell(this.label, answers ? say("pins.words_answer", { name }) : say(at ? "pins.words" : "pins.words_whole"));
    if (this.words.value !== text) this.words.value = text;
    this.root.hidden = false;
    this.trouble.hidden = true;
    this.type();
    this.turned();
  }

  /** The same id again is the same pin, so that what arrived unanswered is not set twice; other words are another one. */
  private toSend({ pinId, ...said }: Wording): Wording {
    const now = JSON.stringify(said);
    this.wording = { ...said, pinId: this.tried === "" || this.tried === now ? pinId : uuid() };
    this.tried = now;
    return { ...this.wording };
  }

  /** What was typed while it was on its way stays, and would be another pin. */
  private arrived(sent: Wording): void {
    if (this.wording?.pinId !== sent.pinId) return;
    if (JSON.stringify(this.wording) === JSON.stringify(sent)) this.close();
    else this.wording = { ...this.wording, pinId: uuid() };
  }

  private type(): void {
    if (!this.wording) return;
    this.wording.text = this.words.value;
    keepTyped("pin", this.wording);
    const left = MOST - this.words.value.length;
    tell(this.left, left <= TELL_LEFT ? say("pins.long", { left }) : "");
  }

  private async submit(): Promise<void> {
    if (!this.wording || this.sends.disabled) return;
    if (this.wording.text.trim() === "") {
      this.words.focus();
      return;
    }
    const sent = this.toSend(this.wording);
    set(this.sends, "disabled", true);
    try {
      await this.send({ ...sent });
      this.arrived(sent);
    } catch (error) {
      this.trouble.hidden = false;
      tell(this.trouble, say("pins.refused", { reason: error instanceof Error ? error.message : String(error) }));
    } finally {
      set(this.sends, "disabled", false);
    }
  }
}
