/** Where the plugin's sources are, wherever the tests were started and bundled. */

import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

function find(): string {
  for (let folder = resolve(process.cwd()); folder !== dirname(folder); folder = dirname(folder)) {
    for (const candidate of [folder, join(folder, "photoshop_uxp")]) {
      if (existsSync(join(candidate, "src/ui/panel.css"))) {
        return candidate;
      }
    }
  }
  throw new Error(`No photoshop_uxp above or in ${process.cwd()}`);
}

/** The folder photoshop_uxp. */
export const PLUGIN = find();
