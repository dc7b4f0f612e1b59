/** Puts the rooms together: host, client and ui become one plugin. */

import { FEATURES } from "./features";
import type { Host } from "./host/host";
import type { Photoshop } from "./host/layers";
import { photoshopHost } from "./host/photoshop";
import { photoshopStage } from "./host/stage";
import { type UxpGlobals, type UxpModule, uxpOf } from "./host/uxp";
import { runSelfTest } from "./self_test";
import type { Server, WaitingJob } from "./server";
import { PhotoshopSession } from "./session";
import type { Running } from "./ui/entrypoints";

/** The part of `require("uxp")` that is used here. */
export interface PluginModule extends UxpModule {
  readonly storage: UxpModule["storage"] & {
    readonly localFileSystem: { getTemporaryFolder(): Promise<{ createFile(name: string, how: object): Promise<unknown> }> };
  };
}

/** The session of a plugin in this Photoshop, not yet started. */
export function sessionIn<Job extends WaitingJob>(
  ps: Photoshop,
  uxp: PluginModule,
  globals: UxpGlobals,
  serverOf: (host: Host) => Server<Job>,
): Running {
  const host = photoshopHost(ps, uxpOf(uxp, globals));
  const server = serverOf(host);
  const stage = photoshopStage(ps, async (name) => {
    const folder = await uxp.storage.localFileSystem.getTemporaryFolder();
    return folder.createFile(name, { overwrite: true });
  });
  return new PhotoshopSession(host, server, (found, progress) =>
    runSelfTest(host, stage, FEATURES, (say) => server.examine(server.address(), say), found, progress),
  );
}
