/** What UXP's layout lacks is not in the panel's style sheet. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PLUGIN } from "./room";


/** The properties of Adobe's UXP CSS reference, shorthand borders, margins and paddings included. */
const DOCUMENTED = new RegExp(
  "^(align-(content|items|self)|background(-(attachment|color|image|repeat|size))?|border(-.+)?|bottom|color|display" +
    "|flex(-(basis|direction|grow|shrink|wrap))?|font-(family|size|style|weight)|height|justify-content|left" +
    "|letter-spacing|margin(-(bottom|left|right|top))?|(max|min)-(height|width)|opacity|overflow(-x|-y)?" +
    "|padding(-(bottom|left|right|top))?|right|text-align|text-overflow|top|visibility|white-space|width)$",
);
const DISPLAYS = ["block", "flex", "inline", "inline-block", "inline-flex", "none"];
const THEME_VARIABLES = [
  "--uxp-host-background-color",
  "--uxp-host-text-color",
  "--uxp-host-border-color",
  "--uxp-host-widget-hover-background-color",
  "--uxp-host-font-size",
];

/** [property, value] of every declaration in a style sheet. */
export function declarations(css: string): [property: string, value: string][] {
  const bare = css.replace(/\/\*[\s\S]*?\*\//g, "");
  return Array.from(bare.matchAll(/([a-z-]+)\s*:\s*([^;{}]+);/g), (match) => [match[1] ?? "", (match[2] ?? "").trim()]);
}

/** What UXP does not lay out, in words; empty: nothing. */
export function faults(css: string): string[] {
  const found: string[] = [];
  for (const [property, value] of declarations(css)) {
    if (!DOCUMENTED.test(property)) {
      found.push(`${property} is not in the UXP CSS reference`);
    }
    if (property === "display" && !DISPLAYS.includes(value)) {
      found.push(`display: ${value}`);
    }
    for (const [variable] of value.matchAll(/--[a-z-]+/g)) {
      if (!THEME_VARIABLES.includes(variable)) {
        found.push(`${variable} is no variable of Photoshop's themes`);
      }
    }
  }
  if (/@(?!media\b)/.test(css.replace(/\/\*[\s\S]*?\*\//g, ""))) {
    found.push("an at-rule other than @media");
  }
  return found;
}

test("the panel's style sheet uses only what the UXP CSS reference documents", () => {
  const css = readFileSync(join(PLUGIN, "src/ui/panel.css"), "utf8");
  assert.ok(declarations(css).length > 50);
  assert.deepEqual(faults(css), []);
});

for (const [bad, why] of [
  ["a { gap: 4px; }", "gap is not in the UXP CSS reference"],
  ["a { display: grid; }", "display: grid"],
  ["a { transition: all 1s; }", "transition is not in the UXP CSS reference"],
  ["a { font: bold 12px sans; }", "font is not in the UXP CSS reference"],
  ["a { text-transform: uppercase; }", "text-transform is not in the UXP CSS reference"],
  ["@keyframes a { }", "an at-rule other than @media"],
] as const) {
  test(`the style sheet's test finds ${bad}`, () => {
    assert.deepEqual(faults(bad), [why]);
  });
}
