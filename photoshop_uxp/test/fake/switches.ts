/** What nobody has shown about Photoshop. The plugin has to work whichever way each of them is. */

export interface Switches {
  /** What a layer mask holds outside a buffer that is smaller than the document, put with `replace`. */
  readonly maskOutside: "hidden" | "revealed";
  /** Whether a group takes a mask through putLayerMask. */
  readonly groupMask: "taken" | "refused";
  /** Whether recorded commands can give a group a mask that hides all. */
  readonly hideAll: "works" | "fails";
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
  /** Where PLACEINSIDE puts a layer. */
  readonly placeInside: "top" | "bottom";
  /** What batchPlay answers for generator settings that were never written. */
  readonly missingNote: "error" | "nothing";
}

export const VALUES: { readonly [Name in keyof Switches]: readonly Switches[Name][] } = {
  maskOutside: ["hidden", "revealed"],
  groupMask: ["taken", "refused"],
  hideAll: ["works", "fails"],
  selectionRead: ["trimmed", "whole"],
  maskDepth: ["document", "8"],
  selectionBounds: ["any", "half"],
  rollback: ["with visibility", "without visibility"],
  emptyRead: ["throws", "nothing"],
  placeInside: ["top", "bottom"],
  missingNote: ["error", "nothing"],
};

/** Every combination. */
export function combinations(): Switches[] {
  let all: Partial<Switches>[] = [{}];
  for (const [name, values] of Object.entries(VALUES)) {
    all = all.flatMap((some) => values.map((value) => ({ ...some, [name]: value })));
  }
  return all as Switches[];
}

export const LIKELY: Switches = {
  maskOutside: "hidden",
  groupMask: "taken",
  hideAll: "works",
  selectionRead: "trimmed",
  maskDepth: "document",
  selectionBounds: "any",
  rollback: "with visibility",
  emptyRead: "throws",
  placeInside: "top",
  missingNote: "nothing",
};
