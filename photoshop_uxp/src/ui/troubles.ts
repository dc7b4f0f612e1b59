/** What went wrong, each thing with what it belongs to: the last look at Photoshop, what was tried last, edits that have ended. */

import type { EditView, RunningEdit } from "../client/standing";
import type { DocumentHandle } from "../host/host";

interface Ended {
  readonly view: EditView;
  /** Where it was begun. */
  readonly document: DocumentHandle;
  readonly documentId: string;
  /** Whether its document was closed meanwhile: then it is told beside every other. */
  readonly isHomeless: boolean;
}

export class Troubles {
  /** Why Photoshop could not be looked at; empty: the last look went well. */
  looking = "";
  private tried: { readonly message: string; readonly document: DocumentHandle | null } | null = null;
  private ended: readonly Ended[] = [];

  constructor(private readonly changed: () => void) {}

  /** What was tried last failed, with `document` in front; an empty message: it went well. */
  note(message: string, document: DocumentHandle | null): void {
    this.tried = message === "" ? null : { message, document };
  }

  /** An edit that has ended without its result, and what it said; `isHomeless`: its document is closed. */
  keep({ jobId, name, phase, message, documentId }: RunningEdit, document: DocumentHandle, isHomeless: boolean): void {
    const cancel = (): void => {
      this.ended = this.ended.filter((other) => other.view !== view);
      this.changed();
    };
    const view: EditView = { jobId, name, phase, message, fraction: 0, position: null, etaS: null, preview: "", cancel, place: () => undefined };
    this.ended = [...this.ended, { view, document, documentId, isHomeless }];
  }

  /** Another edit begins in a document: what earlier ones said there is old. */
  clear(document: DocumentHandle, documentId: string): void {
    this.ended = this.ended.filter((one) => one.document !== document && (documentId === "" || one.documentId !== documentId));
  }

  /** The ended edits to be shown with a document in front; `documentId`: empty while it has none. */
  editsIn(document: DocumentHandle | null, documentId: string): readonly EditView[] {
    return this.ended
      .filter((one) => one.isHomeless || one.document === document || (documentId !== "" && one.documentId === documentId))
      .map(({ view }) => view);
  }

  /** What to say beside `document`; empty: nothing. */
  messageIn(document: DocumentHandle | null): string {
    return (this.tried?.document === document ? this.tried.message : "") || this.looking;
  }

  /** The retoucher has read it. */
  close(): void {
    this.tried = null;
    this.looking = "";
    this.changed();
  }
}
