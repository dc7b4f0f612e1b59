/** The panel of Inlay Self-Test: runs it, shows what was found, and hands the report over. */

import { Findings } from "../src/ui/findings";
import type { Finding } from "../src/client/doctor";
import { button, column, make, row, setEnabled, setText, setVisible, tool, words } from "../src/ui/parts";
import type { Progress, SelfTestReport } from "./report";

const REPORT = "inlay-self-test.json";
const ABOUT =
  "Proves colour, mask, undo and network in this Photoshop. It makes a few documents of its own, looks at them, and closes them: about " +
  "a minute. It touches no document of yours.";
const SERVER = "Start Inlay's server on this machine first, if you can: then the report says whether Photoshop reaches it.";

/** `work`, once at a time: who asks while it is under way gets that one. A file picker can make Photoshop press its button again. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | null = null;
  return () => {
    underWay =
      underWay ??
      work().finally(() => {
        underWay = null;
      });
    return underWay;
  };
}

/** What the panel needs of the Photoshop that it is in. */
export interface Desk {
  test(found: (finding: Finding) => void, progress: Progress): Promise<SelfTestReport>;
  /** Asks where to save a text file; false where nobody chose a place. */
  save(suggestedName: string, text: string): Promise<boolean>;
  copy(text: string): Promise<void>;
}

export class SelfTestPanel {
  readonly element: HTMLElement;
  private readonly verdict = words();
  private readonly failed = new Findings();
  private readonly others = new Findings();
  private readonly start: HTMLElement;
  private readonly handOver: HTMLElement;
  private report = "";

  constructor(private readonly desk: Desk) {
    const pressed = (work: () => Promise<void>): (() => void) => {
      const once = oneAtATime(() => work().catch((error: unknown) => setText(this.verdict, String(error))));
      return () => void once();
    };
    this.start = button("Run", "cta", "Runs the self-test", pressed(() => this.run()));
    this.handOver = row(
      tool("Save report…", "Saves the report as JSON", pressed(() => this.save())),
      tool("Copy", "Copies the report", pressed(() => this.desk.copy(this.report))),
    );
    const findings = column(this.failed.element, this.others.element);
    const main = make("div", { class: "body" }, words(ABOUT), words(SERVER, "quiet"), row(this.start), this.verdict, this.handOver, findings);
    this.element = make("div", { class: "panel settings" }, main);
    setVisible(this.handOver, false);
  }

  private async run(): Promise<void> {
    setEnabled(this.start, false);
    setVisible(this.handOver, false);
    this.failed.clear();
    this.others.clear();
    try {
      const report = await this.desk.test(
        (finding) => (finding.state === "bad" ? this.failed : this.others).add(finding),
        (done, total, name) => setText(this.verdict, done < total ? `Testing ${done + 1} of ${total}: ${name}` : "Looking for a server…"),
      );
      this.report = JSON.stringify(report, null, 2);
      const { failed, passed } = report;
      setText(this.verdict, `${failed === 0 ? `All ${passed} checks passed.` : `${failed} failed, ${passed} passed.`} Please send the report.`);
      setVisible(this.handOver, true);
    } finally {
      setEnabled(this.start, true);
    }
  }

  private async save(): Promise<void> {
    if (await this.desk.save(REPORT, this.report)) {
      setText(this.verdict, `Saved: ${REPORT}`);
    }
  }
}
