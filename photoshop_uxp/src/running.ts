/** The edits that run in this Photoshop, and what becomes of each: a result in hand, one to be offered, or a trouble to be told. */

import type { Offers } from "./client/offers";
import { hasFailed, type RunningEdit } from "./client/standing";
import type { Desk } from "./host/desk";
import type { DocumentHandle } from "./host/host";
import type { Options } from "./host/options";
import type { Host } from "./host/photoshop";
import type { Shown } from "./ui/shown";
import type { Troubles } from "./ui/troubles";
import { say } from "./words";

/** Whom the end of an edit concerns. */
interface Concerned {
  readonly host: Host;
  readonly view: Desk;
  readonly shown: Shown;
  readonly offers: Offers;
  readonly troubles: Troubles;
  readonly options: Options;
}

export class Running {
  private readonly edits: RunningEdit[] = [];
  /** How often results filled fields of the form in. */
  filledIn = 0;

  /** `tellAloud`: for whoever has no panel. */
  constructor(
    private readonly at: Concerned,
    private readonly tellAloud: (message: string) => void,
    private readonly changed: () => void,
  ) {}

  get jobIds(): readonly string[] {
    return this.edits.map(({ jobId }) => jobId);
  }

  /** Those of a document, oldest first; none while it has no id. */
  of(id: string): RunningEdit[] {
    return this.edits.filter(({ documentId }) => documentId !== "" && documentId === id);
  }

  /** `document`: where it was begun. */
  follow(edit: RunningEdit, document: DocumentHandle): void {
    this.at.troubles.clear(document, edit.documentId);
    this.edits.push(edit);
    edit.on(() => void this.stands(edit, document));
    void this.stands(edit, document);
  }

  private async stands(edit: RunningEdit, begunIn: DocumentHandle): Promise<void> {
    const { view } = this.at;
    const at = this.edits.indexOf(edit);
    if (edit.hasEnded && at >= 0) {
      this.edits.splice(at, 1);
      await this.ended(edit, begunIn);
      await view.look(true);
    } else if (edit.phase === "finished") {
      this.tellAloud(`${edit.name}: ${say("placing.ready.one")}`);
    } else if (view.id === "") {
      await view.look(true); // The edit gave its document an id.
    }
    this.changed();
  }

  private async ended(edit: RunningEdit, begunIn: DocumentHandle): Promise<void> {
    const { host, offers, troubles } = this.at;
    if (edit.phase === "placed") {
      await this.placed(edit);
    } else {
      offers.askAgain(); // Its result may have to be offered.
    }
    if (edit.phase === "cancelled") {
      offers.forget([edit.jobId]); // It may have been finished before the server heard of it.
    }
    if (hasFailed(edit) && edit.message !== "") {
      const isHomeless = edit.documentId !== "" && (await host.find(edit.documentId)) === null;
      troubles.keep(edit, begunIn, isHomeless);
      this.tellAloud(`${edit.name}: ${edit.message}`);
    }
  }

  private async placed(edit: RunningEdit): Promise<void> {
    const { host, view, shown, offers, troubles, options } = this.at;
    if (options.suggest(edit.documentId, edit.suggested)) this.filledIn += 1;
    const document = await host.find(edit.documentId);
    if (document !== null && edit.group !== null) {
      view.prefer(document, edit.group);
      shown.note(document, edit.group, edit.message);
    } else if (edit.group === null) {
      offers.forget([edit.jobId]); // No group of the document remembers that it was placed, or what was said of it.
      troubles.note(edit.message, document);
    }
  }
}
