/** Words stand out enough from what is behind them, in light and in dark: WCAG 2.2, 1.4.3 and 1.4.11. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const CSS = readFileSync(join(process.cwd(), "style.css"), "utf8");
const TEXT = 4.5;
const SHAPE = 3;

/** The colours of each scheme, by name: those of the dark one stand in the second `:root`. */
function schemes(): Record<string, Record<string, string>> {
  const [light = {}, dark = {}] = Array.from(CSS.matchAll(/:root \{([^}]*)\}/g), ([, block = ""]) => Object.fromEntries(Array.from(block.matchAll(/--(\S+): (#[0-9a-f]{6});/g), ([, name, color]) => [name ?? "", color ?? ""])));
  return { light, dark: { ...light, ...dark } };
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test("black and white are 21 to 1 apart, and a grey that is known for it 4.54", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.equal(contrast("#767676", "#ffffff").toFixed(2), "4.54");
});

for (const [scheme, colors] of Object.entries(schemes())) {
  const of = (name: string): string => colors[name] ?? assert.fail(`no colour ${name}`);
  const expect = (over: string, ground: string, least: number): void => {
    const found = contrast(of(over), of(ground));
    assert.ok(found >= least, `${over} on ${ground}: ${found.toFixed(2)} is less than ${least}`);
  };

  test(`${scheme}: every colour of words can be read on every ground that it stands on`, () => {
    ["ink", "quiet", "good", "wish", "bad"].forEach((ink) => ["ground", "card"].forEach((ground) => expect(ink, ground, TEXT)));
    expect("ink", "warm", TEXT);
    expect("on-strong", "strong", TEXT);
  });

  test(`${scheme}: edges of controls, their focus and the wipe's handle are seen`, () => {
    ["ground", "card"].forEach((ground) => ["edge", "focus", "strong"].forEach((shape) => expect(shape, ground, SHAPE)));
    expect("focus", "around", SHAPE);
  });
}

test("no word is dimmed by opacity, but on a button that cannot be pressed", () => {
  const dimmed = Array.from(CSS.matchAll(/([^{}]+)\{[^{}]*opacity: 0\.\d/g), ([, selector = ""]) => selector.trim());
  assert.deepEqual(dimmed, ['button[aria-disabled="true"], button:disabled']);
});
