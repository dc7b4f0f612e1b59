/**
 * What a document says of itself: its XMP packet, by batchPlay. Reference: Adobe, "XMP in UXP"; no Photoshop has shown it to us, which is
 * why whatever goes wrong here costs the mark and never a result.
 */

import type { Document } from "photoshop/dom/Document";

import type { Restated } from "./host";
import { type Photoshop, play } from "./layers";

const XMP = "XMPMetadataAsUTF8";

function targetOf(document: Document) {
  return [{ _ref: "property", _property: XMP }, { _ref: "document", _id: document.id }];
}

/** The document's packet; empty: it has none. Throws where Photoshop does not tell. */
export async function readXmp(ps: Photoshop, document: Document): Promise<string> {
  const [answer] = await play(ps, [{ _obj: "get", _target: targetOf(document) }]);
  const packet = answer?.[XMP];
  return typeof packet === "string" ? packet : "";
}

/** Whether the document says the new packet, or had nothing to say anew. What somebody else wrote meanwhile stays. Inside a modal scope. */
export async function restate(ps: Photoshop, document: Document, { was, becomes }: Restated): Promise<boolean> {
  if (becomes === "") return true;
  try {
    if ((await readXmp(ps, document)) !== was) return false;
    await play(ps, [{ _obj: "set", _target: targetOf(document), to: { _obj: "document", [XMP]: becomes } }]);
    return (await readXmp(ps, document)) !== was; // Photoshop writes it in its own way, but it writes it.
  } catch {
    return false;
  }
}
