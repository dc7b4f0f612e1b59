/** The script of a built plugin, as its package holds it. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PLUGIN } from "../ui/room";

/** options: as build.mjs takes them behind folder and version. */
export function built(...options: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "inlay-plugin-"));
  try {
    execFileSync(process.execPath, [join(PLUGIN, "build.mjs"), folder, "0.0.0", ...options]);
    return readFileSync(join(folder, "main.js"), "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
