/** The Photoshop and the UXP that this plugin runs in: the only place that asks for them. */

import type { Host } from "./host";
import type { Photoshop } from "./layers";
import { photoshopHost } from "./photoshop";
import { photoshopStage, type Stage } from "./stage";
import { type UxpGlobals, type UxpModule, uxpOf } from "./uxp";

declare const require: {
  (name: "photoshop"): Photoshop;
  (name: "uxp"): UxpModule;
};

/** Photoshop as a Host, and the self-test's stage in it. */
export function here(): { readonly host: Host; readonly stage: Stage } {
  const photoshop = require("photoshop");
  const uxp = require("uxp");
  const files = uxp.storage.localFileSystem;
  const stage = photoshopStage(photoshop, async (name) =>
    (await files.getTemporaryFolder()).createFile(name, { overwrite: true }),
  );
  return { host: photoshopHost(photoshop, uxpOf(uxp, globalThis as unknown as UxpGlobals)), stage };
}
