/** How a picture was made, in the metadata of its document: nothing else of them changes, and whatever Photoshop does, the result is there. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CANVAS, picture, placementFor, RGB16, saying, softMask } from "../../self_test/expect";
import { fakeHost } from "../fake/host";
import type { Fault } from "../fake/switches";

const UNSAID = /could not be stated in the document's metadata \(IPTC Digital Source Type\).*inlay sign/;

async function open(faults: readonly Fault[] = []) {
  const room = fakeHost({}, faults);
  const document = await room.stage.create(RGB16, CANVAS.width, CANVAS.height, "transparent");
  await room.stage.addLayer(document, "Original", picture(RGB16, CANVAS, 1));
  await room.stage.select(document, softMask(16));
  const packet = (): string => room.fake.open(document).picture.xmp;
  /** Places a result whose mark was made of `was`. */
  const place = async (was = packet()): Promise<string> => {
    const placement = await placementFor(room.host, document, RGB16, await room.host.readSelection(document));
    const xmp = { was, becomes: saying(was, "http://example.org/", "made", "by hand") };
    return (await room.host.place(document, { ...placement, xmp })).note;
  };
  return { ...room, document, packet, place };
}

test("a mark goes into the metadata with the result, in one state, and nothing is said about it", async () => {
  const { stage, document, packet, place } = await open();
  const states = stage.states(document);
  assert.equal(await place(), "");
  assert.match(packet(), /<said:made>by hand</);
  assert.equal(stage.states(document), states + 1);
});

test("what somebody wrote into the metadata since the mark was made stays, and it is said that the mark is missing", async () => {
  const { fake, document, packet, place } = await open();
  const was = packet();
  fake.open(document).picture.xmp = saying(was, "http://example.org/", "title", "written meanwhile");
  assert.match(await place(was), UNSAID);
  assert.match(packet(), /written meanwhile/);
  assert.doesNotMatch(packet(), /by hand/);
});

for (const fault of ["metadata cannot be read", "metadata cannot be written", "metadata are not written"] as const) {
  test(`the result is placed all the same, and once for each document it is said that the mark is missing: ${fault}`, async () => {
    const { host, document, packet, place } = await open([fault]);
    const was = packet();
    assert.match(await place(), UNSAID);
    assert.equal((await host.results(document)).length, 1);
    assert.equal(await place(), "");
    assert.equal(packet(), was);
  });
}

test("what is to stay as it is is not written, nor even read", async () => {
  const { host, document, packet } = await open(["metadata cannot be read"]);
  const was = packet();
  const placement = await placementFor(host, document, RGB16, await host.readSelection(document));
  assert.equal((await host.place(document, { ...placement, xmp: { was: "", becomes: "" } })).note, "");
  assert.equal(packet(), was);
});
