/** A retoucher's desk: the strict Photoshop in memory, and the plugin's server on a real one. */

import { type Remembered, unpacked } from "../../src/client/messages";
import type { DocumentHandle, Mask, Pixels, Placement, Result } from "../../src/host/host";
import { CANVAS, picture, softMask } from "../../self_test/expect";
import type { Kind } from "../../self_test/stage";
import { InlayServer } from "../../src/server";
import type { RunningEdit } from "../../src/client/standing";
import type { Phase } from "../../src/client/standing";
import { fakeHost, type FakeHost } from "../fake/host";
import type { Switches } from "../fake/switches";
import type { Wish } from "../../src/wish";
import { wish } from "../forms";

export const RGB16: Kind = { mode: "RGB", depth: 16, profile: "Adobe RGB (1998)" };
/** The dice of WISH once more. */
export const SAME = { seed: 5, count: 2 } as const;
export const WISH: Wish = wish();

/** What a desk may do to its line: see, change or refuse a request. */
export type Intercept = (method: string, send: () => Promise<Response>, init: RequestInit | undefined) => Promise<Response>;

/** A placement with the pixels that it loaded. */
export type Seen = Omit<Placement, "layers"> & { readonly layers: readonly { readonly name: string; readonly pixels: Pixels; readonly memory: string }[] };

export interface Desk extends FakeHost {
  readonly server: InlayServer;
  /** The methods that were called, oldest first. */
  readonly asked: string[];
  /** What was placed, oldest first. */
  readonly placements: Seen[];
}

/** A desk whose server is ready. Call `desk.server.stop()` in the end. */
export async function deskAt(url: string, switches: Partial<Switches> = {}, intercept: Intercept = (_, send) => send()): Promise<Desk> {
  const room = fakeHost(switches);
  const asked: string[] = [];
  const placements: Seen[] = [];
  const native: typeof fetch = (input, init) => {
    const method = (input as string).split("/").pop() ?? "";
    asked.push(method);
    return intercept(method, () => fetch(input, init), init);
  };
  const { host } = room;
  const place = host.place.bind(host);
  Object.assign(host, {
    place: async (document: DocumentHandle, placement: Placement) => {
      const layers = await Promise.all(placement.layers.map(async ({ name, load, memory }) => ({ name, pixels: await load(), memory })));
      placements.push({ ...placement, layers });
      return place(document, placement);
    },
  });
  host.settings.write("server", url);
  const server = new InlayServer(host, native, "");
  await new Promise<void>((resolve) => {
    server.onChange(() => {
      if (server.view.state === "ready") {
        resolve();
      }
    });
    server.check();
  });
  return { ...room, server, asked, placements };
}

/** A picture with one layer of its own, and a soft selection. */
export async function open(
  { stage }: Desk,
  kind: Kind = RGB16,
  pixels: Pixels = picture(kind, CANVAS, 1),
  mask: Mask = softMask(kind.depth),
): Promise<DocumentHandle> {
  const document = await stage.create(kind, pixels.rect.width, pixels.rect.height, "transparent");
  await stage.addLayer(document, "Original", pixels);
  await stage.select(document, mask);
  return document;
}

/** Resolves once the edit has ended, or is in `phase`. */
export function turned(edit: RunningEdit, phase?: Phase): Promise<RunningEdit> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (edit.hasEnded || edit.phase === phase) {
        resolve(edit);
      }
    };
    edit.on(look);
    look();
  });
}

/** What a result's variation remembers; the first one's. */
export function memoryIn({ variations }: Result, at = 0): Remembered {
  const memory = unpacked(variations[at]?.memory ?? "");
  if (memory === null) throw new Error("The variation remembers nothing.");
  return memory;
}

/** The only result of a document. */
export async function only({ host }: Pick<Desk, "host">, document: DocumentHandle): Promise<Result> {
  const [result, ...others] = await host.results(document);
  if (result === undefined || others.length > 0) throw new Error(`${others.length} results beside the first.`);
  return result;
}

/** An edit that has ended in its place. */
export async function placed(edit: RunningEdit): Promise<RunningEdit> {
  await turned(edit);
  if (edit.phase !== "placed") throw new Error(`It is ${edit.phase}: ${edit.message}`);
  return edit;
}
