/** Everything that was made for a picture: how it looks, in which words, kept or not. A click places it again. */

import { base64Encode } from "@bufbuild/protobuf/wire";
import type { HistoryEntry } from "../gen/inlay/v1/history_pb";
import { Rating } from "../gen/inlay/v1/job_pb";
import type { Session } from "../session";
import { say } from "../words";
import { action, clear, column, type Field, make, row, Section, setText, setVisible, words } from "./parts";

const TYPING_MS = 300;
const RATINGS: Partial<Record<Rating, string>> = { [Rating.KEPT]: "kept", [Rating.REJECTED]: "discarded", [Rating.UNSPECIFIED]: "not_kept" };

export class History {
  readonly section: Section;
  private readonly search = make<Field>("sp-textfield", { class: "wide" });
  private readonly list = make("div", { class: "column" });
  private readonly none = words("", "quiet");
  private readonly further: HTMLElement;
  private next = "";
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly session: Pick<Session, "history" | "again">) {
    this.search.setAttribute("placeholder", say("history.search"));
    this.search.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.show(), TYPING_MS);
    });
    this.further = action("▾", say("action.history.tip"), () => this.read(this.next));
    const body = column(this.search, this.list, this.none, row(this.further));
    this.section = new Section(say("action.history.title"), body, false, () => void this.show());
    setVisible(this.further, false);
  }

  /** Reads the newest again, where it is open. */
  async show(): Promise<void> {
    if (this.section.isOpen) await this.read("");
  }

  private async read(cursor: string): Promise<void> {
    const number = (this.asked += 1);
    const search = String(this.search.value ?? "").trim();
    const { entries, next } = await this.session.history(search, cursor);
    if (number !== this.asked) return;
    this.next = next;
    if (cursor === "") clear(this.list);
    entries.forEach((entry) => this.list.appendChild(this.line(entry)));
    const isEmpty = this.list.firstChild === null;
    setText(this.none, isEmpty ? say(search === "" ? "history.empty" : "history.none_found") : "");
    setVisible(this.none, isEmpty);
    setVisible(this.further, next !== "");
  }

  private line(entry: HistoryEntry): HTMLElement {
    const frame = make("div", { class: "thumbnail" });
    if (entry.thumbnail.length > 0) frame.appendChild(make("img", { src: `data:image/png;base64,${base64Encode(entry.thumbnail)}` }));
    const said = make("div", { class: "stretch" }, make("div", { class: "name" }, entry.title), words(factsOf(entry), "quiet"));
    const made = make("div", { class: "row past", title: `${entry.prompt || entry.title}\n${say("history.place_tip")}` }, frame, said);
    made.addEventListener("click", () => void this.session.again(entry));
    return made;
  }
}

/** Seed, seconds, and whether it was kept: one line. */
export function factsOf({ seed, seconds, rating }: Pick<HistoryEntry, "seed" | "seconds" | "rating">): string {
  const time = seconds === undefined ? "" : say("history.seconds", { seconds: Math.max(1, Math.round(seconds)) });
  return [say("history.seed", { seed }), time, say(`history.${RATINGS[rating] ?? "not_kept"}`)].filter(Boolean).join(" · ");
}
