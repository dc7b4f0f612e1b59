/** The first shortcut after Photoshop's start: the panel is closed, and the server has not said a word yet. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { COMMANDS } from "../../src/entry/commands";
import { DescribeVerbsResponseSchema } from "../../src/gen/inlay/v1/verbs_pb";
import { PhotoshopSession, type Server } from "../../src/session";
import { Panel } from "../../src/ui/panel";
import { form } from "../forms";
import { fakeDocument } from "../plugin/elements";
import { Desk, Office, pass } from "./staged";

Object.assign(globalThis, { document: fakeDocument });

let desk: Desk;
let office: Office;
let session: PhotoshopSession;
let panel: Panel;

beforeEach(async () => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  desk = new Desk();
  office = new Office(desk.host);
  office.view = { ...office.view, state: "connecting", description: null };
  session = new PhotoshopSession(desk.host, office as unknown as Server);
  panel = new Panel(session);
  session.start();
  await pass();
});

afterEach(() => {
  session.stop();
  mock.timers.reset();
});

for (const command of ["run", "erase", "newSeed", "more"]) {
  test(`${command} says that nobody is there, where nobody answers in time`, async () => {
    COMMANDS[command]?.(panel, session);
    await pass(4000);
    assert.match(desk.alerts.join(), /^Not connected yet/);
  });
}

test("a run waits for the server's forms, and runs the first of them", async () => {
  COMMANDS["run"]?.(panel, session);
  await pass();
  office.view = { ...office.view, description: create(DescribeVerbsResponseSchema, { verbs: [form("erase")] }) };
  office.turn("ready");
  await pass();
  assert.equal(office.begun.length, 1);
  assert.deepEqual(desk.alerts, []);
});
