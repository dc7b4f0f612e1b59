/** What is said beside a fifth try that looks like the four before, and that the settings can do without it; by the real engine. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Inlay } from "../client/inlay";
import { deskAt, open, placed } from "./desk";
import { wish } from "../forms";

const TOLD = /Try (\d+) here, and the last 5 differ by less than dE 2/;
let server: Inlay;

before(async () => {
  server = await Inlay.start();
});
after(() => server.end());

test("the fifth try that looks like the others says so, and who turned that off reads nothing", async () => {
  const desk = await deskAt(server.url);
  const document = await open(desk);
  const tries = async (): Promise<string[]> => {
    const said: string[] = [];
    for (let number = 0; number < 5; number += 1) {
      const edit = await placed(desk.server.begin(document, wish({ count: 1, landing: { buildsOn: false } })));
      said.push(TOLD.exec(edit.message)?.[1] ?? "");
    }
    return said;
  };

  assert.equal(desk.server.wantsHints, true, "as it comes");
  desk.server.wantsHints = false;
  assert.deepEqual(await tries(), ["", "", "", "", ""]);
  const after = await deskAt(server.url);
  after.host.settings.write("hints", desk.host.settings.read("hints"));
  assert.equal(after.server.wantsHints, false, "it is remembered");
  desk.server.wantsHints = true;
  assert.deepEqual(await tries(), ["", "", "", "", "10"]);
  desk.server.stop();
  after.server.stop();
});
