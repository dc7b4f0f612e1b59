/** Conformance: a result is placed as promised, and nothing else in the document changes. */

import { copyRect, cropMask, whiteOf } from "../src/host/capture";
import type { Check } from "./conformance";
import { KINDS } from "./conformance_capture";
import { CANVAS, expect, expectSame, expectThrows, HEIGHT, picture, placementFor, REGION, RGB16, sameMask, saying, softMask, WIDTH, withPicture } from "./expect";
import { DocumentGone, type DocumentHandle, type Mask, type Result } from "../src/host/host";
import type { Host } from "../src/host/photoshop";
import type { Kind, Stage } from "./stage";

const HUMAN = "http://cv.iptc.org/newscodes/digitalsourcetype/humanEdits";

/** Places a result of `count` variations in a new picture, and hands over what to look at. */
function placed(
  name: string,
  look: (given: { host: Host; stage: Stage; document: DocumentHandle; layer: number; group: number; mask: Mask; result: Result }) => Promise<void>,
  { kind = RGB16, count = 2 }: { kind?: Kind; count?: number } = {},
): Check {
  return {
    name,
    run: (host, stage) =>
      withPicture(stage, kind, async (document, layer) => {
        const mask = await host.readSelection(document);
        const { group } = await host.place(document, await placementFor(host, document, kind, mask, count));
        const result = (await host.results(document)).find((known) => known.group === group);
        expect(result !== undefined, "The result is not among the document's results.");
        await look({ host, stage, document, layer, group, mask, result });
      }),
  };
}

const outsideStays: Check[] = KINDS.map((kind) => ({
  name: `${kind.name}: outside the mask the composite is bit-identical, inside it is the result`,
  run: (host, stage) =>
    withPicture(stage, kind, async (document, layer) => {
      const before = await host.readComposite(document, CANVAS, []);
      const mask = await host.readSelection(document);
      const placement = await placementFor(host, document, kind, mask);
      await host.place(document, placement);
      const after = await host.readComposite(document, CANVAS, []);
      const wide = cropMask(softMask(kind.depth), CANVAS).samples; // As it was selected: what was read of it might be inverted twice.
      const white = whiteOf(after.samples);
      const step = kind.depth === 8 ? 1 : white / 4096;
      const patch = copyRect((await placement.layers[0]?.load()) ?? after, CANVAS);
      for (let at = 0; at < after.samples.length; at++) {
        const value = wide[Math.floor(at / after.channels)] ?? 0;
        const [old, now, seen] = [before.samples[at] ?? 0, patch.samples[at] ?? 0, after.samples[at] ?? 0];
        const wanted = old + ((now - old) * value) / 255;
        const tolerance = value === 0 || value === 255 ? 0 : step;
        expect(Math.abs(seen - wanted) <= tolerance, `sample ${at} is ${seen} instead of ${wanted}, where the mask is ${value}`);
      }
      expectSame((await stage.read(document, CANVAS, layer)).samples, before.samples, "the original layer");
    }),
}));

export const placeChecks: readonly Check[] = [
  ...outsideStays,
  placed("The mask on the group equals the selection", async ({ host, document, group, mask }) => {
    const read = await host.readMask(document, group);
    expect(read !== null, "There is no mask.");
    expect(sameMask(read, mask), "Values differ.");
  }),
  placed("The mask hides everything outside the selection, to the corners", async ({ stage, document, group, mask }) => {
    const read = await stage.readMask(document, group, CANVAS);
    expect(read !== null && sameMask(cropMask(read, CANVAS), mask), "Something shows outside.");
  }),
  placed("The group has the prompt's name", async ({ result }) => expect(result.name.startsWith("A red lantern"), result.name)),
  placed("Variations lie in order, the first visible", async ({ result }) => {
    const shown = result.variations.map(({ name, visible }) => `${name}${visible ? "*" : ""}`).join(" ");
    expect(shown === "Variation 1 (seed 0)* Variation 2 (seed 1) Variation 3 (seed 2)", shown);
  }, { count: 3 }),
  placed("Variations hold the pixels they were given, crop-sized", async ({ host, stage, document, mask, result }) => {
    const { layers } = await placementFor(host, document, RGB16, mask);
    const first = await stage.read(document, mask.region, result.variations[0]?.layer);
    expectSame(first.samples, (await layers[0]?.load())?.samples ?? first.samples, "variation 1");
  }),
  placed("The origin lies on the group and a memory on each layer", async ({ result }) => {
    expect(result.origin.jobId === "job-1", JSON.stringify(result.origin));
    expect(JSON.stringify(result.origin.region) === JSON.stringify(REGION), "The region differs.");
    const memories = result.variations.map(({ memory }) => memory).join();
    expect(memories === "memory 0,memory 1", memories);
  }),
  {
    name: "Placing is exactly one history state, and one undo takes all of it away",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const before = stage.states(document);
        const tree = JSON.stringify(stage.tree(document));
        const samples = (await stage.read(document, CANVAS)).samples;
        await host.place(document, await placementFor(host, document, RGB16, await host.readSelection(document), 3));
        expect(stage.states(document) === before + 1, `${stage.states(document) - before} new states`);
        await stage.undo(document);
        expect(JSON.stringify(stage.tree(document)) === tree, "The layers are not as before.");
        expectSame((await stage.read(document, CANVAS)).samples, samples, "after undo");
        expect((await host.results(document)).length === 0, "There still is a result.");
      }),
  },
  placed("Selection and active layer are as before", async ({ host, stage, document, layer, mask }) => {
    expect(String(stage.active(document)) === String(layer), `active: ${String(stage.active(document))}`);
    expect(sameMask(await host.readSelection(document), mask), "The selection changed.");
  }),
  placed("What the retoucher adds to a result stays: no variation, and neither Keep nor a later result deletes it", async ({ host, stage, document, group, mask }) => {
    await stage.activate(document, [group]);
    const [first] = (await host.results(document))[0]?.variations ?? [];
    await stage.activate(document, [first?.layer ?? group]);
    const own = await stage.addLayer(document, "Clean-up", picture(RGB16, REGION, 9));
    const [result] = await host.results(document);
    expect(result?.variations.length === 2, `${result?.variations.length} variations`);
    await host.keep(result);
    const next = await placementFor(host, document, RGB16, mask);
    await host.place(document, { ...next, origin: next.origin && { ...next.origin, jobId: "job-2" }, replaces: [{ group, isAlike: true }] });
    const earlier = stage.tree(document).find(({ id }) => id === group);
    expect(earlier?.visible === false, "The earlier result is not hidden.");
    expect(earlier.layers.some(({ id, visible }) => id === own && visible), "The layer is gone.");
  }),
  placed("A variation that was painted on is not deleted by Keep or by a later result", async ({ host, stage, document, group, mask, result }) => {
    const [first, second] = result.variations;
    expect(first !== undefined && second !== undefined, "There are no variations.");
    await host.show(result, 1);
    await stage.paint(document, second.layer, picture(RGB16, REGION, 9));
    await host.show(result, 0);
    const [flipped] = await host.results(document);
    expect(flipped !== undefined, "There is no result.");
    await host.keep(flipped);
    const [kept] = await host.results(document);
    expect(kept?.variations.length === 2, "The painted one is gone.");
    const next = await placementFor(host, document, RGB16, mask);
    await host.place(document, { ...next, origin: next.origin && { ...next.origin, jobId: "job-2" }, replaces: [{ group, isAlike: false }] });
    const earlier = stage.tree(document).find(({ id }) => id === group);
    expect(earlier?.visible === false && earlier.layers.length === 2, "The earlier result is gone.");
  }),
  {
    name: "A brush on a layer's mask stays on it",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document, layer) => {
        await stage.brushOnMask(document, layer);
        expect(await stage.isBrushOnMask(document), "The mask could not be targeted.");
        await host.place(document, await placementFor(host, document, RGB16, await host.readSelection(document)));
        expect(await stage.isBrushOnMask(document), "The next stroke would be on the picture.");
      }),
  },
  {
    name: "A result's group has blend mode Normal",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const { group } = await host.place(document, await placementFor(host, document, RGB16, await host.readSelection(document)));
        expect(await stage.isNormal(document, group), "It has another.");
      }),
  },
  {
    name: "Several active layers stay active",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document, layer) => {
        const second = await stage.addGroup(document, "Folder");
        await stage.activate(document, [layer, second]);
        const mask = await host.readSelection(document);
        await host.place(document, await placementFor(host, document, RGB16, mask));
        const active = [...stage.active(document)].sort().join();
        expect(active === [layer, second].sort().join(), `active: ${active}`);
      }),
  },
  {
    name: "A picture without a selection stays without one",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const mask = await host.readSelection(document);
        await stage.select(document, null);
        await host.place(document, await placementFor(host, document, RGB16, mask));
        expect(host.glance()?.region === null, "There is a selection.");
        expect((await host.results(document)).length === 1, "There is no result.");
      }),
  },
  {
    name: "A result lies on top of everything, whatever layer is active",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document, layer) => {
        await stage.addGroup(document, "Folder");
        await stage.activate(document, [layer]);
        const { group } = await host.place(document, await placementFor(host, document, RGB16, await host.readSelection(document)));
        expect(stage.tree(document)[0]?.id === group, JSON.stringify(stage.tree(document)));
      }),
  },
  {
    name: "A result goes into its own document while another is in front",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const placement = await placementFor(host, document, RGB16, await host.readSelection(document));
        await withPicture(stage, RGB16, async (other) => {
          const tree = JSON.stringify(stage.tree(other));
          const states = stage.states(other);
          await host.place(document, placement);
          expect(stage.front() === other, "Another document is in front.");
          expect(JSON.stringify(stage.tree(other)) === tree && stage.states(other) === states, "The document in front changed.");
          expect((await host.results(document)).length === 1, "The result is missing.");
          expect((await host.results(other)).length === 0, "The result is in the wrong document.");
        });
      }),
  },
  {
    name: "A placement that fails leaves nothing behind",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const placement = await placementFor(host, document, RGB16, await host.readSelection(document));
        const [first] = placement.layers;
        expect(first !== undefined, "There is no layer.");
        const pixels = await first.load();
        const broken = { ...first, load: () => Promise.resolve({ ...pixels, samples: pixels.samples.subarray(1) }) };
        const before = [stage.states(document), JSON.stringify(stage.tree(document))].join();
        await expectThrows(host.place(document, { ...placement, layers: [first, broken] }), Error, "place");
        expect([stage.states(document), JSON.stringify(stage.tree(document))].join() === before, "Something is left.");
      }),
  },
  {
    name: "Placing into a closed document says so",
    run: async (host, stage) => {
      const document = await stage.create(RGB16, WIDTH, HEIGHT, "transparent");
      const samples = new Uint8Array(REGION.width * REGION.height).fill(255);
      const placement = await placementFor(host, document, RGB16, { region: REGION, samples });
      await stage.close(document);
      await expectThrows(host.place(document, placement), DocumentGone, "place");
    },
  },
  placed("Flipping shows one variation and no original changes", async ({ host, stage, document, layer, result }) => {
    const original = await stage.read(document, CANVAS, layer);
    await host.show(result, 1);
    const [after] = await host.results(document);
    expect(after?.variations.map(({ visible }) => visible).join() === "false,true,false", "The wrong ones are visible.");
    expectSame((await stage.read(document, CANVAS, layer)).samples, original.samples, "the original layer");
  }, { count: 3 }),
  placed("Keeping is one history state and leaves the visible variation with its mask", async ({ host, stage, document, group, mask, result }) => {
    await host.show(result, 1);
    const [flipped] = await host.results(document);
    expect(flipped !== undefined, "There is no result.");
    const before = stage.states(document);
    await host.keep(flipped);
    expect(stage.states(document) === before + 1, `${stage.states(document) - before} new states`);
    const [kept] = await host.results(document);
    expect(kept?.variations.map(({ name }) => name).join() === "Variation 2 (seed 1)", "The wrong ones are left.");
    const read = await host.readMask(document, group);
    expect(read !== null && sameMask(read, mask), "The mask changed.");
  }, { count: 3 }),
  placed("A result takes the place of an earlier one, with its variations, as one history state", async ({ host, stage, document, group, mask }) => {
    const before = stage.states(document);
    const next = await placementFor(host, document, RGB16, mask);
    await host.place(document, { ...next, origin: next.origin && { ...next.origin, jobId: "job-2" }, replaces: [{ group, isAlike: true }] });
    const results = await host.results(document);
    expect(results.length === 1 && results[0]?.origin.jobId === "job-2", `${results.length} results`);
    expect(results[0].variations.length === 4, `${results[0].variations.length} variations`);
    expect(results[0].variations.map(({ visible }) => visible).join() === "true,false,false,false", "The wrong ones are visible.");
    expect(stage.states(document) === before + 1, `${stage.states(document) - before} new states`);
  }),
  placed("The result in hand is the one the active layer belongs to", async ({ host, stage, document, layer, group, result }) => {
    await stage.activate(document, [layer]);
    expect((await host.resultInHand(document)) === null, "The original is taken for a result.");
    await stage.activate(document, [result.variations[1]?.layer ?? 0]);
    expect((await host.resultInHand(document))?.group === group, "A variation is not recognised.");
    await stage.activate(document, [group]);
    expect((await host.resultInHand(document))?.group === group, "The group is not recognised.");
  }),
  {
    name: "How the picture was made is in the document's metadata, beside what stood there, in the result's one history state, also when saved and opened again",
    run: (host, stage) =>
      withPicture(stage, RGB16, async (document) => {
        const first = await host.xmp(document);
        const note = await host.restate(document, { was: first, becomes: saying(first, "http://purl.org/dc/elements/1.1/", "source", "Inlay Self-Test") });
        expect(note === "", note);
        const was = await host.xmp(document);
        const before = stage.states(document);
        const placement = await placementFor(host, document, RGB16, await host.readSelection(document));
        const xmp = { was, becomes: saying(was, "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "DigitalSourceType", HUMAN) };
        const placed = await host.place(document, { ...placement, xmp });
        expect(placed.note === "", placed.note);
        expect(stage.states(document) === before + 1, `${stage.states(document) - before} new states`);
        const says = (packet: string): void => expect(packet.includes(HUMAN) && packet.includes("Inlay Self-Test"), packet);
        says(await host.xmp(document));
        const again = await stage.saveAndReopen(document);
        try {
          says(await host.xmp(again));
        } finally {
          await stage.close(again);
        }
      }),
  },
  placed("A format is a document with a copy of the layers without the result, cut and grown without moving a sample", async ({ host, stage, document, layer, group }) => {
    const crop = { x: 7, y: -5, width: 20, height: 60 };
    const states = stage.states(document);
    const { document: framed, liesOn } = await host.frame(document, group, "Format", crop);
    try {
      const kept = stage.tree(document).filter(({ id }) => id !== group).map(({ name }) => name);
      const names = stage.tree(framed).map(({ name }) => name);
      expect(names.join() === kept.join(), `The layers are ${names.join(", ")}.`);
      expect(stage.tree(framed).some(({ id }) => id === liesOn), `It lay on ${String(liesOn)}, which is no layer.`);
      const { width, height, depth } = host.facts(framed);
      expect(width === crop.width && height === crop.height && depth === 16, `${width} x ${height} px, ${depth} bit`);
      const shown = { x: 0, y: 0, width: crop.width, height: HEIGHT };
      const original = await stage.read(document, { ...shown, x: crop.x }, layer);
      expectSame((await stage.read(framed, { ...shown, y: -crop.y })).samples, original.samples, "the picture");
      const beyond = await host.readComposite(framed, { x: 0, y: 0, width: crop.width, height: -crop.y }, []);
      expect(beyond.samples.every((sample) => sample === 0), "There is something beyond the picture.");
      expect(stage.front() === document && stage.states(document) === states, "The picture is another, or not in front.");
    } finally {
      await stage.close(framed);
    }
  }),
  placed("Saved and opened again, the recipe, the mask and the pixels are there", async ({ host, stage, document, mask, result }) => {
    const samples = (await stage.read(document, CANVAS)).samples;
    const again = await stage.saveAndReopen(document);
    try {
      const [reopened] = await host.results(again);
      expect(reopened !== undefined, "There is no result.");
      expect(JSON.stringify([reopened.origin, reopened.variations.map(({ memory }) => memory)]) === JSON.stringify([result.origin, result.variations.map(({ memory }) => memory)]), "The recipe differs.");
      const read = await host.readMask(again, reopened.group);
      expect(read !== null && sameMask(read, mask), "The mask differs.");
      expectSame((await stage.read(again, CANVAS)).samples, samples, "the composite");
      expect((await host.find(result.origin.documentId)) === again, "The document is not known again.");
    } finally {
      await stage.close(again);
    }
  }),
];
