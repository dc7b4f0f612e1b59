/** The plugin's commands: each thing the panel does, so that it can have a shortcut and be recorded in an Action. */

import type { Session } from "../session";
import type { Panel } from "../ui/panel";

/** Titles as the manifest has them, by the manifest's ids. */
export const COMMANDS = {
  run: "Run Edit",
  erase: "Erase Selection",
  cancel: "Cancel Edit",
  more: "More Variations",
  next: "Next Variation",
  previous: "Previous Variation",
  keep: "Keep Variation",
  discard: "Discard Result",
  before: "Before / After",
  finish: "Finish Variation",
  newSeed: "New Seed",
  probe: "Measure the Colour of the Selection",
  offers: "Place Waiting Results",
} as const;

export type CommandId = keyof typeof COMMANDS;

/** What the commands do. None waits for the server: Photoshop gives an entry point 300 ms. */
export function commandsOf(panel: Panel, session: Session): Readonly<Record<CommandId, () => void>> {
  return {
    run: () => void panel.run(),
    erase: () => void panel.run("erase"),
    cancel: () => session.cancel(),
    more: () => void panel.more(),
    next: () => void session.flip(1),
    previous: () => void session.flip(-1),
    keep: () => void session.keep(),
    discard: () => void session.discard(),
    before: () => void session.before(session.state.result?.visible ?? true),
    finish: () => void session.finish(),
    newSeed: () => panel.drawSeed(),
    probe: () => void session.tellColor(),
    offers: () => void session.accept(),
  };
}
