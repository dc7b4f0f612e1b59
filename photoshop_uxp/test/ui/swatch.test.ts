/** The swatch beside a target colour. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { swatchOf } from "../../src/ui/swatch";

/** As LittleCMS converts them, relative colorimetric, 8 bit. */
const KNOWN: Readonly<Record<string, readonly [number, number, number]>> = {
  "lab(51, -12, 30)": [114, 127, 68],
  "lab(70.00, 20.00, -30.00)": [186, 159, 226],
  "lab(100, 0, 0)": [255, 255, 255],
  "lab(20, 0, 0)": [48, 48, 48],
};

for (const [target, wanted] of Object.entries(KNOWN)) {
  test(`the swatch of ${target} has that colour`, () => {
    const shown = (/^rgb\((\d+), (\d+), (\d+)\)$/.exec(swatchOf(target)) ?? []).slice(1).map(Number);
    assert.equal(shown.length, 3);
    wanted.forEach((value, at) => {
      assert.ok(Math.abs(value - (shown[at] ?? NaN)) <= 1, `${swatchOf(target)} instead of ${String(wanted)}`);
    });
  });
}

test("a hexadecimal colour is shown as it is, and what is no colour shows nothing", () => {
  assert.equal(swatchOf("#1f4e79"), "#1f4e79");
  assert.deepEqual(["", "#12", "lab(1, 2)", "blue-ish"].map(swatchOf), Array(4).fill("transparent"));
});
