/** The page's two languages say the same. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { de } from "../src/words/de";
import { en } from "../src/words/en";

const placesIn = (text: string): string[] => Array.from(text.matchAll(/\{(\w+)\}/g), ([, name]) => name ?? "").sort();

test("German has every sentence, with the same places to fill in, and no others", () => {
  assert.deepEqual(Object.keys(de), Object.keys(en));
  (Object.keys(en) as (keyof typeof en)[]).forEach((key) => assert.deepEqual(placesIn(de[key]), placesIn(en[key]), key));
});
