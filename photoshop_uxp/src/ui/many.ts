/** One result many times: in other open documents, or as rows of variations; what became of each stands beside it. */

import { type Format, here } from "../formats";
import { messageOf } from "../host/host";
import type { Cell, ManyView, Path } from "../many";
import type { Session } from "../session";
import { say } from "../words";
import { button, clear, column, Dropdown, type Field, make, named, row, setEnabled, setText, setVisible, type Tick, ticked, words } from "./parts";

const MARKS: Readonly<Record<Cell["state"], string>> = { waiting: "·", working: "…", done: "✓", flagged: "?", failed: "!", cancelled: "–" };

/** `turns`: the buttons that open and close it. */
export class Many {
  readonly turns: readonly HTMLElement[];
  readonly element: HTMLElement;
  private readonly about = words("", "quiet");
  private readonly none = words("", "quiet");
  private readonly ticks = make("div", { class: "column" });
  private readonly table = make("div", { class: "column" });
  private readonly path = new Dropdown([], () => undefined);
  private readonly rows = make<Field>("sp-textarea", { class: "prompt rows", placeholder: say("many.rows_hint"), title: say("many.rows_hint") });
  private readonly go = button(say("action.run.title"), "cta", say("many.tip"), () => this.run());
  private readonly stop: HTMLElement;
  private readonly form: HTMLElement;
  private readonly states = make("div", { class: "column" });
  private chosen: readonly { readonly document: number; readonly tick: Tick }[] = [];
  private paths: readonly Path[] = [];
  private readonly columns = make("div", { class: "column columns" });
  private formats: { readonly format: Format; readonly tick: Tick }[] = [];
  private open: "" | "apply" | "table" = "";
  private document: number | null = null;
  private name = "";
  private shown: readonly Cell[] = [];

  constructor(private readonly session: Pick<Session, "many">) {
    this.stop = button(say("many.stop"), "secondary", say("many.stop"), () => session.many.stop());
    this.turns = [named("apply_others", () => this.turn("apply")), named("table", () => this.turn("table"))];
    this.table.appendChild(row(this.path.element));
    this.table.appendChild(this.rows);
    this.table.appendChild(words(say("many.formats"), "quiet"));
    this.table.appendChild(this.columns);
    this.form = column(this.about, this.ticks, this.table, this.none, row(this.go));
    this.element = column(this.form, this.states, row(this.stop));
    setVisible(this.form, false);
  }

  /** `name`: of the result in hand, in the document in front. */
  render({ cells, isRunning }: ManyView, document: number | null, name: string): void {
    if (document !== this.document || name !== this.name) {
      [this.document, this.name] = [document, name];
      if (!isRunning) void this.turn("");
    }
    setEnabled(this.go, !isRunning);
    setVisible(this.stop, isRunning);
    if (cells === this.shown) return;
    this.shown = cells;
    clear(this.states);
    for (const cell of cells) {
      this.states.appendChild(words(`${MARKS[cell.state]} ${cell.name}: ${say(`many.state.${cell.state}`)}`, cell.state === "flagged" || cell.state === "failed" ? "strong" : ""));
      if (cell.said !== "") this.states.appendChild(words(cell.said, "quiet"));
    }
  }

  private async turn(what: Many["open"]): Promise<void> {
    this.open = what === this.open ? "" : what;
    setVisible(this.form, this.open !== "");
    setVisible(this.ticks, this.open === "apply");
    setVisible(this.table, this.open === "table");
    if (this.open === "") return;
    setText(this.about, say(`many.${this.open}`, { name: this.name }));
    if (this.open === "apply") this.offer();
    else await this.ask();
  }

  private offer(): void {
    const others = this.session.many.others(this.document);
    clear(this.ticks);
    this.chosen = others.map(({ document, name }) => {
      const { tick, element } = ticked(name, name);
      tick.checked = true;
      this.ticks.appendChild(element);
      return { document, tick };
    });
    this.lacks(others.length === 0 ? say("many.no_others") : "");
  }

  private async ask(): Promise<void> {
    let why = say("many.no_words");
    this.paths = await this.session.many.paths().catch((error: unknown) => {
      why = messageOf(error);
      return [];
    });
    this.path.offer(this.paths.map(({ path, title }) => ({ value: path, title, tip: "" })));
    this.path.value = this.paths[0]?.path ?? "";
    this.lacks(this.paths.length === 0 ? why : "");
    this.formats = [];
    clear(this.columns);
    this.add(here());
    (await this.session.many.formats().catch(() => [])).forEach((format) => this.add(format));
  }

  private add(format: Format): void {
    const { tick, element } = ticked(format.title, format.told);
    tick.checked = format.crop === null;
    this.columns.appendChild(element);
    this.formats.push({ format, tick });
  }

  private lacks(why: string): void {
    setText(this.none, why);
    setVisible(this.none, why !== "");
    setVisible(this.go, why === "");
  }

  private async run(): Promise<void> {
    const { many } = this.session;
    if (this.open === "apply") {
      const documents = this.chosen.filter(({ tick }) => tick.checked).map(({ document }) => document);
      if (documents.length > 0) await many.apply(documents);
      return;
    }
    const path = this.paths.find((known) => known.path === this.path.value)?.path;
    const lines = String(this.rows.value ?? "").split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
    const columns = this.formats.filter(({ tick }) => tick.checked).map(({ format }) => format);
    if (path && lines.length > 0 && columns.length > 0) await many.vary(path, Array.from(new Set(lines)), columns);
  }
}
