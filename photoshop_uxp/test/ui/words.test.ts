/** What the panel says before a run, of what the real server plans. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { planOf } from "../../src/client/messages";
import { wish } from "../forms";
import { describePlan } from "../../src/ui/panel";
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
    for (const tier of ["draft", "standard", "final"]) {
      const line = describePlan(await desk.server.plan(planOf(wish({ verb: "fill", tier, count: 1, prompt: "a vase" }), LARGE, LARGE, "")));
      assert.match(line, /\d+ % sharpness: select less for full · ⚠/);
      assert.match(line, /⚠ .*does not read prompts/);
    }
    const small = { x: 0, y: 0, width: 64, height: 64 };
    assert.doesNotMatch(describePlan(await desk.server.plan(planOf(wish({ count: 1 }), LARGE, small, ""))), /⚠/);
  } finally {
    desk.server.stop();
  }
});
