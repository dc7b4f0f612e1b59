/** What the connection doctor or the self-test found, one line each, with the cure below what is wrong. */

import type { Finding } from "./model";
import { clear, column, dot, type DotState, make, words } from "./parts";

const DOTS: Readonly<Record<Finding["state"], DotState>> = { good: "good", bad: "bad", unsure: "busy", skipped: "quiet" };

export class Findings {
  readonly element = column();
  private readonly found: Finding[] = [];

  /** worstFirst: what is bad goes above the rest; else all stay in the order in which they were found. */
  constructor(private readonly worstFirst = false) {}

  clear(): void {
    this.found.length = 0;
    clear(this.element);
  }

  add(finding: Finding): void {
    const before = this.worstFirst && finding.state === "bad" ? this.element.children[this.count("bad")] : undefined;
    this.found.push(finding);
    const lines = [words(`${finding.name}: ${finding.what}`)];
    if (finding.cure !== "") {
      lines.push(words(finding.cure, "cure"));
    }
    const text = make("div", { class: "stretch" }, ...lines);
    const line = make("div", { class: "row top finding" }, dot(DOTS[finding.state]), text);
    this.element.insertBefore(line, before ?? null);
  }

  count(state: Finding["state"]): number {
    return this.found.filter((finding) => finding.state === state).length;
  }

  /** For the clipboard. */
  asText(): string {
    return this.found
      .map(({ name, state, what, cure }) => `[${state}] ${name}: ${what}${cure === "" ? "" : `\n    ${cure}`}`)
      .join("\n");
  }
}
