/** Runs the review page's tests: `node review_page/test.mjs [PART-OF-A-PATH ...]`. */

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { runTests } from "../scripts/node_tests.mjs";

await runTests(dirname(fileURLToPath(import.meta.url)), "review", process.argv.slice(2));
