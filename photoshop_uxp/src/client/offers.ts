/** Results at the server that are not in the document in front: found when it comes there, placed or dismissed. */

import type { Job } from "../gen/inlay/v1/job_pb";
import type { DocumentHandle } from "../host/host";
import type { Host } from "../host/photoshop";
import type { InlayServer } from "../server";

const MAX_DISMISSED = 100;
const SETTING = "dismissed";

export class Offers {
  /** Settled once what was asked for last is known. */
  found: Promise<void> = Promise.resolve();
  private jobs: readonly Job[] = [];
  /** The document that was asked for last; empty: it has to be asked for anew. */
  private asked = "";

  constructor(
    private readonly host: Pick<Host, "results" | "settings">,
    private readonly server: Pick<InlayServer, "view" | "jobs">,
    private readonly changed: () => void,
  ) {}

  of(documentId: string): readonly Job[] {
    return documentId === this.asked ? this.jobs : [];
  }

  /** Gives the jobs away: they are no longer offered. */
  take(documentId: string): readonly Job[] {
    const jobs = this.of(documentId);
    this.jobs = [];
    return jobs;
  }

  /** Never offers these jobs, whatever becomes of them. */
  forget(jobIds: readonly string[]): void {
    this.host.settings.write(SETTING, [...this.dismissed(), ...jobIds].slice(-MAX_DISMISSED).join(" "));
  }

  /** What the server said may be old. */
  askAgain(): void {
    this.asked = "";
  }

  /** Asks for the document in front, unless it was asked for already. `running`: jobs that need no offer. */
  askFor(documentId: string, document: DocumentHandle | undefined, running: readonly string[]): void {
    if (this.server.view.state !== "ready" || documentId === this.asked) return;
    this.asked = documentId;
    this.jobs = [];
    if (document !== undefined && documentId !== "") this.found = this.find(documentId, document, running);
  }

  private async find(documentId: string, document: DocumentHandle, running: readonly string[]): Promise<void> {
    try {
      const jobs = await this.server.jobs(documentId);
      const placed = (await this.host.results(document)).map(({ origin }) => origin.jobId);
      const known = new Set([...placed, ...running, ...this.dismissed()]);
      if (documentId === this.asked) this.jobs = jobs.filter(({ jobId }) => !known.has(jobId));
      this.changed();
    } catch {
      this.askAgain(); // The line was lost, or Photoshop was busy.
    }
  }

  private dismissed(): string[] {
    return this.host.settings.read(SETTING).split(" ").filter(Boolean);
  }
}
