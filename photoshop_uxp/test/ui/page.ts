/** The panel's page for headless Chromium, built into a folder. */

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { PLUGIN } from "./room";

const ROOM = join(PLUGIN, "test/ui");

/** Writes stage.html and all that it loads. */
export async function buildPage(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(ROOM, "stage.ts")],
    outfile: join(folder, "stage.js"),
    bundle: true,
    format: "iife",
    target: "es2020",
    logLevel: "error",
  });
  for (const file of ["stage.html", "themes.css", "../../src/ui/panel.css"]) {
    copyFileSync(join(ROOM, file), join(folder, file.split("/").pop() ?? file));
  }
}
