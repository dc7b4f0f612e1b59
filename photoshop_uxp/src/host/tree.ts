/** Photoshop's layer tree in one call. Reference: Adobe's "Photoshop API", section batchPlay, multiGet. */

import type { Document } from "photoshop/dom/Document";
import type { Layer } from "photoshop/dom/Layer";

import { say } from "../words";
import { CannotEdit } from "./host";
import { type Photoshop, play } from "./layers";

/** A layer as the tree has it. */
export interface Node {
  readonly id: number;
  readonly name: string;
  readonly visible: boolean;
  /** Groups and artboards. */
  readonly isGroup: boolean;
  readonly hasMask: boolean;
  /** Top to bottom. */
  readonly layers: readonly Node[];
}

interface Listed {
  readonly layerID?: unknown;
  readonly name?: unknown;
  readonly visible?: unknown;
  readonly hasUserMask?: unknown;
  readonly layerSection?: { readonly _value?: unknown };
}

const PROPERTIES = ["layerID", "name", "visible", "layerSection", "hasUserMask"];

/** All of them, each group before what it holds. */
export function flat(nodes: readonly Node[]): readonly Node[] {
  return nodes.flatMap((node) => [node, ...flat(node.layers)]);
}

/** The document's layers, top to bottom; a Background may be missing. A call for each layer would be felt after every brush stroke. */
export async function treeOf(ps: Photoshop, document: Document): Promise<readonly Node[]> {
  const options = { failOnMissingProperty: false, failOnMissingElement: false };
  const range = { _obj: "layer", index: 1, count: -1 };
  const _target = { _ref: [{ _ref: "document", _id: document.id }] };
  const [answer] = await play(ps, [{ _obj: "multiGet", _target, extendedReference: [PROPERTIES, range], options }]);
  return nested(answer?.["list"] as readonly Listed[]);
}

/** From bottom to top, where a group ends before it begins. Throws where that does not add up. */
function nested(list: readonly Listed[]): readonly Node[] {
  const open: Node[][] = [[]];
  for (const { layerID, name, visible, hasUserMask, layerSection } of list) {
    const section = layerSection?._value;
    if (section === "layerSectionEnd") {
      open.push([]);
      continue;
    }
    const layers = section === "layerSectionStart" ? open.pop() : [];
    const siblings = open[open.length - 1];
    if (typeof layerID !== "number" || layers === undefined || siblings === undefined) throw new CannotEdit(say("plan.layers_damaged"));
    const isGroup = section === "layerSectionStart";
    siblings.unshift({ id: layerID, name: String(name), visible: visible === true, isGroup, hasMask: hasUserMask === true, layers });
  }
  const [root] = open;
  if (root === undefined || open.length !== 1) throw new CannotEdit(say("plan.layers_damaged"));
  return root;
}

/** Every group of the tree, top to bottom, outer before inner. */
export function groupsOf(tree: readonly Node[]): readonly Node[] {
  return tree.flatMap((node) => (node.isGroup ? [node, ...groupsOf(node.layers)] : []));
}

/** The nodes from the root down to a layer, itself included; empty where it is not there. */
export function pathTo(tree: readonly Node[], id: number): readonly Node[] {
  for (const node of tree) {
    if (node.id === id) return [node];
    const below = node.isGroup ? pathTo(node.layers, id) : [];
    if (below.length > 0) return [node, ...below];
  }
  return [];
}

export function nodeWith(tree: readonly Node[], id: number): Node | null {
  return pathTo(tree, id).at(-1) ?? null;
}

/** Photoshop's own object for a layer of the tree; null where it is not there. Only the groups around it are asked. */
export function layerAt(document: Document, tree: readonly Node[], id: number): Layer | null {
  let found: Layer | null = null;
  for (const { id: step } of pathTo(tree, id)) {
    found = Array.from((found === null ? document.layers : found.layers) ?? []).find((layer) => layer.id === step) ?? null;
    if (found === null) return null;
  }
  return found;
}

/** The nodes that lie above one, beside it and beside the groups that hold it. */
export function above(tree: readonly Node[], wanted: number): readonly number[] {
  const found: number[] = [];
  let siblings = tree;
  for (const { id, layers } of pathTo(tree, wanted)) {
    found.push(...siblings.slice(0, siblings.findIndex((node) => node.id === id)).map((node) => node.id));
    siblings = layers;
  }
  return found;
}

/** The layers that are no groups, with the names of theirs, without what `left` has. */
export function leaves(tree: readonly Node[], left: ReadonlySet<number>, within = ""): { readonly id: number; readonly name: string }[] {
  return tree
    .filter(({ id }) => !left.has(id))
    .flatMap(({ id, name, isGroup, layers }) => (isGroup ? leaves(layers, left, `${within}${name} / `) : [{ id, name: within + name }]));
}
