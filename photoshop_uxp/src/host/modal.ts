/** Photoshop's modal scopes: what changes a document, or reads its pixels, happens in one. Reference: Adobe, "executeAsModal". */

import type { ExecutionContext } from "photoshop/dom/CoreModules";
import type { Document } from "photoshop/dom/Document";
import type { Layer } from "photoshop/dom/Layer";

import { say } from "../words";
import { HostBusy, HostCancelled } from "./host";
import type { Photoshop } from "./layers";
import { layerAt, treeOf } from "./tree";

/** How long to wait for somebody else's modal state before HostBusy, in seconds. */
const WAIT_S = 10;
/** `error.number` of executeAsModal when something else is modal. */
const HOST_IS_MODAL = 9;

/** As history and progress windows name a step. */
function titled(name: string): string {
  return `Inlay: ${name}`;
}

/** Runs `work` while nothing else may change Photoshop's documents. Throws HostBusy, HostCancelled. */
export async function modal<T>(ps: Photoshop, name: string, work: (context: ExecutionContext) => Promise<T>): Promise<T> {
  let context: ExecutionContext | undefined;
  try {
    const options = { commandName: titled(name), timeOut: WAIT_S };
    return await ps.core.executeAsModal((given) => work((context = given)), options);
  } catch (error) {
    if ((error as { number?: unknown }).number === HOST_IS_MODAL) throw new HostBusy();
    if (context?.isCancelled) throw new HostCancelled();
    throw error;
  }
}

/** Runs `work` with `document` in front, as one history state: Photoshop's commands go to the document in front. */
export async function asOneStep<T>(ps: Photoshop, document: Document, name: string, work: () => Promise<T>): Promise<T> {
  return modal(ps, name, async (context) => {
    const before = ps.app.activeDocument;
    if (before.id !== document.id) ps.app.activeDocument = document;
    const suspension = await context.hostControl.suspendHistory({ documentID: document.id, name: titled(name) });
    let done = false;
    try {
      const value = await work();
      done = true;
      return value;
    } finally {
      if (!context.isCancelled) {
        await context.hostControl.resumeHistory(suspension, done);
        if (before.id !== document.id) ps.app.activeDocument = before;
      }
    }
  });
}

/** Runs `work` with layers hidden, and leaves no trace of that in the history. */
export async function without<T>(ps: Photoshop, document: Document, hidden: readonly number[], work: () => Promise<T>): Promise<T> {
  return modal(ps, say("state.capturing"), async ({ hostControl }) => {
    const tree = hidden.length === 0 ? [] : await treeOf(ps, document);
    const layers = hidden.map((id) => layerAt(document, tree, id)).filter((layer) => layer?.visible === true) as Layer[];
    if (layers.length === 0) return work();
    const suspension = await hostControl.suspendHistory({ documentID: document.id, name: titled(say("state.capturing")) });
    try {
      for (const layer of layers) layer.visible = false;
      return await work();
    } finally {
      // Photoshop may or may not count visibility as history, so rolling back alone might leave them hidden.
      for (const layer of layers) layer.visible = true;
      await hostControl.resumeHistory(suspension, false);
    }
  });
}
