/** What a reviewer sees is what the studio painted: compared by the pixels of the real browser's screen. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { Gamut, ReadPictureRequestSchema } from "../../photoshop_uxp/src/gen/inlay/v1/review_pb";
import type { Pixels } from "./png";
import { Reviewer } from "./reviewer";
import { expectQuiet, inTheStudio, LIMIT, opens, PEOPLE, review, stranger, studio } from "./scene";
import { after, before, PICTURE, REGION } from "./studio";

inTheStudio();

type Color = readonly [number, number, number];
/** Of 255: what JPEG, scaling and the fixture's own grain may change in the mean of a few pixels. */
const NEAR = 12;

const far = (one: Color, other: Color): number => Math.max(...one.map((value, at) => Math.abs(value - (other[at] ?? 0))));

/** The mean of 5 x 5 pixels. */
function around(of: (x: number, y: number) => Color, x: number, y: number): Color {
  const all = Array.from({ length: 25 }, (_, at) => of(x - 2 + (at % 5), y - 2 + Math.floor(at / 5)));
  return [0, 1, 2].map((channel) => all.reduce((sum, one) => sum + (one[channel] ?? 0), 0) / all.length) as unknown as Color;
}

/** The colour on the screen where a pixel of the picture lies, and which of the two pictures it is. */
async function shown(reviewer: Reviewer, screen: Pixels, x: number, y: number, pane = 0): Promise<"before" | "after" | "neither"> {
  const paper = await reviewer.paper(pane);
  const scale = paper.width / PICTURE.width;
  const seen = around((sx, sy) => screen.at(sx, sy), Math.round(paper.x + x * scale), Math.round(paper.y + y * scale));
  const [asBefore, asAfter] = [far(seen, around(before, x, y)), far(seen, around(after, x, y))];
  if (Math.min(asBefore, asAfter) > NEAR) return "neither";
  return asBefore < asAfter ? "before" : "after";
}

const LEFT = REGION.x + 60;
const RIGHT = REGION.x + REGION.width - 60;
const ROW = REGION.y + 80;

async function seen(reviewer: Reviewer, pane = 0): Promise<string[]> {
  await reviewer.seesPictures();
  const screen = await reviewer.screenshot();
  return [await shown(reviewer, screen, LEFT, ROW, pane), await shown(reviewer, screen, RIGHT, ROW, pane)];
}

test("the picture without its pins: before left of the wipe's line, the draft right of it, and the keys move the line", LIMIT, async () => {
  const ada = await opens(await review("Wiping"), "Ada");
  assert.deepEqual(await seen(ada), ["after", "after"]);

  await ada.clicks("radio", "Wipe");
  assert.deepEqual(await seen(ada), ["before", "after"]);

  await ada.clicks("slider", "Line between before and draft");
  await ada.presses("Home");
  assert.deepEqual(await seen(ada), ["after", "after"]);
  assert.equal(await ada.evaluate("document.activeElement.ariaValueText ?? document.activeElement.getAttribute('aria-valuetext')"), "0 % before");

  await ada.clicks("radio", "Before");
  assert.deepEqual(await seen(ada), ["before", "before"]);
  expectQuiet(ada);
});

test("Space shows what was before for as long as it is held", LIMIT, async () => {
  const ada = await opens(await review("Holding"), "Ada");
  await ada.evaluate("document.querySelector('.window').focus()");
  await ada.presses(" ", { hold: true });
  assert.deepEqual(await seen(ada), ["before", "before"]);
  await ada.releases(" ");
  assert.deepEqual(await seen(ada), ["after", "after"]);

  const hold = await ada.evaluate<{ x: number; y: number }>("document.querySelector('.hold').getBoundingClientRect().toJSON()");
  await ada.mouse("mousePressed", hold.x + 8, hold.y + 8);
  assert.deepEqual(await seen(ada), ["before", "before"]);
  await ada.mouse("mouseReleased", hold.x + 8, hold.y + 8);
  assert.deepEqual(await seen(ada), ["after", "after"]);
});

test("the edit fills the window when it is gone to, a pin comes into the middle, and the keys zoom", LIMIT, async () => {
  const asked = await review("Going");
  await studio.says(asked.id, { draft: 1, text: "There", at: { x: 0.9, y: 0.9 } });
  await studio.says(asked.id, { draft: 1, text: "Here", at: { x: 0.4, y: 0.6 } });
  const ada = await opens(asked, "Ada");
  const middleOf = async (x: number, y: number): Promise<number> => {
    const paper = await ada.paper();
    const window = await ada.window();
    return Math.hypot(paper.x + x * paper.width - window.x - window.width / 2, paper.y + y * paper.height - window.y - window.height / 2);
  };
  await ada.clicks("button", "Go to the edit");
  assert.ok((await middleOf((REGION.x + REGION.width / 2) / PICTURE.width, (REGION.y + REGION.height / 2) / PICTURE.height)) < 12);
  const [paper, window] = [await ada.paper(), await ada.window()];
  const shares = [(REGION.width / PICTURE.width) * (paper.width / window.width), (REGION.height / PICTURE.height) * (paper.height / window.height)];
  assert.ok(Math.max(...shares) > 0.6 && Math.max(...shares) <= 0.7, shares.join(" "));

  await ada.clicks("button", "1:1");
  await ada.clicks("button", "Show pin 2");
  assert.ok((await middleOf(0.4, 0.6)) < 12);

  await ada.evaluate("document.querySelector('.window').focus()");
  await ada.presses("+");
  await ada.sees("141 %");
  await ada.presses("-");
  await ada.sees("100 %");
  await ada.presses("0");
  assert.equal(await ada.evaluate("document.querySelector('.window').matches('.whole')"), true);
  expectQuiet(ada);
});

test("at 1:1 the screen has the draft's very pixels, inside the edit and outside it", LIMIT, async () => {
  const ada = await opens(await review("Close"), "Ada");
  await ada.clicks("button", "1:1");
  await ada.until("document.querySelector('.tile')");
  await ada.seesPictures();
  const screen = await ada.screenshot();
  const paper = await ada.paper();
  const window = await ada.window();
  assert.deepEqual([paper.width, paper.height], [PICTURE.width, PICTURE.height]);
  let [compared, wrong, inside] = [0, 0, 0];
  for (let y = Math.ceil(window.y) + 8; y < window.y + window.height - 8; y += 3) {
    for (let x = Math.ceil(window.x) + 8; x < window.x + window.width - 8; x += 3) {
      const [px, py] = [Math.round(x - paper.x), Math.round(y - paper.y)];
      if (far(after(px, py), before(px, py)) > 0) inside += 1;
      if (far(screen.at(x, y), after(px, py)) > 0) wrong += 1;
      compared += 1;
    }
  }
  assert.ok(compared > 20_000 && inside > 5_000, `${compared} compared, ${inside} inside`);
  assert.equal(wrong, 0, `${wrong} of ${compared} pixels differ`);
});

test("the difference is black where nothing was changed, and bright where the edit is", LIMIT, async () => {
  const ada = await opens(await review("Differing"), "Ada");
  await ada.clicks("radio", "Difference");
  await ada.seesPictures();
  const screen = await ada.screenshot();
  const paper = await ada.paper();
  const scale = paper.width / PICTURE.width;
  const at = (x: number, y: number): Color => screen.at(Math.round(paper.x + x * scale), Math.round(paper.y + y * scale));
  const MARGIN = 24; // A preview's blocks of 8 x 8 pixels, at its scale.
  for (let x = 20; x < PICTURE.width - 20; x += 45) {
    assert.deepEqual(at(x, REGION.y - MARGIN), [0, 0, 0]);
    assert.deepEqual(at(x, REGION.y + REGION.height + MARGIN), [0, 0, 0]);
  }
  assert.ok(Math.max(...at(RIGHT, ROW)) > 200);
});

test("side by side: before at the left, the draft at the right, and both zoom and scroll as one", LIMIT, async () => {
  const ada = await opens(await review("Two"), "Ada");
  await ada.clicks("radio", "Side by side");
  assert.deepEqual(await seen(ada, 0), ["before", "before"]);
  assert.deepEqual(await seen(ada, 1), ["after", "after"]);

  await ada.clicks("button", "1:1");
  await ada.evaluate("document.querySelectorAll('.window')[1].scrollTo(333, 222)");
  await ada.until("document.querySelectorAll('.window')[0].scrollLeft === 333 && document.querySelectorAll('.window')[0].scrollTop === 222");
  assert.deepEqual((await ada.paper(0)).width, (await ada.paper(1)).width);
  expectQuiet(ada);
});

test("tiles that are out of sight are given back to the browser", LIMIT, async () => {
  const asked = await review("Giving back");
  const browser = await stranger();
  const count = `window.held = new Set();
    const make = URL.createObjectURL.bind(URL), drop = URL.revokeObjectURL.bind(URL);
    URL.createObjectURL = (blob) => { const url = make(blob); held.add(url); return url; };
    URL.revokeObjectURL = (url) => { held.delete(url); drop(url); };`;
  await browser.ask("Page.addScriptToEvaluateOnNewDocument", { source: count });
  const ada = await Reviewer.at(browser, asked.link("Ada").url);
  await ada.seesPictures();
  const before = await ada.evaluate<number>("held.size");

  await ada.clicks("button", "1:1");
  await ada.until(`held.size > ${before}`);
  await ada.seesPictures();
  await ada.clicks("button", "Fit");
  await ada.until(`held.size === ${before}`);
});

test("a screen that shows Display P3 gets its pictures in Display P3, and the badge says so", LIMIT, async () => {
  const asked = await review("Wide");
  const browser = await stranger();
  await browser.ask("Emulation.setEmulatedMedia", { features: [{ name: "color-gamut", value: "p3" }] });
  const ada = await Reviewer.at(browser, asked.link("Ada").url);
  await ada.seesPictures();
  await ada.sees("8 bit · your screen: Display P3");
  const asks = ada.requests.filter(({ url }) => url.endsWith("/ReadPicture"));
  const gamuts = await Promise.all(asks.map(async ({ requestId }) => {
    const { postData, base64Encoded } = await browser.ask("Network.getRequestPostData", { requestId });
    return fromBinary(ReadPictureRequestSchema, Buffer.from(String(postData), base64Encoded ? "base64" : "latin1")).gamut;
  }));
  assert.ok(gamuts.length >= 4);
  assert.deepEqual(new Set(gamuts), new Set([Gamut.DISPLAY_P3]));
  assert.deepEqual(await seen(ada), ["after", "after"]); // The same colours, by the profile that is in the picture.
});

/** The seed with which the test's painter adds nothing. */
const UNRAISED = 7;

/** Display P3 as sRGB shows it: linear light through the primaries' matrix (CSS Color 4, sample code), then clipped. */
function asSrgb(color: Color): Color {
  const linear = color.map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
  const rows = [[1.2249401763, -0.2249401763, 0], [-0.0420569549, 1.0420569549, 0], [-0.0196375546, -0.0786360456, 1.0982736001]];
  const light = rows.map((row) => Math.min(1, Math.max(0, row.reduce((sum, share, at) => sum + share * (linear[at] ?? 0), 0))));
  return light.map((one) => 255 * (one <= 0.0031308 ? one * 12.92 : 1.055 * one ** (1 / 2.4) - 0.055)) as unknown as Color;
}

test("a 16-bit draft in Display P3 has its own colours on this sRGB screen, fitted and at 1:1, and the badge says what it is", LIMIT, async () => {
  const deep = await studio.paints("Deep", 1, UNRAISED, true);
  const ada = await opens(await studio.asks("Deep", [{ jobId: deep, variation: 0 }], PEOPLE), "Ada");
  await ada.sees("Display P3 · 16 bit · your screen: sRGB");
  const faults: string[] = [];
  const compare = async (where: string, least: number): Promise<void> => {
    await ada.seesPictures();
    const [screen, paper, window] = [await ada.screenshot(), await ada.paper(), await ada.window()];
    const scale = paper.width / PICTURE.width;
    for (let y = 40; y < PICTURE.height; y += 90) {
      for (let x = 40; x < PICTURE.width; x += 90) {
        const [sx, sy] = [Math.round(paper.x + x * scale), Math.round(paper.y + y * scale)];
        const isSeen = sx > window.x + 8 && sy > window.y + 8 && sx < window.x + window.width - 8 && sy < window.y + window.height - 8;
        const isAtEdge = [REGION.x, REGION.x + REGION.width].some((edge) => Math.abs(edge - x) < 9) || [REGION.y, REGION.y + REGION.height].some((edge) => Math.abs(edge - y) < 9);
        if (!isSeen || isAtEdge) continue;
        const off = far(around((px, py) => screen.at(px, py), sx, sy), around((px, py) => asSrgb(after(px, py, 0, UNRAISED)), x, y));
        if (off > least) faults.push(`${where} ${x} ${y}: ${off.toFixed(1)}`);
      }
    }
  };
  await compare("fitted", 8);
  await ada.clicks("button", "1:1");
  await ada.until("document.querySelector('.tile')");
  await compare("1:1", 2);
  assert.deepEqual(faults, []);
  assert.ok(far(before(40, 940), asSrgb(before(40, 940))) > 10, "the profile matters here");
  expectQuiet(ada);
});
