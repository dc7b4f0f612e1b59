/** What was found out, one line each, with the cure below what is wrong. */

import type { Finding } from "../client/doctor";
import { clear, column, dot, type DotState, make, words } from "./parts";

const DOTS: Readonly<Record<Finding["state"], DotState>> = { good: "good", bad: "bad", unsure: "busy", skipped: "quiet" };

export class Findings {
  readonly element = column();
  private readonly found: Finding[] = [];

  clear(): void {
    this.found.length = 0;
    clear(this.element);
  }

  add(finding: Finding): void {
    this.found.push(finding);
    const lines = [words(`${finding.name}: ${finding.what}`)];
    if (finding.cure !== "") lines.push(words(finding.cure, "cure"));
    const text = make("div", { class: "stretch" }, ...lines);
    this.element.appendChild(make("div", { class: "row top finding" }, dot(DOTS[finding.state]), text));
  }

  /** For the clipboard. */
  asText(): string {
    return this.found
      .map(({ name, state, what, cure }) => `[${state}] ${name}: ${what}${cure === "" ? "" : `\n    ${cure}`}`)
      .join("\n");
  }
}
