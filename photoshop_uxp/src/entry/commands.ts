/** The plugin's commands: each thing the panel does, so that it can have a shortcut and be recorded in an Action. */

import type { Session } from "../session";
import type { Panel } from "../ui/panel";

/** By the manifest's ids, which has their titles. None waits for the server: Photoshop gives an entry point 300 ms. */
export const COMMANDS: Readonly<Record<string, (panel: Panel, session: Session) => void>> = {
  run: (panel) => void panel.ready().then((front) => front.run()),
  erase: (panel) => void panel.ready().then((front) => front.run("erase")),
  cancel: (_, session) => session.cancel(),
  more: (panel) => void panel.front.more(),
  next: (_, { inHand }) => void inHand.flip(1),
  previous: (_, { inHand }) => void inHand.flip(-1),
  keep: (_, { inHand }) => void inHand.keep(),
  discard: (_, { inHand }) => void inHand.discard(),
  before: (_, { inHand, state }) => void inHand.before(state.result?.visible ?? true),
  finish: (_, session) => void session.finish(),
  newSeed: (panel) => void panel.ready().then((front) => front.form?.drawSeed()),
  probe: (_, session) => void session.tellColor(),
  offers: (_, session) => void session.accept(),
};
