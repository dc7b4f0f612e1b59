/** The plugin behind its entry points: host, client and session put together. The order of the imports matters. */

import "../client/polyfills";
import type { Photoshop } from "../host/layers";
import { PhotoshopHost } from "../host/photoshop";
import { type UxpModule, uxpOf } from "../host/uxp";
import { serverOf } from "../server";
import { PhotoshopSession } from "../session";
import { Panel } from "../ui/panel";
import type { Plugin } from "./entrypoints";

declare function require(name: "photoshop"): Photoshop;
declare function require(name: "uxp"): UxpModule;

/** The plugin in this Photoshop, not yet started. */
export function plugin(): Plugin {
  const host = new PhotoshopHost(require("photoshop"), uxpOf(require("uxp"), globalThis));
  const session = new PhotoshopSession(host, serverOf(host));
  return { session, panel: new Panel(session) };
}
