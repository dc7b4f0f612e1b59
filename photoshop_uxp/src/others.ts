/** Results that are no patch, once they are in a document: what they remember, and where a part of an enlarged picture belongs. */

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { type ResultMemory, ResultMemorySchema } from "./gen/inlay/v1/memory_pb";
import type { DocumentHandle, Pixels, Rect, Restated } from "./host/host";
import type { Host } from "./host/photoshop";
import { say } from "./words";

/** On the group of layers, or the layer of a picture. `memory`: the contract's ResultMemory without a patch, as text. */
interface OtherNote {
  readonly other: string;
  /** Of a picture: what of which document it is, and how many times as large. */
  readonly enlarged?: { readonly documentId: string; readonly region: Rect; readonly scale: number };
}

const VERSION = 1;

/** The note of a result. Empty where there is nothing to remember. */
export function noteOf(memory: ResultMemory | undefined, enlarged?: OtherNote["enlarged"]): string {
  const other = memory ? base64Encode(toBinary(ResultMemorySchema, memory)) : "";
  return memory || enlarged ? JSON.stringify({ inlay: VERSION, other, ...(enlarged && { enlarged }) }) : "";
}

function read(json: string): OtherNote | null {
  try {
    const note = JSON.parse(json) as Partial<OtherNote> & { inlay?: unknown };
    return note.inlay === VERSION && typeof note.other === "string" ? { other: note.other, ...(note.enlarged && { enlarged: note.enlarged }) } : null;
  } catch {
    return null;
  }
}

/** What the layers of a document remember of results that are no patch, top to bottom. */
export async function othersOf(host: Host, document: DocumentHandle): Promise<readonly { readonly layer: number; readonly memory: ResultMemory }[]> {
  return (await host.notes(document)).flatMap(({ layer, json }) => {
    const note = read(json);
    return note === null || note.other === "" ? [] : [{ layer, memory: fromBinary(ResultMemorySchema, base64Decode(note.other)) }];
  });
}

type Said = (home: DocumentHandle) => Promise<Restated | null>;

/** Where a picture comes from. */
export interface Source {
  readonly document: DocumentHandle;
  readonly documentId: string;
  readonly region: Rect;
}

/**
 * Opens a picture as a document of its own. A part of a document that was enlarged as much before becomes a layer of that one, at its
 * place. `said`: what the metadata of a document that takes it are to say. Returns what there is to know.
 */
export async function putPicture(host: Host, name: string, source: Source, picture: Pixels, memory: ResultMemory | undefined, said: Said): Promise<string> {
  const { document, documentId, region } = source;
  const scale = picture.rect.width / region.width;
  const isRegion = Number.isInteger(scale) && picture.rect.height === region.height * scale;
  const home = isRegion ? await homeOf(host, source, scale) : null;
  if (home === null) {
    const made = await host.open(document, name, picture, noteOf(memory, isRegion ? { documentId, region, scale } : undefined));
    return host.restate(made, await said(made));
  }
  const { x, y } = home;
  const load = (): Promise<Pixels> => Promise.resolve({ ...picture, rect: { ...picture.rect, x, y } });
  const layers = [{ name, load, memory: "", blend: "", visible: true }];
  await host.place(home.larger, { name, layers, mask: null, origin: null, replaces: [], lands: "top", note: noteOf(memory), xmp: await said(home.larger) });
  return say("finding.is_in", { document: host.nameOf(home.larger) });
}

async function homeOf(host: Host, { document, documentId, region }: Source, scale: number): Promise<{ larger: DocumentHandle; x: number; y: number } | null> {
  const { width: _width, height: _height, ...kind } = host.facts(document);
  for (const larger of host.handles()) {
    const { width, height, ...itsKind } = host.facts(larger);
    if (larger === document || JSON.stringify(kind) !== JSON.stringify(itsKind)) continue;
    for (const { json } of await host.notes(larger)) {
      const whole = read(json)?.enlarged;
      if (whole?.documentId !== documentId || whole.scale !== scale) continue;
      const [x, y] = [region.x - whole.region.x, region.y - whole.region.y];
      const isInside = x >= 0 && y >= 0 && x + region.width <= whole.region.width && y + region.height <= whole.region.height;
      if (isInside && width === whole.region.width * scale && height === whole.region.height * scale) return { larger, x: x * scale, y: y * scale };
    }
  }
  return null;
}
