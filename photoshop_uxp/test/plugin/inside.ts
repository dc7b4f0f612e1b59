/**
 * The Photoshop around a built plugin, inside its JavaScript context: `require`, a document to draw the panel in, and a room
 * for tests to open pictures and to look at them.
 */

import { type Kind, photoshopStage } from "../../self_test/stage";
import type { DocumentHandle, Facts, Pixels } from "../../src/host/host";
import { whiteOf } from "../../src/host/capture";
import type { Uxp } from "../../src/host/uxp";
import { CANVAS, picture, REGION, sameMask, softMask } from "../../self_test/expect";
import { PhotoshopHost } from "../../src/host/photoshop";
import { type FakeFile, FakePhotoshop } from "../fake/photoshop";
import { fakeUxp } from "../fake/host";
import { fakeDocument } from "./elements";

interface Entrypoints {
  readonly plugin: { create(): void; destroy(): void };
  readonly panels: Readonly<Record<string, { create(root: unknown): void; show(root: unknown): void }>>;
  readonly commands: Readonly<Record<string, { run(): void }>>;
}

/** What an edit left in a document. */
export interface Outcome {
  readonly facts: Facts;
  readonly states: number;
  readonly layers: readonly string[];
  readonly memories: readonly string[];
  readonly isMaskTheSelection: boolean;
  readonly changedOutside: number;
  readonly changedInside: number;
  readonly isOriginalUntouched: boolean;
  readonly violations: readonly string[];
  readonly images: number;
}

const fake = new FakePhotoshop();
const secrets = new Map<string, string>();
const uxp: Uxp = {
  ...fakeUxp(),
  secrets: {
    getItem: async (key) => Uint8Array.from(secrets.get(key) ?? "", (letter) => letter.charCodeAt(0)),
    setItem: async (key, value) => void secrets.set(key, value),
    removeItem: async (key) => void secrets.delete(key),
  },
};
const host = new PhotoshopHost(fake.module, uxp);
const fileOf = async (name: string): Promise<FakeFile> => ({ name, path: `/tmp/${name}`, saved: null });
const stage = photoshopStage(fake.module, fileOf);
let entrypoints: Entrypoints | null = null;
/** What the script had asked Photoshop for when it set its entry points up. */
let askedBeforeSetUp: readonly string[] = [];
const asked: string[] = [];
/** What was saved with a file picker, by name, and what was copied last, as “clipboard”. */
const kept = new Map<string, string>();

const modules: Readonly<Record<string, unknown>> = {
  photoshop: fake.module,
  uxp: {
    host: uxp.host,
    storage: {
      secureStorage: uxp.secrets,
      localFileSystem: {
        getTemporaryFolder: async () => ({ createFile: fileOf }),
        getFileForSaving: async (name: string) => ({ write: async (text: string) => void kept.set(name, text) }),
      },
    },
    entrypoints: {
      setup(given: Entrypoints) {
        if (entrypoints !== null) {
          throw new Error("Entry points are set up once.");
        }
        entrypoints = given;
        askedBeforeSetUp = [...asked];
      },
    },
  },
};

const room = {
  /** What Photoshop does once the script is loaded. */
  load(): readonly string[] {
    if (entrypoints === null) {
      throw new Error("The script ended without setting its entry points up.");
    }
    entrypoints.plugin.create();
    entrypoints.panels["main"]?.create(fakeDocument.body);
    entrypoints.panels["main"]?.show(fakeDocument.body);
    return Object.keys(entrypoints.commands);
  },
  /** As when the plugin is loaded by a command, its panel closed. */
  loadWithoutPanel(): void {
    entrypoints?.plugin.create();
  },
  askedBeforeSetUp: (): readonly string[] => askedBeforeSetUp,
  alerts: (): readonly string[] => fake.alerts,
  unload(): void {
    entrypoints?.plugin.destroy();
  },
  command(id: string): void {
    entrypoints?.commands[id]?.run();
  },
  /** The panel as text. */
  panel: (): string => fakeDocument.body.textContent,
  async open(kind: Kind): Promise<DocumentHandle> {
    const document = await stage.create(kind, CANVAS.width, CANVAS.height, "transparent");
    await stage.addLayer(document, "Original", sceneOf(kind));
    await stage.select(document, softMask(kind.depth));
    return document;
  },
  /** A picture of one colour, 16 bit. */
  async openFlat(color: readonly number[]): Promise<void> {
    const kind: Kind = { mode: "RGB", depth: 16, profile: "sRGB IEC61966-2.1" };
    const samples = new Uint16Array(CANVAS.width * CANVAS.height * 4).map((_, at) => color[at % 4] ?? 32768);
    const document = await stage.create(kind, CANVAS.width, CANVAS.height, "transparent");
    await stage.addLayer(document, "Flat", { rect: CANVAS, channels: 4, samples });
    await stage.select(document, softMask(kind.depth));
  },
  /** Chooses Recolor and types its target. */
  recolor(target: string): void {
    const list = fakeDocument.body.find("list");
    const titles = list?.children[0]?.children.map(({ textContent }) => textContent) ?? [];
    Object.assign(list ?? {}, { selectedIndex: titles.indexOf("Recolor") });
    list?.fire("change");
    const color = fakeDocument.body.find("line");
    Object.assign(color ?? {}, { value: target });
    color?.fire("input");
  },
  press(text: string): void {
    fakeDocument.body.button(text).fire("click");
  },
  kept: (name: string): string => kept.get(name) ?? "",
  documents: (): number => fake.documents.length,
  images: (): number => fake.images,
  violations: (): readonly string[] => fake.violations,
  states: (document: DocumentHandle): number => stage.states(document),
  async results(document: DocumentHandle): Promise<number> {
    return (await host.results(document)).length;
  },
  async outcome(document: DocumentHandle, kind: Kind): Promise<Outcome> {
    const [result] = await host.results(document);
    const original = stage.tree(document).find(({ name }) => name === "Original");
    if (!result || !original) {
      throw new Error("The result or the original is missing.");
    }
    const mask = await stage.readMask(document, result.group, CANVAS);
    const wanted = softMask(kind.depth);
    const before = sceneOf(kind).samples;
    const after = (await stage.read(document, CANVAS)).samples;
    const layer = (await stage.read(document, CANVAS, original.id)).samples;
    const channels = before.length / (CANVAS.width * CANVAS.height);
    let [changedOutside, changedInside] = [0, 0];
    before.forEach((sample, at) => {
      const pixel = Math.floor(at / channels);
      const [x, y] = [pixel % CANVAS.width, Math.floor(pixel / CANVAS.width)];
      const isInside = x >= REGION.x && y >= REGION.y && x < REGION.x + REGION.width && y < REGION.y + REGION.height;
      const value = isInside ? (wanted.samples[(y - REGION.y) * REGION.width + x - REGION.x] ?? 0) : 0;
      if (sample !== after[at]) {
        if (value === 0) {
          changedOutside += 1;
        } else {
          changedInside += 1;
        }
      }
    });
    return {
      facts: host.facts(document),
      states: stage.states(document),
      layers: result.variations.map(({ name, visible }) => `${name}${visible ? " visible" : ""}`),
      memories: result.variations.map(({ memory }) => memory),
      isMaskTheSelection: mask !== null && sameMask(mask, wanted),
      changedOutside,
      changedInside,
      isOriginalUntouched: String(layer) === String(before),
      violations: fake.violations,
      images: fake.images,
    };
  },
};
export type Room = typeof room;

/** A picture with a stranger in the middle of the selection, so that erasing it shows. */
function sceneOf(kind: Kind): Pixels {
  const { rect, channels, samples } = picture(kind, CANVAS, 1);
  const white = whiteOf(samples);
  for (let y = REGION.y + 2; y < REGION.y + REGION.height - 2; y += 1) {
    for (let x = REGION.x + 2; x < REGION.x + REGION.width - 2; x += 1) {
      samples.fill(white, (y * CANVAS.width + x) * channels, (y * CANVAS.width + x + 1) * channels);
    }
  }
  return { rect, channels, samples };
}

/** The settings of this Photoshop, from an earlier session; a script before this one gives them. */
declare const earlier: { readonly url: string; readonly token: string };
uxp.items.setItem("inlay.server", earlier.url);
secrets.set("inlay.token", earlier.token);

Object.assign(globalThis, {
  require: (name: string) => {
    asked.push(name);
    return modules[name];
  },
  document: {
    ...fakeDocument,
    createElement: (tag: string) => {
      asked.push(tag);
      return fakeDocument.createElement(tag);
    },
  },
  localStorage: uxp.items,
  navigator: { platform: "Win32", clipboard: { writeText: async (text: string) => void kept.set("clipboard", text) } },
  room,
});
