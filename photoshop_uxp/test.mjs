/**
 * Runs the plugin's tests: `node photoshop_uxp/test.mjs [PART-OF-A-PATH ...]`. Each test file becomes one script, because Node does
 * not read TypeScript; packages stay where npm put them.
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { english } from "./english.mjs";

const PLUGIN = dirname(fileURLToPath(import.meta.url));
const BUILD = join(PLUGIN, "../build");

const wanted = process.argv.slice(2);
const files = readdirSync(join(PLUGIN, "test"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts") && (wanted.length === 0 || wanted.some((part) => file.includes(part))))
  .sort();
if (files.length === 0) {
  throw new Error(`No test's path contains ${wanted.join(" or ")}.`);
}

mkdirSync(BUILD, { recursive: true });
const folder = mkdtempSync(join(BUILD, "photoshop-tests-")); // Its own, so that two runs do not disturb each other.
process.on("exit", () => {
  rmSync(folder, { recursive: true, force: true });
});
await build({
  entryPoints: files.map((file) => join(PLUGIN, "test", file)),
  outdir: folder,
  outbase: join(PLUGIN, "test"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  define: { ENGLISH: JSON.stringify(english()) },
  sourcemap: "inline",
  logLevel: "warning",
});
const scripts = files.map((file) => join(folder, file.replace(/\.ts$/, ".mjs")));
const options = ["--enable-source-maps", "--test", "--test-timeout=600000"]; // A file that does not end is red, and the others run.
const { status } = spawnSync(process.execPath, [...options, ...scripts], { cwd: PLUGIN, stdio: "inherit" });
process.exitCode = status ?? 1;
