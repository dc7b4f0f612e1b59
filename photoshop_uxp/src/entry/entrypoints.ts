/**
 * Registers panel and commands with UXP (manifest v5, `require("uxp").entrypoints`). Photoshop shows a panel once and never
 * tells that it was hidden, so nothing here waits or depends on it.
 */

import { COMMANDS } from "./commands";
import type { Session } from "../session";
import type { Panel } from "../ui/panel";

/** The part of `require("uxp").entrypoints` that is used. */
export interface Entrypoints {
  setup(entrypoints: {
    plugin: { create(): void; destroy(): void };
    panels: Readonly<Record<string, { create(root: HTMLElement): void; show(root: HTMLElement): void }>>;
    commands: Readonly<Record<string, { run(): void }>>;
  }): void;
}

/** What the entry points lead to. */
export interface Plugin {
  readonly session: Session;
  readonly panel: Panel;
}

/**
 * Must be called at once when the plugin is loaded: UXP takes no entry points after some 20 ms, and then there is no plugin. `load`
 * reads the rest of it, when it is first asked for. The panel exists before it is shown, so that commands work without it.
 */
export function setUp(entrypoints: Entrypoints, load: () => Promise<Plugin>): () => Promise<Panel> {
  let loading: Promise<Plugin> | null = null;
  const loaded = (): NonNullable<typeof loading> => {
    loading ??= load();
    return loading;
  };
  const attach = (root: HTMLElement): void => {
    void loaded().then(
      ({ panel }) => {
        if (panel.element.parentNode !== root) root.appendChild(panel.element);
      },
      (error: unknown) => {
        root.textContent = `Inlay could not start: ${String(error)}`;
      },
    );
  };
  const commands = Object.entries(COMMANDS).map(([id, command]) => {
    const run = (): void => void loaded().then(({ panel, session }) => command(panel, session));
    return [id, { run }] as const;
  });
  entrypoints.setup({
    plugin: {
      create: () => void loaded().then(({ session }) => session.start()),
      destroy: () => void loading?.then(({ session }) => session.stop()),
    },
    panels: {
      // By the manifest's id.
      main: {
        create: attach,
        show: (root) => {
          attach(root);
          void loaded().then(({ session }) => session.panelIsShown());
        },
      },
    },
    commands: Object.fromEntries(commands),
  });
  return () => loaded().then(({ panel }) => panel);
}
