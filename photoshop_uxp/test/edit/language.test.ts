/** What goes wrong in a German Photoshop is said in German: by the server's words, and after a restart without it. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CannotEdit, HostBusy } from "../../src/host/host";
import { InlayServer } from "../../src/server";
import { Inlay } from "../client/inlay";
import { fakeHost, type FakeHost } from "../fake/host";
import { RGB16, turned, WISH } from "./desk";

const NOTHING_SELECTED = "Wählen Sie aus, was sich ändern soll.";

let server: Inlay;
let room: FakeHost;

before(async () => {
  server = await Inlay.start();
  room = fakeHost();
  Object.assign(room.host, { locale: "de-DE" });
  room.host.settings.write("server", server.url);
});
after(() => server.end());

test("an edit that cannot begin says why in German, once the server was heard", async () => {
  const inlay = new InlayServer(room.host, fetch, "");
  try {
    await new Promise<void>((resolve) => {
      inlay.onChange(resolve);
      inlay.check();
    });
    const document = await room.stage.create(RGB16, 40, 32, "transparent");
    const edit = await turned(inlay.begin(document, WISH));
    assert.deepEqual([edit.phase, edit.message], ["failed", NOTHING_SELECTED]);
  } finally {
    inlay.stop();
  }
});

test("after a restart the same is said without a server, and so is that there is none", async () => {
  const inlay = new InlayServer(room.host, () => Promise.reject(new TypeError("Network request failed")), "");
  try {
    await new Promise<void>((resolve) => {
      inlay.onChange(resolve);
      inlay.check();
    });
    assert.match(inlay.view.reason, /antwortet niemand\. Starten Sie den Server/);
    assert.equal(new HostBusy().message.startsWith("Photoshop ist mit einem Dialog"), true);
    const document = await room.stage.create(RGB16, 40, 32, "transparent");
    await assert.rejects(room.host.readSelection(document), (error: unknown) => error instanceof CannotEdit && error.message === NOTHING_SELECTED);
  } finally {
    inlay.stop();
  }
});
