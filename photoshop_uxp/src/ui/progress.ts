/** The edits on their way: how far each is, and an early look at it. */

import { type EditView, hasFailed, type Picture } from "./model";
import { column, make, row, setText, setValue, setVisible, tool, words } from "./parts";
import { dataUrl, shrink } from "./picture";
import { standing } from "./words";

const PREVIEW_PX = 160;
const MEASURED: ReadonlySet<string> = new Set(["uploading", "painting", "fetching"]);

class EditRow {
  readonly element: HTMLElement;
  private readonly text = words("", "stretch");
  private readonly bar = make("sp-progressbar", { class: "bar", max: "100", value: "0", "show-value": "false", size: "small" });
  private readonly picture = make<HTMLImageElement>("img", { class: "preview" });
  private shown: Picture | null = null;
  private edit: EditView;

  constructor(edit: EditView) {
    this.edit = edit;
    const cancel = tool("✕", "Takes this edit back, or closes what it says", () => {
      this.edit.cancel();
    });
    this.element = make("div", {}, row(this.text, cancel), this.bar, this.picture);
    this.render(edit);
  }

  render(edit: EditView): void {
    this.edit = edit;
    setValue(this.element, "class", hasFailed(edit) ? "column edit trouble" : "column edit");
    setText(this.text, `${edit.name}: ${standing(edit)}`);
    const isMeasured = MEASURED.has(edit.phase) && edit.fraction > 0;
    setVisible(this.bar, isMeasured);
    setValue(this.bar, "value", String(Math.round(100 * edit.fraction)));
    if (edit.preview !== this.shown) {
      this.shown = edit.preview;
      if (edit.preview) {
        const small = shrink(edit.preview, PREVIEW_PX);
        this.picture.style.width = `${small.width}px`;
        this.picture.style.height = `${small.height}px`;
        this.picture.src = dataUrl(small);
      }
    }
    setVisible(this.picture, edit.preview !== null);
  }
}

/** Rows for the edits of the picture in front. */
export class Progress {
  readonly element = column();
  private readonly rows = new Map<string, EditRow>();

  render(edits: readonly EditView[]): void {
    const wanted = new Set(edits.map((edit) => edit.jobId));
    for (const [jobId, known] of this.rows) {
      if (!wanted.has(jobId)) {
        this.element.removeChild(known.element);
        this.rows.delete(jobId);
      }
    }
    for (const edit of edits) {
      const known = this.rows.get(edit.jobId);
      if (known) {
        known.render(edit);
      } else {
        const made = new EditRow(edit);
        this.rows.set(edit.jobId, made);
        this.element.appendChild(made.element);
      }
    }
    setVisible(this.element, this.rows.size > 0);
  }
}
