/** Reviews: whom a result is shown to, and of what is shown how it stands, and what others ask for as a list to work through. */

import { base64Encode } from "@bufbuild/protobuf/wire";

import { FinalState, type Pin, type Review as Shown, Verdict } from "../gen/inlay/v1/review_pb";
import { DAYS, type Newest, newest, numbersOf, openPins } from "../review";
import type { Session } from "../session";
import { say } from "../words";
import type { Spot } from "../host/spots";
import { action, clear, column, type Field, make, named, row, Section, setVisible, type Tick, words } from "./parts";

const STANDS: Partial<Record<Verdict, string>> = { [Verdict.APPROVE]: "approved", [Verdict.CHANGES]: "changes", [Verdict.REJECT]: "rejected" };
const FINALS: Partial<Record<FinalState, string>> = { [FinalState.PAINTING]: "painting", [FinalState.DONE]: "painted", [FinalState.TO_FINISH]: "to_finish" };

/** A small picture's side and its mark's, as panel.css has them, px. */
const SIDE_PX = 48;
const MARK_PX = 16;

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
  /** The places of pictures, by the pins' ids, and the pictures that stand there. */
  private readonly spots = new Map<string, { readonly frame: HTMLElement; readonly number: number; shown: Spot | null }>();

  constructor(private readonly session: Pick<Session, "reviews" | "resolvePin" | "selectPin" | "finishApproved">) {
    this.section = new Section(say("review.title"), column(this.list), true, () => this.watch());
    this.watch();
  }

  render(reviews: readonly Shown[]): void {
    setVisible(this.section.element, reviews.length > 0);
    if (reviews !== this.shown) this.fill(reviews);
    for (const [pinId, place] of this.spots) {
      const spot = this.session.reviews.spots.of(pinId);
      if (spot === place.shown) continue;
      place.shown = spot;
      clear(place.frame);
      if (spot !== null) pictured(spot, place.number).forEach((part) => place.frame.appendChild(part));
      setVisible(place.frame, spot !== null);
    }
  }

  private fill(reviews: readonly Shown[]): void {
    this.shown = reviews;
    this.spots.clear();
    clear(this.list);
    for (const review of reviews) {
      const numbers = numbersOf(review);
      newest(review).forEach((one) => this.list.appendChild(this.stands(one)));
      openPins(review).forEach(({ pin, name }) => this.list.appendChild(this.pin(review, pin, name, numbers.get(pin.pinId) ?? 0)));
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

  /** `number`: its mark's; 0: it stands at no place. */
  private pin(review: Shown, pin: Pin, name: string, number: number): HTMLElement {
    const tick = make<Tick>("sp-checkbox", { title: say("action.resolve.tip") });
    tick.addEventListener("change", () => void this.session.resolvePin(review, pin));
    const said = make("div", { class: "words stretch past pin", title: say("review.pin_tip"), tabindex: "0" }, say("review.pin", { name, words: pin.text }));
    const select = (): void => void this.session.selectPin(review, pin);
    said.addEventListener("click", select);
    said.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") select();
    });
    if (number === 0) return row(tick, said);
    const frame = make("div", { class: "spot hidden", title: say("review.pin_tip") });
    frame.addEventListener("click", select);
    this.spots.set(pin.pinId, { frame, number, shown: null });
    return row(tick, frame, said);
  }
}

/** A small picture with its mark in the middle: UXP has no positions, so what follows is drawn back over it. */
function pictured({ picture, covers }: Spot, number: number): HTMLElement[] {
  const px = (share: number): number => Math.round(share * SIDE_PX);
  const [left, top, right, bottom] = [px(covers.x), px(covers.y), px(covers.x + covers.width), px(covers.y + covers.height)];
  const image = make("img", { src: picture, alt: "" });
  Object.assign(image.style, { marginLeft: `${left}px`, marginTop: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
  const mark = make("div", { class: "mark" }, make("div", {}, String(number)));
  mark.style.marginLeft = `${(SIDE_PX - MARK_PX) / 2 - right}px`;
  return [image, mark];
}
