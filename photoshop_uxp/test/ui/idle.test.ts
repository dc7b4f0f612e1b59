/** The panel while nothing happens, on a DOM without a screen. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session } from "../../src/session";
import { EMPTY } from "../../src/ui/form";
import { Panel } from "../../src/ui/panel";
import { FakeElement, fakeDocument } from "../plugin/elements";
import { create } from "@bufbuild/protobuf";
import { DescribeVerbsResponseSchema } from "../../src/gen/inlay/v1/verbs_pb";
import { form } from "../forms";
import { stateOf } from "./scenes";

Object.assign(globalThis, { document: fakeDocument });

for (const scene of ["planned", "running", "result", "trouble", "offers"]) {
  test(`${scene}: a panel that is told the same again writes nothing, so that an open list stays open`, () => {
    let tell: () => void = () => undefined;
    const session = {
      state: stateOf(scene, create(DescribeVerbsResponseSchema, { verbs: [form("erase")] })),
      filled: EMPTY,
      wish: () => undefined,
      reviews: { watch: () => undefined },
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
