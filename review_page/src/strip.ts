/** The review's drafts to choose from, each with a small picture and where it stands. */

import { h, Kept, set, tell, button } from "./dom";
import { Layer, type Picture } from "./layer";
import type { Pictures } from "./pictures";
import { type Card, standsAs } from "./standing";
import { say } from "./words";

const THUMB_PX = 256;

export interface StripEvents {
  choose(card: Card): void;
  /** A key on a draft; true: it was meant. */
  key(event: KeyboardEvent, card: Card): boolean;
  /** The picture to show small; `px`: its longest side. */
  picture(card: Card, px: number): Picture | null;
}

class CardButton {
  readonly root = h("li");
  readonly button = button("", () => this.events.choose(this.card), { class: "card" });
  private readonly layer: Layer;
  private readonly name = h("span", { class: "name" });
  private readonly title = h("span", { class: "title" });
  private readonly stands = h("span", { class: "stands" });

  constructor(
    private card: Card,
    private readonly events: StripEvents,
    pictures: Pictures,
  ) {
    this.layer = new Layer(pictures, () => undefined); // The stage says what is wrong.
    const thumb = h("span", { class: "thumb" }, this.layer.root);
    this.button.append(thumb, h("span", { class: "about" }, this.name, this.title, this.stands));
    this.button.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && events.key(event, this.card)) event.preventDefault();
    });
    this.root.append(this.button);
  }

  show(card: Card): void {
    this.card = card;
    const newest = card.versions.at(-1);
    this.layer.show(this.events.picture(card, THUMB_PX));
    const name = say("draft.name", { number: card.number });
    tell(this.name, card.versions.length > 1 ? `${name} · ${say("draft.version", { version: card.versions.length })}` : name);
    tell(this.title, card.title);
    const state = newest ? standsAs(newest) : "open";
    tell(this.stands, say(`stands.${state}`));
    set(this.stands, "data-stands", state);
  }
}

export class Strip {
  readonly root: HTMLElement;
  private readonly kept: Kept<Card, CardButton>;

  constructor(events: StripEvents, pictures: Pictures) {
    const list = h("ol", { class: "cards" });
    this.root = h("nav", { class: "strip", "aria-label": say("page.drafts") }, list);
    this.kept = new Kept<Card, CardButton>(list, (card) => new CardButton(card, events, pictures));
  }

  show(cards: readonly Card[], chosen: number): void {
    this.kept.show(cards, ({ number }) => String(number));
    cards.forEach(({ number }) => {
      const card = this.kept.get(String(number))?.button;
      if (card) set(card, "aria-current", number === chosen && "true");
    });
  }
}
