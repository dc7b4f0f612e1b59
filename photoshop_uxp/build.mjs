/**
 * Builds a plugin's folder as Photoshop loads it: `node photoshop_uxp/build.mjs FOLDER VERSION [ORIGIN]`. With an origin the
 * plugin talks to that one server and asks for no other permission. `--self-test`: Inlay Self-Test instead of Inlay.
 */

import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { english } from "./english.mjs";
import { licensesOf } from "./licenses.mjs";
import { script } from "./script.mjs";

const PLUGIN = dirname(fileURLToPath(import.meta.url));
const REPOSITORY = join(PLUGIN, "..");
const INLAY = { manifest: join(PLUGIN, "manifest.json"), main: join(PLUGIN, "src/entry/main.ts") };
const SELF_TEST = { manifest: join(PLUGIN, "self_test/manifest.json"), main: join(PLUGIN, "self_test/main.ts") };
/** Names stay, so that what a Photoshop reports of an error can be read. */
const SMALL = { minifyWhitespace: true, minifySyntax: true };
const ORIGIN = /^https?:\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d+)?$/;

function manifestFor(file, version, origin) {
  const { manifestVersion, id, name, ...rest } = JSON.parse(readFileSync(file, "utf8"));
  const domains = origin === "" ? "all" : [origin];
  const requiredPermissions = { ...rest.requiredPermissions, network: { domains } };
  return { manifestVersion, id, name, version, ...rest, requiredPermissions };
}

async function buildPlugin({ manifest, main }, folder, version, origin) {
  if (origin !== "" && !ORIGIN.test(origin)) {
    throw new Error(`The origin “${origin}” is no scheme, host and port in lower case, such as https://inlay.studio.example:50052.`);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options = { ...script(main, english(), origin), outfile: join(folder, "main.js"), metafile: true, ...SMALL };
  const { metafile } = await build({ ...options, absWorkingDir: REPOSITORY });
  writeFileSync(join(folder, "licenses.txt"), licensesOf(Object.keys(metafile.inputs)));
  copyFileSync(join(PLUGIN, "src/ui/panel.html"), join(folder, "index.html"));
  copyFileSync(join(PLUGIN, "src/ui/panel.css"), join(folder, "panel.css"));
  cpSync(join(PLUGIN, "icons"), join(folder, "icons"), { recursive: true, filter: (file) => !file.endsWith(".py") });
  writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifestFor(manifest, version, origin), null, 2)}\n`);
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { "self-test": { type: "boolean" } } });
const [folder, version, origin = ""] = positionals;
if (folder === undefined || version === undefined) {
  throw new Error("Name a folder and a version.");
}
await buildPlugin(values["self-test"] ? SELF_TEST : INLAY, resolve(folder), version, origin);
