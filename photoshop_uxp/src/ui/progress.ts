/** The edits on their way: how far each is, and an early look at it. */

import { type EditView, hasFailed } from "../client/standing";
import { saidOf, say } from "../words";
import { column, make, named, row, setText, setValue, setVisible, tool, words } from "./parts";

const MEASURED: ReadonlySet<string> = new Set(["uploading", "painting", "fetching"]);

class EditRow {
  readonly element: HTMLElement;
  private readonly text = words("", "stretch");
  private readonly bar = make("sp-progressbar", { class: "bar", max: "100", value: "0", "show-value": "false", size: "small" });
  private readonly picture = make("img", { class: "preview" });
  private readonly close: HTMLElement;
  private readonly place: HTMLElement;

  constructor(private edit: EditView) {
    this.close = tool("✕", "", () => this.edit.cancel());
    this.place = named("place", () => this.edit.place());
    this.element = make("div", {}, row(this.picture, this.text, this.place, this.close), this.bar);
  }

  render(edit: EditView): void {
    this.edit = edit;
    setValue(this.element, "class", hasFailed(edit) ? "column edit trouble" : "column edit");
    setText(this.text, `${edit.name}: ${standing(edit)}`);
    setValue(this.close, "title", say(hasFailed(edit) ? "action.close.tip" : "action.cancel.tip"));
    setVisible(this.place, edit.phase === "finished");
    setVisible(this.bar, MEASURED.has(edit.phase) && edit.fraction > 0);
    setValue(this.bar, "value", String(Math.round(100 * edit.fraction)));
    setValue(this.picture, "src", edit.preview);
    setVisible(this.picture, edit.preview !== "");
  }
}

/** Rows for the edits of the picture in front. */
export class Progress {
  readonly element = column();
  private readonly rows = new Map<string, EditRow>();

  render(edits: readonly EditView[]): void {
    const wanted = new Set(edits.map((edit) => edit.jobId));
    for (const [jobId, { element }] of this.rows) {
      if (!wanted.has(jobId)) {
        this.element.removeChild(element);
        this.rows.delete(jobId);
      }
    }
    for (const edit of edits) {
      const known = this.rows.get(edit.jobId) ?? new EditRow(edit);
      if (!this.rows.has(edit.jobId)) {
        this.rows.set(edit.jobId, known);
        this.element.appendChild(known.element);
      }
      known.render(edit);
    }
    setVisible(this.element, this.rows.size > 0);
  }
}

/** Where an edit is, in a few words. */
export function standing({ phase, message, position, etaS }: EditView): string {
  if (message !== "") return message;
  const eta = etaS ? `, ${say("state.eta", { seconds: Math.max(1, Math.round(etaS)) })}` : "";
  if (phase === "queued") return (position ? saidOf("state.queued", position) : say("state.queued.next")) + eta;
  return say(`state.${phase}`) + (phase === "painting" ? eta || "…" : "");
}
