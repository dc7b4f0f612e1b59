/** The self-test in this Photoshop, behind its entry point. The order of the imports matters. */

import { FEATURES } from "./features";
import "../src/client/polyfills";
import { DEFAULT_URL } from "../src/client/address";
import { examine, isMac } from "../src/client/doctor";
import type { Photoshop } from "../src/host/layers";
import { PhotoshopHost } from "../src/host/photoshop";
import { type UxpModule, uxpOf } from "../src/host/uxp";
import { SelfTestPanel } from "./panel";
import { runSelfTest } from "./report";
import { photoshopStage } from "./stage";

interface TextFile {
  write(text: string): Promise<unknown>;
}

/** The part of `require("uxp")` that is used beside what the host uses. */
interface Module extends UxpModule {
  readonly storage: UxpModule["storage"] & {
    readonly localFileSystem: { getFileForSaving(name: string, options: { types: string[] }): Promise<TextFile | null> };
  };
}

declare function require(name: "photoshop"): Photoshop;
declare function require(name: "uxp"): Module;

export function selfTestPanel(): SelfTestPanel {
  const [ps, uxp] = [require("photoshop"), require("uxp")];
  const files = uxp.storage.localFileSystem;
  const host = new PhotoshopHost(ps, uxpOf(uxp, globalThis));
  const stage = photoshopStage(ps, async (name) => (await files.getTemporaryFolder()).createFile(name, { overwrite: true }));
  const surroundings = { native: (...call: Parameters<typeof fetch>) => fetch(...call), lockedOrigin: "", isMac: isMac() };
  return new SelfTestPanel({
    test: (found, progress) =>
      runSelfTest(host, stage, FEATURES, (tell) => examine({ url: DEFAULT_URL, token: "" }, surroundings, tell), found, progress),
    async save(name, text) {
      const file = await files.getFileForSaving(name, { types: ["json"] });
      await file?.write(text);
      return file !== null;
    },
    copy: (text) => host.copy(text),
  });
}
