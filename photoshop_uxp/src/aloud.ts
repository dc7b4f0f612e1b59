/** Tells in a dialog of Photoshop what went wrong, as long as there is no panel to tell it in. */

import type { Host } from "./host/host";

export class Aloud {
  private hasPanel = false;

  constructor(private readonly host: Pick<Host, "alert">) {}

  /** The panel was shown: it tells from now on. */
  rest(): void {
    this.hasPanel = true;
  }

  /** An empty message: nothing went wrong. */
  say(message: string): void {
    if (message !== "" && !this.hasPanel) {
      void this.host.alert(message).catch(() => undefined); // Photoshop is busy: the panel has it once it is opened.
    }
  }
}
