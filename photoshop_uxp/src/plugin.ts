/** The plugin behind its entry points. The order of the imports matters. */

import "./features";
import "./client/polyfills";
import { serverOf } from "./client/index";
import type { Photoshop } from "./host/layers";
import type { UxpGlobals } from "./host/uxp";
import { type PluginModule, sessionIn } from "./start";
import type { Running } from "./ui/entrypoints";

declare function require(name: "photoshop"): Photoshop;
declare function require(name: "uxp"): PluginModule;

export function session(): Running {
  return sessionIn(require("photoshop"), require("uxp"), globalThis as unknown as UxpGlobals, serverOf);
}
