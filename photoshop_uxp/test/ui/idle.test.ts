/** The panel while nothing happens, on a DOM without a screen. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session } from "../../src/session";
import { Panel } from "../../src/ui/panel";
import { FakeElement, fakeDocument } from "../plugin/elements";
import { STATES } from "./scenes";
import { StagedProbe } from "./staged_probe";

Object.assign(globalThis, { document: fakeDocument });

for (const scene of ["planned", "running", "result", "trouble", "offers"]) {
  test(`${scene}: a panel that is told the same again writes nothing, so that an open list stays open`, () => {
    let tell: () => void = () => undefined;
    const session = {
      state: STATES[scene],
      probe: new StagedProbe(scene),
      wish: () => undefined,
      onChange: (listener: () => void) => (tell = listener),
    } as unknown as Session;
    new Panel(session);
    tell();
    const writes: string[] = [];
    const own = Object.getOwnPropertyDescriptors(FakeElement.prototype);
    const spies = {
      setAttribute(this: FakeElement, name: string, value: string) {
        writes.push(`${this.tagName} ${name}=${value}`);
      },
      removeAttribute: (name: string) => void writes.push(`no ${name}`),
      insertBefore: (child: FakeElement) => (writes.push(`new ${child.tagName}`), child),
      removeChild: (child: FakeElement) => (writes.push(`less ${child.tagName}`), child),
    };
    Object.assign(FakeElement.prototype, spies);
    try {
      tell();
    } finally {
      Object.defineProperties(FakeElement.prototype, own);
    }
    assert.deepEqual(writes, []);
  });
}
