/** The server's English, which the plugin says before it heard any server. */

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const CATALOGUE = join(import.meta.dirname, "../server/inlay/forms/words");
/** What never travels to a panel: inlay.forms.catalogue, AT_HOME. */
const AT_HOME = new Set(["verb", "field", "server", "setup", "note", "error"]);

/** What a server says to a panel in English, by key. The catalogue is of tables and one-line strings, which JSON writes alike. */
export function english() {
  const words = {};
  const files = readdirSync(CATALOGUE, { recursive: true, encoding: "utf8" }).filter((file) => basename(file) === "en.toml");
  let table = "";
  for (const line of files.flatMap((file) => readFileSync(join(CATALOGUE, file), "utf8").split("\n"))) {
    const [, opened, key, text] = /^\[(.+)\]$|^(\S+) = (".*")$/.exec(line) ?? [];
    table = opened ?? table;
    if (key && !AT_HOME.has(table.split(".")[0])) words[`${table}.${key}`] = JSON.parse(text);
  }
  return words;
}
