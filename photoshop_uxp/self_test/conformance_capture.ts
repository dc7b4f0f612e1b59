/** Conformance: what is read from a document is what the document holds. */

import { maskDistance } from "../src/host/capture";
import type { Check } from "./conformance";
import { CANVAS, expect, expectSame, expectThrows, HEIGHT, picture, placementFor, REGION, RGB16, sameMask, softMask, WIDTH, withDocument, withPicture } from "./expect";
import { CannotEdit, DocumentGone, type Rect } from "../src/host/host";
import type { Kind } from "./stage";

const SRGB = "sRGB IEC61966-2.1";

export const KINDS: readonly (Kind & { readonly name: string })[] = [
  { name: "RGB 8 bit", mode: "RGB", depth: 8, profile: SRGB },
  { name: "RGB 16 bit Adobe RGB", mode: "RGB", depth: 16, profile: "Adobe RGB (1998)" },
  { name: "RGB 16 bit ProPhoto", mode: "RGB", depth: 16, profile: "ProPhoto RGB" },
  { name: "RGB 32 bit", mode: "RGB", depth: 32, profile: SRGB },
  { name: "Gray 8 bit", mode: "Gray", depth: 8, profile: "Gray Gamma 2.2" },
  { name: "Gray 16 bit", mode: "Gray", depth: 16, profile: "Gray Gamma 2.2" },
  { name: "Lab 8 bit", mode: "Lab", depth: 8, profile: "" },
  { name: "Lab 16 bit", mode: "Lab", depth: 16, profile: "" },
];

const samplesReturn: Check[] = KINDS.map((kind) => ({
  name: `${kind.name}: samples are read as they were written`,
  run: (host, stage) =>
    withDocument(stage, kind, async (document) => {
      const written = picture(kind, CANVAS, 1);
      await stage.addLayer(document, "Original", written);
      const facts = host.facts(document);
      expect(facts.mode === kind.mode && facts.depth === kind.depth, `The document is ${facts.mode} ${facts.depth}.`);
      const read = await host.readComposite(document, CANVAS, []);
      expectSame(read.samples, written.samples, "window");
    }),
}));

export const captureChecks: readonly Check[] = [
  ...samplesReturn,
  {
    name: "Facts name size, profile, and linear samples of 32 bit",
    run: async (host, stage) => {
      await withDocument(stage, RGB16, async (document) => {
        const { width, height, profile } = host.facts(document);
        expect(width === WIDTH && height === HEIGHT && profile === RGB16.profile, `${width} x ${height}, “${profile}”`);
      });
      await withDocument(stage, { ...RGB16, depth: 32, profile: SRGB }, async (document) => {
        const { profile } = host.facts(document);
        expect(profile.includes("(Linear "), `A 32-bit document's profile is “${profile}”.`);
      });
    },
  },
  {
    name: "A picture with a Background is read without alpha",
    run: (host, stage) =>
      withDocument(
        stage,
        RGB16,
        async (document) => {
          const { channels, samples } = await host.readComposite(document, REGION, []);
          expect(channels === 3, `${channels} channels`);
          expect(samples.every((value) => value === 32768), "White is not 32768.");
        },
        "white",
      ),
  },
  {
    name: "What Photoshop trims is padded back in its place",
    run: (host, stage) =>
      withDocument(stage, RGB16, async (document) => {
        const small: Rect = { x: 15, y: 12, width: 5, height: 4 };
        const written = picture(RGB16, small, 1);
        await stage.addLayer(document, "Spot", written);
        const { rect, channels, samples } = await host.readComposite(document, CANVAS, []);
        expect(rect.width === WIDTH && rect.height === HEIGHT && channels === 4, `${rect.width} x ${rect.height} x ${channels}`);
        const pixel = (x: number, y: number): number[] => Array.from(samples.subarray((y * WIDTH + x) * 4, (y * WIDTH + x) * 4 + 4));
        expect(pixel(14, 12).every((value) => value === 0), "There is something left of the spot.");
        expect(String(pixel(15, 12)) === String(Array.from(written.samples.subarray(0, 4))), `The spot begins with ${String(pixel(15, 12))}.`);
        expect(pixel(20, 15).every((value) => value === 0), "There is something right of the spot.");
      }),
  },
  {
    name: "A window without pixels is transparent",
    run: (host, stage) =>
      withDocument(stage, RGB16, async (document) => {
        const { channels, samples } = await host.readComposite(document, REGION, []);
        expect(channels === 4 && samples.length === 4 * REGION.width * REGION.height, `${samples.length} samples`);
        expect(samples.every((value) => value === 0), "It is not empty.");
      }),
  },
  {
    name: "A soft selection is read value for value",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const read = await host.readSelection(document);
        expect(sameMask(read, softMask(16)), "Values differ.");
        expect(String(Object.values(read.region)) === String(Object.values(REGION)), `It lies at ${JSON.stringify(read.region)}.`);
      }),
  },
  {
    name: "A soft selection of an 8-bit picture is read value for value",
    run: (host, stage) =>
      withPicture(stage, { ...RGB16, depth: 8 }, async (document) => {
        const read = await host.readSelection(document);
        expectSame(read.samples, softMask(8).samples, "selection");
      }),
  },
  {
    name: "The selection of a layer's transparency is that transparency, value for value",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const mask = softMask(16);
        const pixels = picture(RGB16, REGION, 3);
        const alpha = Uint16Array.from(mask.samples, (value) => Math.round((value * 32768) / 255));
        alpha.forEach((value, at) => (pixels.samples[4 * at + 3] = value));
        await stage.selectShape(document, await stage.addLayer(document, "Soft", pixels));
        const read = await host.readSelection(document);
        const distance = maskDistance(read, { region: REGION, samples: alpha });
        expect(distance <= 0.5 / 255 + 1e-6, `Values differ by ${(255 * distance).toFixed(1)} of 255.`);
      }),
  },
  {
    name: "A selection at the edges of the canvas is read whole",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const mask = softMask(16, CANVAS);
        await stage.select(document, mask);
        expect(sameMask(await host.readSelection(document), mask), "Values differ.");
      }),
  },
  {
    name: "Faint values far outside the ants are part of the selection",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const samples = new Uint8Array(CANVAS.width * CANVAS.height).map((_, at) => (at % CANVAS.width === 20 ? 255 : 3));
        await stage.select(document, { region: CANVAS, samples });
        expect(sameMask(await host.readSelection(document), { region: CANVAS, samples }), "Values differ.");
      }),
  },
  {
    name: "No selection is refused with a sentence",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        await stage.select(document, null);
        await expectThrows(host.readSelection(document), CannotEdit, "selectionOf");
      }),
  },
  {
    name: "A glance shows the document in front and its selection",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const glance = host.glance();
        expect(glance?.document === document, `document ${glance?.document}`);
        expect(glance.region !== null, "There is no region.");
        await stage.select(document, null);
        expect(host.glance()?.region === null, "There is a region without a selection.");
      }),
  },
  {
    name: "Reading leaves no history state and changes no layer",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const before = stage.states(document);
        const tree = JSON.stringify(stage.tree(document));
        await host.readSelection(document);
        await host.readComposite(document, CANVAS, []);
        expect(stage.states(document) === before, `${stage.states(document) - before} new states`);
        expect(JSON.stringify(stage.tree(document)) === tree, "The layers changed.");
      }),
  },
  {
    name: "A result is hidden for reading without a trace",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const original = await stage.read(document, CANVAS);
        const placement = await placementFor(host, document, RGB16, await host.readSelection(document));
        const { group } = await host.place(document, placement);
        const before = stage.states(document);
        const placed = await stage.read(document, CANVAS);
        const below = await host.readComposite(document, CANVAS, [group]);
        expectSame(below.samples, original.samples, "below the result");
        expect(stage.states(document) === before, `${stage.states(document) - before} new states`);
        expect((await host.results(document))[0]?.visible === true, "The result stayed hidden.");
        expectSame((await stage.read(document, CANVAS)).samples, placed.samples, "afterwards");
      }),
  },
  {
    name: "A document that was closed is named as such",
    run: async (host, stage) => {
      const document = await stage.create(RGB16, WIDTH, HEIGHT, "white");
      await stage.close(document);
      await expectThrows(Promise.resolve().then(() => host.facts(document)), DocumentGone, "facts");
      await expectThrows(host.readComposite(document, REGION, []), DocumentGone, "readComposite");
    },
  },
  {
    name: "A document keeps its id, and a copy beside it gets another",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const id = await host.identify(document);
        await host.place(document, await placementFor(host, document, RGB16, await host.readSelection(document)));
        const copy = await stage.duplicate(document);
        try {
          expect((await host.identify(document)) === id, "The id changed.");
          expect((await host.find(id)) === document, "The id leads elsewhere.");
          expect((await host.identify(copy)) !== id, "The copy has the same id.");
        } finally {
          await stage.close(copy);
        }
        expect((await host.find("no such id")) === null, "An unknown id was found.");
      }),
  },
];
