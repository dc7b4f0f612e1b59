/** The settings on a DOM without a screen. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session } from "../../src/ui/model";
import { Settings } from "../../src/ui/settings";
import { FakeElement, fakeDocument } from "../plugin/elements";

Object.assign(globalThis, { document: fakeDocument });

test("one report is saved though Photoshop presses the button again while its file picker is open", async () => {
  const pickers: ((where: string) => void)[] = [];
  const session = { saveReport: () => new Promise<string>((resolve) => pickers.push(resolve)) } as unknown as Session;
  const { element } = new Settings(session, () => undefined);
  const button = withText(element as unknown as FakeElement, "Save report…");
  button.fire("click");
  button.fire("click");
  button.fire("click");
  assert.equal(pickers.length, 1);
  pickers[0]?.("inlay-self-test.json");
  await new Promise((resolve) => setImmediate(resolve));
  assert.match((element as unknown as FakeElement).textContent, /Saved: inlay-self-test\.json/);
  button.fire("click");
  assert.equal(pickers.length, 2, "a second report can be saved afterwards");
});

function withText(element: FakeElement, text: string): FakeElement {
  const found = [element, ...all(element)].find((one) => one.tagName.startsWith("sp-") && one.textContent === text);
  assert.ok(found, `no “${text}”`);
  return found;
}

function all(element: FakeElement): FakeElement[] {
  return element.children.flatMap((child) => [child, ...all(child)]);
}
