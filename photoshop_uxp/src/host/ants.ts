/**
 * The marching ants of the document in front, by Photoshop's own menu: View › Show › Selection Edges. That is a view of the selection and
 * no change of it: no history state, nothing that is saved, and the next selection shows its ants of itself. Source: the number and the
 * check mark are those of Photoshop 26.6's menu bar ("menuBarInfo"); the question is the one that plugins ask for its guides.
 */

import { type Photoshop, play } from "./layers";

const SELECTION_EDGES = 3501;

/** Shows the ants or hides them; whether that was another way before. Nothing is done where Photoshop does not tell how it is. */
export async function showAnts(ps: Photoshop, isShown: boolean): Promise<boolean> {
  if ((await areShown(ps)) !== !isShown) return false;
  await ps.core.performMenuCommand({ commandID: SELECTION_EDGES }).catch(() => undefined);
  return (await areShown(ps)) === isShown;
}

/** Undefined: Photoshop does not tell. */
async function areShown(ps: Photoshop): Promise<unknown> {
  const application = { _ref: "application", _enum: "ordinal", _value: "targetEnum" };
  const question = { _obj: "uiInfo", _target: application, command: "getCommandEnabled", commandID: SELECTION_EDGES };
  const [answer] = await play(ps, [question]).catch(() => []);
  return (answer?.["result"] as { readonly checked?: unknown } | undefined)?.checked;
}
