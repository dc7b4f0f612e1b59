/** Results that are at the server but not in their document: found when a document is open again, placed or dismissed. */

import type { Job } from "../gen/inlay/v1/job_pb";
import type { DocumentHandle, Host } from "../host/host";
import type { InlayServer } from "../server";

const MAX_DISMISSED = 100;

export class Offers {
  private readonly offered = new Map<string, readonly Job[]>();
  private readonly asked = new Set<string>();

  constructor(
    private readonly host: Pick<Host, "find" | "results" | "settings">,
    private readonly server: Pick<InlayServer, "view" | "jobs">,
    private readonly changed: () => void,
  ) {}

  of(documentId: string): readonly Job[] {
    return this.offered.get(documentId) ?? [];
  }

  /** Gives the jobs away: they are no longer offered. */
  take(documentId: string): readonly Job[] {
    const jobs = this.of(documentId);
    this.offered.delete(documentId);
    return jobs;
  }

  /** Never offers these again. */
  dismiss(documentId: string): void {
    this.forget(this.take(documentId).map(({ jobId }) => jobId));
  }

  /** Never offers these jobs, whatever becomes of them. */
  forget(jobIds: readonly string[]): void {
    this.host.settings.write("dismissed", [...this.dismissed(), ...jobIds].slice(-MAX_DISMISSED).join(" "));
  }

  /** Forgets what the server said of a document, or of all. */
  askAgain(documentId?: string): void {
    if (documentId === undefined) {
      this.asked.clear();
    } else {
      this.asked.delete(documentId);
    }
  }

  /** Asks for the open documents that were not asked for since they were opened. `running`: jobs that need no offer. */
  askFor(open: ReadonlyMap<string, DocumentHandle>, running: readonly string[]): void {
    if (this.server.view.state !== "ready") return;
    for (const id of Array.from(this.asked)) {
      if (!open.has(id)) {
        this.asked.delete(id);
        this.offered.delete(id);
      }
    }
    for (const id of open.keys()) {
      if (!this.asked.has(id)) {
        this.asked.add(id);
        void this.find(id, running);
      }
    }
  }

  private async find(documentId: string, running: readonly string[]): Promise<void> {
    try {
      const jobs = await this.server.jobs(documentId);
      const document = await this.host.find(documentId);
      if (document === null) return;
      const placed = (await this.host.results(document)).map(({ origin }) => origin.jobId);
      const known = new Set([...placed, ...running, ...this.dismissed()]);
      this.offered.set(
        documentId,
        jobs.filter(({ jobId }) => !known.has(jobId)),
      );
      this.changed();
    } catch {
      this.asked.delete(documentId); // The line was lost, or Photoshop was busy: it is asked again.
    }
  }

  private dismissed(): string[] {
    return this.host.settings.read("dismissed").split(" ").filter(Boolean);
  }
}
