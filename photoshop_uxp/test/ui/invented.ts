/** The page of the invented verb: the whole plugin in Chromium, on the strict Photoshop in memory; its fetch goes through the test. */

import { InlayServer } from "../../src/server";
import { unpacked } from "../../src/client/messages";
import { PhotoshopSession } from "../../src/session";
import { Panel } from "../../src/ui/panel";
import { fakeHost } from "../fake/host";
import { defineWidgets } from "./widgets";

const WIDTH = 40;
const HEIGHT = 32;
const CANVAS = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
const REGION = { x: 12, y: 8, width: 16, height: 12 };
const KIND = { mode: "RGB", depth: 8, profile: "sRGB IEC61966-2.1" } as const;

interface Asked {
  readonly id: number;
  readonly url: string;
  readonly headers: unknown;
  readonly body: readonly number[];
}

let number = 0;
const asked: Asked[] = [];
const answers = new Map<number, (response: Response) => void>();

/** What the test has to fetch for the page. */
function take(): readonly Asked[] {
  return asked.splice(0);
}

function answer(id: number, status: number, type: string, body: readonly number[]): void {
  answers.get(id)?.(new Response(Uint8Array.from(body), { status, headers: { "content-type": type } }));
  answers.delete(id);
}

const bridge = ((url: string, init: RequestInit) => {
  const id = ++number;
  asked.push({ id, url, headers: init.headers, body: Array.from((init.body as Uint8Array | undefined) ?? []) });
  return new Promise<Response>((resolve) => answers.set(id, resolve));
}) as typeof fetch;

/** One colour in `rect`, opaque. */
function flat(color: readonly number[], rect: typeof CANVAS) {
  return { rect, channels: 4, samples: new Uint8Array(rect.width * rect.height * 4).map((_, at) => color[at % 4] ?? 255) };
}

async function begin(url: string, token: string): Promise<void> {
  const { fake, host, stage } = fakeHost();
  host.settings.write("server", url);
  await host.settings.writeSecret("token", token);
  const session = new PhotoshopSession(host, new InlayServer(host, bridge, ""));
  const panel = new Panel(session);
  document.body.appendChild(panel.element);
  session.panelIsShown();
  const picture = await stage.create(KIND, WIDTH, HEIGHT, "transparent");
  const sky = await stage.addLayer(picture, "Sky", flat([10, 200, 90], CANVAS));
  await stage.addLayer(picture, "Original", flat([200, 100, 50], CANVAS));
  await stage.select(picture, { region: REGION, samples: new Uint8Array(REGION.width * REGION.height).fill(255) });
  session.start();
  Object.assign(window, {
    room: {
      session,
      sky,
      violations: fake.violations,
      /** What is seen at a point: red, green, blue. */
      at: async (x: number, y: number) => Array.from((await stage.read(picture, { x, y, width: 1, height: 1 })).samples).slice(0, 3),
      results: async () => (await host.results(picture)).map(({ name, variations }) => ({ name, receipts: variations.map(({ memory }) => unpacked(memory)?.receiptJson ?? "") })),
    },
  });
}

defineWidgets();
Object.assign(window, { bridge: { take, answer, begin } });
