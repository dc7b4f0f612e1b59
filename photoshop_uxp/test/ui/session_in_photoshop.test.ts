/** The session on the strict Photoshop in memory: plan, place, flip, keep, close. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DocumentHandle, Mask, Rect } from "../../src/host/host";
import { create } from "@bufbuild/protobuf";
import { packed, type planOf } from "../../src/client/messages";
import { ResultMemorySchema } from "../../src/gen/inlay/v1/memory_pb";
import { PhotoshopSession, type Server } from "../../src/session";
import type { RunningEdit } from "../../src/client/standing";
import type { PanelState } from "../../src/ui/model";
import type { Phase } from "../../src/client/standing";
import { fakeHost } from "../fake/host";
import { wish } from "../forms";

const REGION: Rect = { x: 8, y: 8, width: 16, height: 12 };
const MASK: Mask = { region: REGION, samples: new Uint8Array(REGION.width * REGION.height).fill(255) };
const WISH = wish();
const RASTER = { width: 16, height: 12, blob: "0" };
const MEMORY = {
  jobId: "job",
  recipe: { canvas: { document: {}, window: {}, source: RASTER }, where: { region: REGION, mask: RASTER }, words: {}, sampling: {} },
  patch: { bounds: REGION, pixels: RASTER, mask: RASTER },
};

/** Waits until the panel is told what the test expects. */
async function until(session: { state: PanelState }, what: string, isSo: (state: PanelState) => boolean): Promise<void> {
  for (let turn = 0; turn < 300; turn += 1) {
    if (isSo(session.state)) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`${what}: ${JSON.stringify(session.state)}`);
}

test("an edit in Photoshop's own terms, from the selection to the variation that is kept", async () => {
  const { fake, host, stage } = fakeHost();
  const questions: ReturnType<typeof planOf>[] = [];

  /** Places three variations, as an edit does once they arrived. */
  function begin(document: DocumentHandle): RunningEdit {
    let tell: () => void = () => undefined;
    const edit = {
      phase: "placing" as Phase,
      group: null as number | null,
      documentId: "",
      jobId: "job",
      name: "Erase",
      message: "",
      fraction: 0,
      position: null,
      etaS: null,
      preview: "",
      suggested: {},
      cancel: () => undefined,
      place: () => undefined,
      on: (listener: () => void) => void (tell = listener),
      get hasEnded(): boolean {
        return this.phase === "placed";
      },
    };
    const length = 4 * REGION.width * REGION.height;
    const place = async (): Promise<void> => {
      edit.documentId = await host.identify(document);
      ({ group: edit.group } = await host.place(document, {
        name: "Erase",
        mask: MASK,
        layers: [1, 2, 3].map((number) => ({
          name: `Variation ${number}`,
          load: () => Promise.resolve({ rect: REGION, channels: 4, samples: new Uint16Array(length).fill(32768) }),
          memory: packed(create(ResultMemorySchema, { ...MEMORY, variation: number - 1 })),
          blend: "",
          visible: number === 1,
        })),
        origin: { jobId: "job", documentId: edit.documentId, region: REGION, reads: "picture" },
        replaces: [],
        lands: "top",
      }));
      edit.phase = "placed";
      tell();
    };
    void place();
    return edit;
  }

  const rated: unknown[][] = [];
  const checked: unknown[][] = [];
  const server = {
    host,
    locale: "",
    view: { state: "ready", serverName: "", serverVersion: "", url: "", reason: "", description: null, models: [] },
    onChange: () => undefined,
    check: () => undefined,
    stop: () => undefined,
    jobs: () => Promise.resolve([]),
    plan: (question: ReturnType<typeof planOf>) => {
      questions.push(question);
      return Promise.resolve({ window: REGION, scale: 1, sentence: "" });
    },
    begin,
    checkBrand: (document: DocumentHandle, mask: Mask, style: string) => {
      checked.push([document, mask.region, style]);
      return Promise.resolve(`${checked.length} % are ours`);
    },
    rate: (...facts: unknown[]) => void rated.push(facts),
  } as unknown as Server;
  const session = new PhotoshopSession(host, server);
  session.wish(WISH);
  session.start();
  try {
    const document = await stage.create({ mode: "RGB", depth: 16, profile: "Adobe RGB (1998)" }, 48, 40, "white");
    await stage.select(document, MASK);
    await until(session, "a plan for the selection", ({ canRun, plan }) => canRun && typeof plan !== "string");
    assert.deepEqual(questions.at(-1)?.region, REGION);

    const before = stage.states(document);
    assert.equal(await session.run(WISH), true);
    await until(session, "the result in hand", ({ result }) => result?.variations.length === 3);
    assert.equal(stage.states(document), before + 1);
    assert.equal(session.state.result?.shown, 0);

    await session.inHand.flip(-1);
    assert.equal(session.state.result.shown, 2);
    assert.equal(session.state.result.kit, "", "no style is chosen");
    session.wish(wish({ more: { "sampling.style": "house" } }));
    await until(session, "a kit", ({ result }) => result?.kit === "house");
    await stage.select(document, null);
    await session.inHand.checkBrand("house");
    assert.deepEqual(checked, [[document, REGION, "house"]], "through the result's own mask");
    assert.equal(session.state.result.brand, "1 % are ours");
    await session.inHand.show(1);
    assert.equal(session.state.result.brand, "", "nothing was measured of the variation that shows now");
    await session.inHand.show(2);
    assert.equal(session.state.result.brand, "1 % are ours");
    await session.inHand.show(1);
    await until(session, "how they look", ({ result }) => result?.variations.every(({ picture }) => picture !== "") === true);
    await session.inHand.keep();
    assert.deepEqual(session.state.result.variations.map(({ name }) => name), ["Variation 2"]);
    assert.deepEqual(rated, [["job", 0, false], ["job", 1, true], ["job", 2, false]]);
    assert.equal(session.state.trouble, "");

    await stage.close(document);
    await until(session, "no picture", ({ plan, result }) => plan === "Open a picture to begin." && result === null);
    assert.deepEqual(fake.violations, []);
    assert.equal(fake.images, 0);
  } finally {
    session.stop();
  }
});
