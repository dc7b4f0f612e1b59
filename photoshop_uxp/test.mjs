/** Runs the plugin's tests: `node photoshop_uxp/test.mjs [PART-OF-A-PATH ...]`. */

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { runTests } from "../scripts/node_tests.mjs";
import { english } from "./english.mjs";

const define = { ENGLISH: JSON.stringify(english()) };
await runTests(dirname(fileURLToPath(import.meta.url)), "photoshop", process.argv.slice(2), define);
