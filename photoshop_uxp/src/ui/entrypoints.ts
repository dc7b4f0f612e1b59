/**
 * Registers panel and commands with UXP (manifest v5, `require("uxp").entrypoints`). Photoshop shows a panel once and never
 * tells that it was hidden, so nothing here waits or depends on it.
 */

import { commandsOf } from "./commands";
import type { Session } from "./model";
import { Panel } from "./panel";

/** The id of the panel in the manifest. */
export const PANEL = "main";

/** The part of `require("uxp").entrypoints` that is used. */
export interface Entrypoints {
  setup(entrypoints: {
    plugin: { create(): void; destroy(): void };
    panels: Readonly<Record<string, { create(root: HTMLElement): void; show(root: HTMLElement): void }>>;
    commands: Readonly<Record<string, { run(): void }>>;
  }): void;
}

/** Must be called at once when the plugin is loaded: UXP takes no entry points later. The panel exists before it is shown,
 * so that commands work without it. */
export function setUp(entrypoints: Entrypoints, session: Session & { start(): void; stop(): void }): Panel {
  const panel = new Panel(session);
  const attach = (root: HTMLElement): void => {
    if (panel.element.parentNode !== root) {
      root.appendChild(panel.element);
    }
  };
  const commands = Object.entries(commandsOf(panel, session)).map(([id, run]) => [id, { run }] as const);
  entrypoints.setup({
    plugin: {
      create: () => {
        session.start();
      },
      destroy: () => {
        session.stop();
      },
    },
    panels: { [PANEL]: { create: attach, show: attach } },
    commands: Object.fromEntries(commands),
  });
  return panel;
}
