/** The plugin behind its entry points: host, client and session put together. The order of the imports matters. */

import "./client/polyfills";
import { serverOf } from "./client/index";
import type { Photoshop } from "./host/layers";
import { photoshopHost } from "./host/photoshop";
import { type UxpModule, uxpOf } from "./host/uxp";
import { PhotoshopSession, type Session } from "./session";

declare function require(name: "photoshop"): Photoshop;
declare function require(name: "uxp"): UxpModule;

/** The session in this Photoshop, not yet started. */
export function session(): Session {
  const host = photoshopHost(require("photoshop"), uxpOf(require("uxp"), globalThis));
  return new PhotoshopSession(host, serverOf(host));
}
