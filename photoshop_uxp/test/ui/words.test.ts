/** What the panel says before a run, of what the real server plans. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TIERS } from "../../src/ui/model";
import { describePlan } from "../../src/ui/words";
import { Inlay } from "../client/inlay";
import { deskAt } from "../edit/desk";

const LARGE = { x: 0, y: 0, width: 24_000, height: 24_000 };

let server: Inlay;

before(async () => {
  server = await Inlay.start();
});
after(() => server.end());

test("what the server knows beforehand is said before the run: no tier paints so much at its full size, and words are not read", async () => {
  const desk = await deskAt(server.url);
  try {
    for (const tier of TIERS) {
      const question = { ...LARGE, region: LARGE, verb: "fill", tier, growPx: 0, featherPx: 0, count: 1, prompted: true } as const;
      const lines = describePlan(await desk.server.plan(question));
      assert.match(lines, /⚠ Softer than the document: .* Select less\./);
      assert.match(lines, /⚠ .*does not read prompts/);
    }
    const small = { ...LARGE, region: { x: 0, y: 0, width: 64, height: 64 }, verb: "erase", tier: "draft" } as const;
    const plan = await desk.server.plan({ ...small, growPx: 0, featherPx: 0, count: 1, prompted: false });
    assert.doesNotMatch(describePlan(plan), /⚠/);
  } finally {
    desk.server.stop();
  }
});
