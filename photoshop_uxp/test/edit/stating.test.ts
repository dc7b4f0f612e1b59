/** How a picture was made, stated in its document by an edit on the real server: IPTC's term, beside all that stood there. */

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { CANVAS, saying } from "../../self_test/expect";
import { Inlay } from "../client/inlay";
import type { Fault } from "../fake/switches";
import { type Desk, deskAt, type Intercept, only, open, placed, WISH } from "./desk";
import { weather, wish } from "../forms";

const TERM = /<\w+:DigitalSourceType>http:\/\/cv\.iptc\.org\/newscodes\/digitalsourcetype\/(\w+)</g;

let server: Inlay;
const desks: Desk[] = [];

before(async () => {
  server = await Inlay.start({ engines: "support.invented_verb:registry_of" });
});
afterEach(() => {
  desks.splice(0).forEach((desk) => desk.server.stop());
});
after(() => server.end());

async function deskWith(faults: readonly Fault[] = [], intercept?: Intercept): Promise<Desk> {
  const desk = await deskAt(server.url, {}, intercept);
  faults.forEach((fault) => desk.fake.faults.add(fault));
  desks.push(desk);
  return desk;
}

/** The terms that a document states. */
function terms({ fake }: Desk, document: number): readonly (string | undefined)[] {
  return [...fake.open(document).picture.xmp.matchAll(TERM)].map(([, term]) => term);
}

function author({ fake }: Desk, document: number): void {
  const { picture } = fake.open(document);
  picture.xmp = saying(picture.xmp, "http://purl.org/dc/elements/1.1/", "creator", "Zoë Müller");
}

test("an erase by hand's tools is stated in the document that takes it, in the same step, and its author stays", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  author(desk, document);
  const states = desk.stage.states(document);
  const edit = await placed(desk.server.begin(document, WISH));
  assert.deepEqual(terms(desk, document), ["humanEdits"]);
  assert.match(desk.fake.open(document).picture.xmp, />Zoë Müller</);
  assert.match(desk.fake.open(document).picture.xmp, /xmp:CreatorTool="Adobe Photoshop 26\.0/);
  assert.equal(desk.stage.states(document), states + 1);
  assert.doesNotMatch(edit.message, /metadata/);
});

test("what a model painted is stated as a model's, also where an erase stood before", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  await placed(desk.server.begin(document, WISH));
  await placed(desk.server.begin(document, weather()));
  assert.deepEqual(terms(desk, document), ["compositeWithTrainedAlgorithmicMedia"]);
});

test("a second edit states nothing twice, and a picture that a model made stays one", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  await placed(desk.server.begin(document, WISH));
  const was = desk.fake.open(document).picture.xmp;
  await placed(desk.server.begin(document, wish({ seed: 9 })));
  assert.equal(desk.fake.open(document).picture.xmp, was);
  const painted = await open(desk);
  desk.fake.open(painted).picture.xmp = was.replace("humanEdits", "trainedAlgorithmicMedia");
  await placed(desk.server.begin(painted, WISH));
  assert.deepEqual(terms(desk, painted), ["trainedAlgorithmicMedia"]);
});

test("a picture of its own states what it was made from, too", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  const { picture } = desk.fake.open(document);
  picture.xmp = saying(picture.xmp, "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "DigitalSourceType", "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic");
  await desk.stage.select(document, { region: CANVAS, samples: new Uint8Array(CANVAS.width * CANVAS.height).fill(255) });
  await placed(desk.server.begin(document, wish({ verb: "upscale", count: 1 })));
  const [larger] = desk.host.handles().filter((handle) => handle !== document);
  assert.ok(larger !== undefined);
  assert.deepEqual(terms(desk, larger), ["compositeSynthetic"]);
});

test("a result is placed where nobody can say how it was made, and that is said", async () => {
  const refuse: Intercept = (method, send) => (method === "MarkDocument" ? Promise.reject(new TypeError("gone")) : send());
  for (const desk of [await deskWith([], refuse), await deskWith(["metadata cannot be read"])]) {
    const document = await open(desk);
    const edit = await placed(desk.server.begin(document, WISH));
    await only(desk, document);
    assert.match(edit.message, /metadata/);
    assert.deepEqual(terms(desk, document), []);
  }
});

test("metadata without an end are left alone", async () => {
  const desk = await deskWith();
  const document = await open(desk);
  const { picture } = desk.fake.open(document);
  picture.xmp = `<?xpacket begin=""?>${" ".repeat(2 ** 20)}`;
  await placed(desk.server.begin(document, WISH));
  assert.equal(desk.asked.includes("MarkDocument"), false);
});
