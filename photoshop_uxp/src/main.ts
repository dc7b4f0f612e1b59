/** Where Photoshop begins to read: one classic script, loaded by index.html. The order of the imports matters. */

import "./features";
import "./client/polyfills";
import { serverOf } from "./client/index";
import type { Photoshop } from "./host/layers";
import type { UxpGlobals } from "./host/uxp";
import { type PluginModule, start } from "./start";

declare function require(name: "photoshop"): Photoshop;
declare function require(name: "uxp"): PluginModule;

start(require("photoshop"), require("uxp"), globalThis as unknown as UxpGlobals, serverOf);
