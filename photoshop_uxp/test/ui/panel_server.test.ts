/** The panel and its server: none, another one, results that wait there; and the self-test. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { browser, calls, click, isShown, onStage, open, shoot, textOf } from "./sight";

onStage("photoshop-panel-server");

test("results that finished elsewhere are offered", async () => {
  await open("offers");
  assert.match(await textOf(".card:not(.hidden)"), /^2 results are at the server, but not in this picture\./);
  assert.match(await textOf(".edit"), /^Erase: The document's size/);
  assert.match(await textOf(".row.trouble"), /No result is in hand/);
  await browser.evaluate(`document.querySelector(".row.trouble sp-action-button").click()`);
  assert.equal((await calls("closeTrouble")).length, 1);
  await click("Place");
  await click("Dismiss");
  assert.equal((await calls("accept")).length, 1);
  assert.equal((await calls("dismiss")).length, 1);
});

test("without a server there is one card and nothing else: why, the command to copy, another try, and the doctor", async () => {
  await open("trouble");
  for (const other of [".prompt", ".points", ".fold"]) assert.equal(await isShown(other), false, other);
  assert.match(await textOf(".card"), /Inlay needs its server[\s\S]*No answer from https[\s\S]*inlay serve/);
  await click("Copy");
  assert.deepEqual(await calls("copy"), [["copy", "inlay serve"]]);
  await click("Try again");
  assert.equal((await calls("reconnect")).length, 1);
  await click("Doctor");
  assert.equal((await calls("examine")).length, 1);
  assert.match(await textOf(".settings"), /UXP takes no self-signed certificate/);
});

test("a server that goes away for a while takes the card, and not the words that were typed", async () => {
  await open("planned");
  await browser.evaluate(`stage.session.set({ connection: { ...stage.session.state.connection, state: "trouble", reason: "Gone." } })`);
  assert.deepEqual([await isShown(".prompt"), await isShown(".card")], [true, true]);
});

test("the settings take another server, and say what leaves this machine", async () => {
  await open("settings");
  await browser.evaluate(`(() => {
    const field = document.querySelector(".settings .wide");
    field.value = " gpu.lan:50052/ ";
    field.dispatchEvent(new Event("input"));
  })()`);
  assert.match(await textOf(".settings"), /go to http:\/\/gpu\.lan:50052, and nowhere else\. This line is not encrypted\./);
  await click("Save");
  assert.deepEqual(await calls("useAddress"), [["useAddress", { url: "http://gpu.lan:50052", token: "s3cret" }]]);
  assert.equal(await isShown(".prompt"), true);
});

test("the settings ask the server that is entered to let this machine in, and say what the words do not say here", async () => {
  await open("settings");
  await browser.evaluate(`document.querySelectorAll(".settings sp-textfield")[2].value = "Anna"`);
  await click("Ask to be let in");
  assert.deepEqual(await calls("letIn"), [["letIn", "https://retouch-gpu-01.studio.lan:50052", "Anna"]]);
  assert.match(await textOf(".settings"), /Read this out to who runs the server: lusab-babad[\s\S]*Photoshop does not see the server's certificate/);
  await shoot("pairing");
});

test("one box turns off what is said of tries that look alike, at once", async () => {
  await open("settings");
  assert.match(await textOf(".settings"), /Say when more of the same will not help/);
  const turn = `(() => {
    const tick = document.querySelector(".settings sp-checkbox");
    const was = tick.checked;
    tick.click();
    return [was, stage.session.server.wantsHints];
  })()`;
  assert.deepEqual(await browser.evaluate(turn), [true, false]);
  assert.deepEqual(await browser.evaluate(turn), [false, true]);
  await shoot("settings");
});

test("the setup page says what the server's machine has, and copies what to type there", async () => {
  await open("settings");
  assert.equal((await calls("setup")).length, 0); // It is folded, and looks through folders.
  await click("▸ Setup");
  assert.match(await textOf(".settings"), /This machine\s*A card with 24 GiB\s*Your models[\s\S]*inlay models scan FOLDER/);
  await click("Copy");
  assert.deepEqual(await calls("copy"), [["copy", "inlay models scan FOLDER"]]);
  await shoot("setup");
});

test("the token is readable while it is edited, as Photoshop on macOS needs it", async () => {
  await open("settings");
  const type = (event: string): Promise<string> =>
    browser.evaluate(`(() => {
      const field = document.querySelectorAll(".settings .wide")[1];
      field.dispatchEvent(new Event("${event}"));
      return field.getAttribute("type");
    })()`);
  assert.equal(await type("focus"), "text");
  assert.equal(await type("blur"), "password");
});

test("the self-test counts what passed and what failed, and its report can be saved and copied", async () => {
  await open("selftest");
  assert.match(await textOf(".panel"), /1 failed, 48 passed\. Please send the report\./);
  assert.match(await textOf(".finding"), /One undo step/); // What failed stands first.
  await click("Copy");
  assert.deepEqual(JSON.parse(String((await calls("copy"))[0]?.[1])), { passed: 48, failed: 1 });
  await click("Save report…");
  assert.match(await textOf(".panel"), /Saved: inlay-self-test\.json/);
});
