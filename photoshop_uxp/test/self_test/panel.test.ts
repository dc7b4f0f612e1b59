/** The panel of Inlay Self-Test on a DOM without a screen. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Desk, SelfTestPanel } from "../../self_test/panel";
import type { SelfTestReport } from "../../self_test/report";
import { type FakeElement, fakeDocument } from "../plugin/elements";

Object.assign(globalThis, { document: fakeDocument });

function panelAt(desk: Partial<Desk>): FakeElement {
  const test = (): Promise<SelfTestReport> => Promise.resolve({ passed: 3, failed: 0 } as SelfTestReport);
  const whole = { test, save: () => Promise.resolve(true), copy: () => Promise.resolve(), ...desk };
  return new SelfTestPanel(whole).element as unknown as FakeElement;
}

/** Lets what was begun happen. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test("one report is saved though Photoshop presses the button again while its file picker is open", async () => {
  const pickers: ((isSaved: boolean) => void)[] = [];
  const panel = panelAt({ save: () => new Promise((resolve) => pickers.push(resolve)) });
  panel.button("Run").fire("click");
  await settled();
  const button = panel.button("Save report…");
  button.fire("click");
  button.fire("click");
  button.fire("click");
  assert.equal(pickers.length, 1);
  pickers[0]?.(true);
  await settled();
  assert.match(panel.textContent, /Saved: inlay-self-test\.json/);
  button.fire("click");
  assert.equal(pickers.length, 2, "a second report can be saved afterwards");
});

test("who chooses no place for the report is not told that it was saved", async () => {
  const panel = panelAt({ save: () => Promise.resolve(false) });
  panel.button("Run").fire("click");
  await settled();
  panel.button("Save report…").fire("click");
  await settled();
  assert.match(panel.textContent, /All 3 checks passed\. Please send the report\./);
  assert.doesNotMatch(panel.textContent, /Saved/);
});

test("a run that breaks off says why, hands no report over, and can be begun again", async () => {
  let runs = 0;
  const panel = panelAt({ test: () => Promise.reject(new Error(`The host is gone, ${(runs += 1)}.`)) });
  panel.button("Run").fire("click");
  await settled();
  assert.match(panel.textContent, /The host is gone, 1\./);
  assert.equal(panel.button("Run").hasAttribute("disabled"), false);
  assert.match(panel.button("Copy").parentNode?.getAttribute("class") ?? "", /hidden/);
  panel.button("Run").fire("click");
  await settled();
  assert.match(panel.textContent, /The host is gone, 2\./);
});
