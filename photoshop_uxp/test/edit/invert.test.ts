/** A verb that takes the subject: what is selected stays, bit for bit, and everything else may change. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CANVAS, REGION, RGB16, softMask } from "../../self_test/expect";
import { get } from "../../src/client/blobs";
import { cropMask, whiteOf } from "../../src/host/capture";
import { Inlay } from "../client/inlay";
import { wish } from "../forms";
import { deskAt, memoryIn, only, open, placed, turned } from "./desk";

let server: Inlay;

before(async () => {
  server = await Inlay.start({ painter: "noise:paint" });
});
after(() => server.end());

test("the mask is the complement of the selection, soft values and all, and what was selected wholly is untouched", async () => {
  const desk = await deskAt(server.url);
  try {
    const selected = { region: REGION, samples: softMask(16).samples.map((value, at) => (at % REGION.width < 6 ? 255 : value)) };
    const document = await open(desk, RGB16, undefined, selected);
    const before = (await desk.stage.read(document, CANVAS)).samples;

    await placed(desk.server.begin(document, wish({ inverts: true, count: 1 })));

    const { where } = memoryIn(await only(desk, document)).recipe;
    assert.deepEqual([where.region.width, where.region.height], [CANVAS.width, CANVAS.height]);
    const sent = new Uint16Array((await get(desk.server.calls, where.mask.blob)).buffer);
    const wide = cropMask(selected, CANVAS).samples;
    sent.forEach((value, at) => {
      const wanted = 1 - (wide[at] ?? 0) / whiteOf(wide);
      assert.ok(Math.abs(value / 32768 - wanted) <= 0.5 / 32768 + 1e-9, `${at}: ${value}`);
    });
    const after = (await desk.stage.read(document, CANVAS)).samples;
    let changed = 0;
    after.forEach((value, at) => {
      const isSubject = wide[Math.floor(at / 4)] === 255;
      assert.ok(!isSubject || value === before[at], `sample ${at} of the subject changed`);
      changed += value === before[at] ? 0 : 1;
    });
    assert.ok(changed > 1000, `${changed} samples of the background changed`);
  } finally {
    desk.server.stop();
  }
});

test("where the whole picture is selected as the subject nothing is left to change, and that is said", async () => {
  const desk = await deskAt(server.url);
  try {
    const all = { region: CANVAS, samples: new Uint8Array(CANVAS.width * CANVAS.height).fill(255) };
    const document = await open(desk, RGB16, undefined, all);
    const edit = await turned(desk.server.begin(document, wish({ inverts: true })));
    assert.match(`${edit.phase}: ${edit.message}`, /^failed: .*nothing around it is left/);
  } finally {
    desk.server.stop();
  }
});
