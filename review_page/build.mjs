/** Builds the review page as the server serves it: `node review_page/build.mjs [FOLDER]`, by default into the server's package. */

import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { licensesOf } from "../photoshop_uxp/licenses.mjs";

const PAGE = dirname(fileURLToPath(import.meta.url));
const REPOSITORY = join(PAGE, "..");
/** The oldest ones that have AbortSignal.any. */
const BROWSERS = ["chrome116", "firefox124", "safari17.4"];
const folder = resolve(process.argv[2] ?? join(REPOSITORY, "server/inlay/review/page"));

mkdirSync(folder, { recursive: true });
const { metafile } = await build({
  entryPoints: [join(PAGE, "src/main.ts")],
  outfile: join(folder, "main.js"),
  absWorkingDir: REPOSITORY,
  bundle: true,
  minify: true,
  format: "esm",
  target: BROWSERS,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
});
writeFileSync(join(folder, "licenses.txt"), licensesOf(Object.keys(metafile.inputs)));
copyFileSync(join(PAGE, "index.html"), join(folder, "index.html"));
await build({
  entryPoints: [join(PAGE, "style.css")],
  outfile: join(folder, "style.css"),
  minify: true,
  target: BROWSERS,
  logLevel: "warning",
});
