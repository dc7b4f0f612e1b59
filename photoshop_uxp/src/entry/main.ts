/** Where Photoshop begins to read: one classic script, loaded by index.html. The entry points come first, all else follows. */

import { type Entrypoints, setUp } from "./entrypoints";

declare function require(name: "uxp"): { readonly entrypoints: Entrypoints };

setUp(require("uxp").entrypoints, async () => (await import("./plugin")).plugin());
