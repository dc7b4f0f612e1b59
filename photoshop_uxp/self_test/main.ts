/** Where Photoshop begins to read Inlay Self-Test. The entry point comes first, all else follows, as in src/entry/main.ts. */

import type { Entrypoints } from "../src/entry/entrypoints";

declare function require(name: "uxp"): { readonly entrypoints: Entrypoints };

let panel: Promise<HTMLElement> | null = null;

function attach(root: HTMLElement): void {
  panel ??= import("./plugin").then(({ selfTestPanel }) => selfTestPanel().element);
  panel.then(
    (element) => {
      if (element.parentNode !== root) {
        root.appendChild(element);
      }
    },
    (error: unknown) => {
      root.textContent = `Inlay Self-Test could not start: ${String(error)}`;
    },
  );
}

const nothing = (): void => undefined;
require("uxp").entrypoints.setup({
  plugin: { create: nothing, destroy: nothing },
  panels: { main: { create: attach, show: attach } },
  commands: {},
});
