/**
 * Runs the tests of a folder of TypeScript. Each test file becomes one script, because Node does not read TypeScript; packages stay
 * where npm put them.
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const BUILD = join(dirname(fileURLToPath(import.meta.url)), "../build");

/** `room`: the folder whose `test` is run. `wanted`: parts of paths; none: all. `define`: as esbuild takes it. */
export async function runTests(room, name, wanted, define = {}) {
  const files = readdirSync(join(room, "test"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && (wanted.length === 0 || wanted.some((part) => file.includes(part))))
    .sort();
  if (files.length === 0) {
    throw new Error(`No test's path contains ${wanted.join(" or ")}.`);
  }

  mkdirSync(BUILD, { recursive: true });
  const folder = mkdtempSync(join(BUILD, `${name}-tests-`)); // Its own, so that two runs do not disturb each other.
  process.on("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  await build({
    entryPoints: files.map((file) => join(room, "test", file)),
    outdir: folder,
    outbase: join(room, "test"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    define,
    sourcemap: "inline",
    logLevel: "warning",
  });
  const scripts = files.map((file) => join(folder, file.replace(/\.ts$/, ".mjs")));
  const options = [
    "--enable-source-maps",
    "--test",
    "--test-timeout=600000", // A file that does not end is red, and the others run.
    `--test-concurrency=${Math.min(availableParallelism() + 1, 4)}`, // Most of a test is waiting for a server or a page.
    `--test-rerun-failures=${join(folder, "passed.json")}`,
  ];
  const run = () => spawnSync(process.execPath, [...options, ...scripts], { cwd: room, stdio: "inherit" }).status ?? 1;
  process.exitCode = run();
  if (process.exitCode !== 0) {
    console.log("What failed runs once more; what passes now is unsteady, a fault that is not understood yet.");
    process.exitCode = run();
  }
}
