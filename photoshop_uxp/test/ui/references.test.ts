/** The rows of references and regions: added, weighed, given a role or words and taken away, by mouse and by keyboard. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reference, Region, Wish } from "../../src/wish";
import { browser, calls, choose, isShown, onStage, open, shoot, textOf } from "./sight";

onStage("photoshop-panel-references");

const FIELD = '[data-path="inputs.references"]';
const ADD = `${FIELD} .labelled .list`;

async function held(): Promise<readonly (readonly unknown[])[]> {
  const [, { values }] = (await calls("wish")).at(-1) as [string, Wish];
  return (values["inputs.references"] as readonly Reference[]).map(({ name, role, weight }) => [name.slice(0, 16), role, weight]);
}

/** Focuses an element as Tab would, and says what a screen reader has of it. */
function focus(selector: string): Promise<string> {
  return browser.evaluate(`(() => {
    const element = document.querySelector(${JSON.stringify(selector)});
    (element.querySelector("input") ?? element).focus();
    return document.activeElement === element || element.contains(document.activeElement) ? element.title : "";
  })()`);
}

for (const width of [230, 280]) {
  test(`at ${width} px pictures are added from a list of layers, get a role and a weight, and no more than the models take`, async () => {
    await open("references", width, "dark", 560);
    assert.equal(await textOf(`${FIELD} .label`), "References");
    await choose("What is selected", ADD);
    await choose("Grass", ADD);
    assert.deepEqual(await calls("reference"), [["reference", 0], ["reference", 5]]);
    assert.deepEqual(await held(), [["What is selected", "reference", 1], ["Grass with a nam", "reference", 1]]);
    assert.equal(await textOf(`${ADD} span`), "Add", "the list is ready for the next one");
    await choose("Texture", `${FIELD} .reference .list`);
    await browser.evaluate(`(() => {
      const weight = document.querySelector('${FIELD} .reference .number');
      weight.value = "40";
      weight.dispatchEvent(new Event("input"));
    })()`);
    assert.deepEqual((await held())[0], ["What is selected", "texture", 0.4]);
    assert.equal(await isShown(ADD), true);
    await choose("Sky", ADD);
    assert.equal(await isShown(ADD), false);
    assert.match(await textOf(FIELD), /No more than 3 pictures/);
    await shoot(`references-${width}`);
    assert.deepEqual(await browser.evaluate("stage.misfits()"), []);
    assert.deepEqual(browser.errors, []);
    await browser.evaluate(`document.querySelectorAll('${FIELD} .reference .tool')[1].click()`);
    assert.deepEqual(await held(), [["What is selected", "texture", 0.4], ["Sky", "reference", 1]]);
    assert.equal(await isShown(ADD), true);
  });
}

test("the same goes by keyboard, and every part of a row says whose it is", async () => {
  await open("references", 280, "dark", 560);
  await focus(ADD);
  await browser.press("ArrowDown");
  assert.deepEqual(await calls("reference"), [["reference", 0]]);
  assert.match(await focus(`${FIELD} .reference .list`), /What to take of it/);
  await browser.press("ArrowDown");
  assert.match(await focus(`${FIELD} .reference .number`), /^What is selected: How much/);
  await browser.evaluate(`document.activeElement.select()`);
  await browser.type("25");
  assert.deepEqual(await held(), [["What is selected", "identity", 0.25]]);
  assert.match(await focus(`${FIELD} .reference .tool`), /^What is selected: Takes this picture out/);
  await browser.press("Enter");
  assert.deepEqual(await held(), []);
});

/** Whose the keyboard is: the place of its row, or the list that adds. */
const keyboard = (field: string): Promise<number | string> =>
  browser.evaluate(`(() => {
    const at = Array.from(document.querySelectorAll('${field} .reference')).findIndex((row) => row.contains(document.activeElement));
    return at >= 0 ? at + " " + (document.activeElement.closest(".tool") ? "away" : "words") : document.querySelector('${field} .labelled .list').contains(document.activeElement) ? "add" : document.activeElement.localName;
  })()`);

test("after a row was taken out the keyboard is at the next one, or where one is added", async () => {
  await open("references", 280, "dark", 560);
  for (const name of ["What is selected", "Sky", "Grass"]) await choose(name, ADD);
  const remove = async (at: number): Promise<void> => {
    await browser.evaluate(`document.querySelectorAll('${FIELD} .reference .tool')[${at}].focus()`);
    await browser.press("Enter");
  };
  await remove(1);
  assert.deepEqual((await held()).map(([name]) => name), ["What is selected", "Grass with a nam"]);
  assert.equal(await keyboard(FIELD), "1 away");
  await remove(1);
  assert.equal(await keyboard(FIELD), "add");
});

test("no more are added than the models take, however fast somebody adds them", async () => {
  await open("references", 280, "dark", 560);
  await browser.evaluate(`(() => {
    const list = document.querySelector('${ADD}');
    for (let time = 0; time < 5; time += 1) {
      list.selectedIndex = 2;
      list.dispatchEvent(new Event("change"));
    }
  })()`);
  assert.equal((await calls("reference")).length, 5);
  assert.equal((await held()).length, 3);
});

const REGIONS = '[data-path="inputs.region"]';

for (const width of [230, 320]) {
  test(`at ${width} px a region is added from what is selected or a layer, its words are typed at once, and that they go in turn is said`, async () => {
    await open("regions", width, "dark", 560);
    await choose("Marks and regions");
    const list = `${REGIONS} .labelled .list`;
    const said = async (): Promise<unknown> => {
      const [, { values }] = (await calls("wish")).at(-1) as [string, Wish];
      return (values["inputs.region"] as readonly Region[]).map(({ name, words }) => [name, words]);
    };
    assert.equal(await isShown(REGIONS), true, "it is in sight");
    assert.equal(await isShown('[data-path="words.prompt"]'), true, "beside the words for all");
    await choose("What is selected", list);
    assert.equal(await keyboard(REGIONS), "0 words");
    await browser.type("a brass lamp");
    assert.doesNotMatch(await textOf(REGIONS), /one after the other/);
    await choose("Sky", list);
    await browser.type("stars");
    assert.deepEqual(await calls("region"), [["region", 0], ["region", 4]]);
    assert.deepEqual(await said(), [["480 × 300 px", "a brass lamp"], ["Sky", "stars"]]);
    assert.match(await textOf(REGIONS), /Painted one after the other; each sees those above it\./);
    await shoot(`regions-${width}`);
    assert.deepEqual(await browser.evaluate("stage.misfits()"), []);
    await choose("Grass", list);
    assert.match(await textOf(REGIONS), /No more than 3 regions/);
    await browser.evaluate(`document.querySelectorAll('${REGIONS} .reference .tool')[0].click()`);
    assert.equal(((await said()) as unknown[]).length, 2);
    assert.deepEqual(browser.errors, []);
  });
}

test("what was entered comes back with its document", async () => {
  await open("references", 280);
  const kept = { layer: 4, raster: "", name: "Sky", thumbnail: "", width: 9, height: 9, role: "style", weight: 0.6 };
  await browser.evaluate(`stage.session.filled = { verb: "fill", values: { "inputs.references": [${JSON.stringify(kept)}] }, landing: { reads: "picture", lands: "top", isAtOnce: true, buildsOn: false }, isOpen: false }`);
  await browser.evaluate(`stage.session.set({ document: 2 })`);
  assert.deepEqual(await held(), [["Sky", "style", 0.6]]);
});
