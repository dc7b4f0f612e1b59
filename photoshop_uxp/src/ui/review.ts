/** Reviews: whom a result is shown to, and of what is shown how it stands, and what others ask for as a list to work through. */

import { base64Encode } from "@bufbuild/protobuf/wire";

import { FinalState, type Pin, type Review as Shown, Verdict } from "../gen/inlay/v1/review_pb";
import { DAYS, type Newest, newest, openPins } from "../review";
import type { Session } from "../session";
import { say } from "../words";
import { action, clear, column, type Field, make, named, row, Section, setVisible, type Tick, words } from "./parts";

const STANDS: Partial<Record<Verdict, string>> = { [Verdict.APPROVE]: "approved", [Verdict.CHANGES]: "changes", [Verdict.REJECT]: "rejected" };
const FINALS: Partial<Record<FinalState, string>> = { [FinalState.PAINTING]: "painting", [FinalState.DONE]: "painted", [FinalState.TO_FINISH]: "to_finish" };

/** Asks who looks at it. `turn`: the button that opens it. */
export class Share {
  readonly turn: HTMLElement;
  readonly element: HTMLElement;
  private readonly who = make<Field>("sp-textfield", { class: "stretch", title: say("review.who"), placeholder: say("review.who") });
  private readonly code = make("div", {});
  private isOpen = false;

  constructor(session: Pick<Session, "share">) {
    const share = async (): Promise<void> => {
      const name = String(this.who.value ?? "").trim();
      const code = await session.share(name);
      if (code !== null) this.showCode(name, code);
    };
    this.who.addEventListener("input", () => clear(this.code));
    this.who.addEventListener("keydown", (event) => {
      if (event.key === "Enter") void share();
    });
    this.element = column(row(this.who, action(say("action.link.title"), say("action.link.tip", { days: DAYS }), share)), this.code);
    this.turn = named("share", () => {
      this.isOpen = !this.isOpen;
      setVisible(this.element, this.isOpen);
      clear(this.code);
      if (this.isOpen) this.who.focus();
    });
    setVisible(this.element, false);
  }

  /** The link for a tablet's camera, until somebody else is named or it is folded. */
  private showCode(name: string, code: Uint8Array): void {
    clear(this.code);
    const told = say("review.code", { name });
    this.code.appendChild(make("img", { class: "code", src: `data:image/png;base64,${base64Encode(code)}`, alt: told, title: told }));
  }
}

/** The reviews of the picture in front. */
export class Review {
  readonly section: Section;
  private readonly list = make("div", { class: "column" });
  private shown: readonly Shown[] | null = null;

  constructor(private readonly session: Pick<Session, "reviews" | "resolvePin" | "selectPin" | "finishApproved">) {
    this.section = new Section(say("review.title"), column(this.list), true, () => this.watch());
    this.watch();
  }

  render(reviews: readonly Shown[]): void {
    setVisible(this.section.element, reviews.length > 0);
    if (reviews === this.shown) return;
    this.shown = reviews;
    clear(this.list);
    for (const review of reviews) {
      newest(review).forEach((one) => this.list.appendChild(this.stands(one)));
      openPins(review).forEach(({ pin, name }) => this.list.appendChild(this.pin(review, pin, name)));
    }
  }

  /** Asks what happens as long as it is seen. */
  private watch(): void {
    this.session.reviews.watch(this.section.isOpen);
  }

  private stands({ state, draft, final }: Newest): HTMLElement {
    const { draft: number, title, version } = draft;
    const made = column(words(say("review.draft", { number, title, version, state: say(`review.${STANDS[state.verdict] ?? "in_review"}`) })));
    const came = final ? FINALS[final.state] : undefined;
    if (final && came !== undefined) made.appendChild(words(say(`review.${came}`, { reason: final.reason }), "quiet"));
    if (final?.state === FinalState.TO_FINISH) made.appendChild(row(named("finish", () => this.session.finishApproved(draft))));
    return made;
  }

  private pin(review: Shown, pin: Pin, name: string): HTMLElement {
    const tick = make<Tick>("sp-checkbox", { title: say("action.resolve.tip") });
    tick.addEventListener("change", () => void this.session.resolvePin(review, pin));
    const said = make("div", { class: "words stretch past pin", title: say("review.pin_tip"), tabindex: "0" }, say("review.pin", { name, words: pin.text }));
    const select = (): void => void this.session.selectPin(review, pin);
    said.addEventListener("click", select);
    said.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") select();
    });
    return row(tick, said);
  }
}
