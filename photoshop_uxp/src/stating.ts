/** How a picture was made, in the metadata of the document that takes a result: what it is called, and which of several speaks, the server knows. */

import type { Calls } from "./client/connect";
import type { DocumentHandle, Restated } from "./host/host";
import type { Host } from "./host/photoshop";

/** What a server reads. Some documents carry megabytes of ancestors in their metadata. */
const MAX_CHARACTERS = 1024 * 1024;

/**
 * What `document` is to say once a job's result is in it; null: nobody could tell. A result is never kept back for it.
 * `origin`: the document that was edited, where that is another one.
 */
export async function statementOf(calls: Calls, host: Host, jobId: string, document: DocumentHandle, origin?: DocumentHandle): Promise<Restated | null> {
  try {
    const was = await host.xmp(document);
    const originXmp = origin === undefined ? "" : await host.xmp(origin);
    if (Math.max(was.length, originXmp.length) > MAX_CHARACTERS) return null;
    const { xmp: becomes } = await calls.call("markDocument", { jobId, xmp: was, originXmp });
    return { was, becomes };
  } catch {
    return null;
  }
}
