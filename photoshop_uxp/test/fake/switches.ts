/** What nobody has shown about Photoshop. The plugin has to work whichever way each of them is. */

export interface Switches {
  /** Whether getSelection returns only what is selected, or the rectangle that was asked for. */
  readonly selectionRead: "trimmed" | "whole";
  /** The depth of selections and masks in 16 and 32-bit documents. */
  readonly maskDepth: "document" | "8";
  /** Whether the bounds of a soft selection end at its last value or where it is selected by half. */
  readonly selectionBounds: "any" | "half";
  /** Whether rolling history back shows hidden layers again. */
  readonly rollback: "with visibility" | "without visibility";
  /** What getPixels does where there is no pixel. */
  readonly emptyRead: "throws" | "nothing";
  /** Where a new layer goes while a group is active. */
  readonly newInGroup: "above" | "inside";
  /** Whether a command can leave no layer active. */
  readonly selectNone: "works" | "fails";
  /** The blend mode of a new group for which none was named. */
  readonly groupBlend: "normal" | "passThrough";
  /** The profile of selections and masks: samples tagged with another are converted. */
  readonly maskProfile: "Gray Gamma 2.2" | "Dot Gain 15%";
  /** What batchPlay answers for generator settings that were never written. */
  readonly missingNote: "error" | "nothing" | "rejects";
  /** Whether batchPlay answers with an error or rejects where any other command fails. */
  readonly failedCommand: "answers" | "rejects";
  /** Where the menu's Selection Edges can be turned; or whether Photoshop does not even tell how they are. */
  readonly selectionEdges: "inside modal scopes" | "outside modal scopes" | "untold";
  /** Whether undo takes back what a document's metadata say. */
  readonly xmpHistory: "with history" | "outside history";
}

export const VALUES: { readonly [Name in keyof Switches]: readonly Switches[Name][] } = {
  selectionRead: ["trimmed", "whole"],
  maskDepth: ["document", "8"],
  selectionBounds: ["any", "half"],
  rollback: ["with visibility", "without visibility"],
  emptyRead: ["throws", "nothing"],
  newInGroup: ["above", "inside"],
  selectNone: ["works", "fails"],
  groupBlend: ["normal", "passThrough"],
  maskProfile: ["Gray Gamma 2.2", "Dot Gain 15%"],
  missingNote: ["error", "nothing", "rejects"],
  failedCommand: ["answers", "rejects"],
  selectionEdges: ["inside modal scopes", "outside modal scopes", "untold"],
  xmpHistory: ["with history", "outside history"],
};

/** Few combinations in which every two values of different switches come together (a covering array of strength two). */
export function pairwise(): Switches[] {
  const names = Object.keys(VALUES) as (keyof Switches)[];
  const missing = new Set(names.flatMap((one, at) => names.slice(at + 1).flatMap((other) => pairsOf(one, other))));
  const rows: Switches[] = [];
  while (missing.size > 0) {
    const row: Partial<Record<keyof Switches, string>> = {};
    const gain = (name: keyof Switches, value: string): number =>
      names.reduce((sum, other) => {
        const theirs = row[other] === undefined ? VALUES[other] : [row[other]];
        const weight = row[other] === undefined ? 1 : 100; // A pair that this value completes counts before one that it allows.
        return sum + (theirs.some((their) => missing.has(pairOf(name, value, other, their))) ? weight : 0);
      }, 0);
    const turned = [...names.slice(rows.length % names.length), ...names.slice(0, rows.length % names.length)];
    for (const name of turned) {
      const values: readonly string[] = VALUES[name];
      row[name] = values.reduce((best, value) => (gain(name, value) > gain(name, best) ? value : best));
    }
    for (const one of names) for (const other of names) missing.delete(pairOf(one, row[one] ?? "", other, row[other] ?? ""));
    rows.push(row as Switches);
  }
  return rows;
}

function pairsOf(one: keyof Switches, other: keyof Switches): string[] {
  const theirs: readonly string[] = VALUES[other];
  return VALUES[one].flatMap((value) => theirs.map((their) => pairOf(one, value, other, their)));
}

function pairOf(one: string, value: string, other: string, their: string): string {
  return [`${one}=${value}`, `${other}=${their}`].sort().join(" ");
}

export const LIKELY: Switches = {
  selectionRead: "trimmed",
  maskDepth: "document",
  selectionBounds: "any",
  rollback: "with visibility",
  emptyRead: "throws",
  newInGroup: "above",
  selectNone: "works",
  groupBlend: "passThrough",
  maskProfile: "Gray Gamma 2.2",
  missingNote: "nothing",
  failedCommand: "answers",
  selectionEdges: "inside modal scopes",
  xmpHistory: "outside history",
};

/** What no plugin can work with as if it were not so: the self-test has to tell it, or a result is placed with a note. */
export type Fault =
  | "soft values are inverted" // Of selections and masks, on the way in and out.
  | "soft values are converted" // By a grey profile, on the way in and back on the way out.
  | "mask values shift slightly" // By less than 1/255, on the way in.
  | "mask values shift" // On the way in.
  | "group masks cannot be read"
  | "makes no text layers" // As before 24.2.
  | "metadata cannot be read"
  | "metadata cannot be written"
  | "metadata are not written" // And nothing is said.
  | "moves go wrong"; // They succeed, and the order is another.
