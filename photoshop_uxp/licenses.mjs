/** What the licences of the packages in a built script ask to be told. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const REPOSITORY = join(import.meta.dirname, "..");
const MODULES = join(REPOSITORY, "node_modules");

/** Inlay's own licence, those of the packages that went into the script, and the notices at the head of their files. */
export function licensesOf(inputs) {
  const files = inputs.filter((file) => file.includes("node_modules/"));
  const packages = new Set(files.map((file) => /node_modules\/((@[^/]+\/)?[^/]+)/.exec(file)[1]));
  const own = readFileSync(join(REPOSITORY, "LICENSE"), "utf8").trim(); // The Apache License, whole: some packages name it only.
  const parts = [`Inlay, by the Inlay developers\n\n${own}`, `Packages in main.js: ${Array.from(packages).sort().join(", ")}`];
  for (const name of Array.from(packages).sort()) {
    const license = join(MODULES, name, "LICENSE");
    if (existsSync(license)) {
      parts.push(`${name}\n\n${readFileSync(license, "utf8").trim()}`);
    }
  }
  const notices = files.map((file) => /^(\/\/.*\n)+/.exec(readFileSync(join(REPOSITORY, file), "utf8"))?.[0] ?? "");
  const texts = Array.from(new Set(notices)).filter((notice) => notice.includes("Copyright"));
  parts.push(...texts.sort().map((text) => text.replace(/^\/\/ ?/gm, "").trim()));
  return `${parts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
