/** What forms were filled with and in which words was run: kept for each document, over restarts too. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Options } from "../../src/host/options";
import { EMPTY, type Filled } from "../../src/ui/form";
import { PLAIN } from "../../src/wish";

const stored = new Map<string, string>();
const settings = { read: (name: string) => stored.get(name) ?? "", write: (name: string, value: string) => void stored.set(name, value) };

function filled(verb: string, prompt = ""): Filled {
  return { verb, values: { "words.prompt": prompt }, landing: { ...PLAIN, reads: "below", isAtOnce: false }, isOpen: true };
}

/** Another start of Photoshop, once what was entered has settled. */
function restarted(): Options {
  mock.timers.tick(1000);
  return new Options(settings);
}

beforeEach(() => {
  stored.clear();
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => mock.timers.reset());

test("each document's form comes back after a restart, and a new document begins with the last one's", () => {
  const options = new Options(settings);
  assert.deepEqual(options.filled("one"), EMPTY);
  options.fill("one", filled("fill", "a vase"));
  options.fill("two", filled("erase"));
  const again = restarted();
  assert.deepEqual(again.filled("one"), filled("fill", "a vase"));
  assert.deepEqual(again.filled("two"), filled("erase"));
  assert.deepEqual(again.filled("three"), filled("erase"));
});

test("what an answer says is filled in beside what was entered, and an answer that says nothing touches nothing", () => {
  const options = new Options(settings);
  options.fill("one", filled("describe", "a vase"));
  assert.equal(options.suggest("one", {}), false);
  assert.equal(options.suggest("one", { "words.surroundings": "a beach" }), true);
  assert.deepEqual(restarted().filled("one").values, { "words.prompt": "a vase", "words.surroundings": "a beach" });
});

test("layers, references and regions stay with the document that has them", () => {
  const options = new Options(settings);
  const region = { layer: 0, raster: "AA==", name: "9 × 9 px", thumbnail: "", place: { x: 1, y: 2, width: 9, height: 9 }, words: "a vase" };
  const whole: Filled = { ...filled("marks"), values: { "words.prompt": "", "inputs.marks": 4, "inputs.region": [region] } };
  options.fill("one", whole);
  const again = restarted();
  assert.deepEqual(again.filled("one"), whole);
  assert.deepEqual(again.filled("two"), filled("marks"));
});

test("the words of runs come back newest first, each once, and the oldest of many go", () => {
  const options = new Options(settings);
  for (const words of ["first", "second", "first", ""]) options.ran("one", words);
  const again = restarted();
  assert.deepEqual([1, 2, 3].map((back) => again.earlier("one", back)), ["first", "second", null]);
  for (let number = 0; number < 40; number += 1) again.ran("one", `words ${number}`);
  const last = restarted();
  assert.deepEqual([last.earlier("one", 1), last.earlier("one", 30), last.earlier("one", 31)], ["words 39", "words 10", null]);
});

test("what was entered before a document had an id goes with it, and nothing is kept for one that never gets one", () => {
  const options = new Options(settings);
  options.fill("17", filled("refine"));
  options.rename("17", "one");
  options.fill("18", filled("expand"));
  const again = restarted();
  assert.deepEqual(again.filled("one"), filled("refine"));
  assert.deepEqual(again.filled("18"), filled("refine"), "its number may be another document's by now");
});

test("a form that an earlier plugin kept, with less in it, is filled up", () => {
  stored.set("forms", JSON.stringify([["one", { filled: { verb: "fill", values: {}, buildOn: true, isOpen: true }, words: [] }]]));
  const { verb, landing } = new Options(settings).filled("one");
  assert.deepEqual([verb, landing], ["fill", PLAIN]);
});

test("what is damaged is as if there were nothing", () => {
  stored.set("forms", "{ damaged");
  assert.deepEqual(new Options(settings).filled("one"), EMPTY);
});
