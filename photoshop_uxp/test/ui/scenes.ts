/** The states in which the panel is looked at. */

import { clone, create } from "@bufbuild/protobuf";
import { HistoryEntrySchema, type ListHistoryResponse } from "../../src/gen/inlay/v1/history_pb";
import { Rating } from "../../src/gen/inlay/v1/job_pb";
import { PlanEditResponseSchema } from "../../src/gen/inlay/v1/inlay_pb";
import { FinalState, type Review, ReviewSchema, Verdict } from "../../src/gen/inlay/v1/review_pb";
import { ChoiceSchema, type DescribeVerbsResponse, DescribeVerbsResponseSchema, FieldKind, FieldSchema } from "../../src/gen/inlay/v1/verbs_pb";
import type { EditView } from "../../src/client/standing";
import type { Finding } from "../../src/client/doctor";
import type { Spot } from "../../src/host/spots";
import type { PanelState } from "../../src/ui/model";
import { png } from "../fake/png";

/** A picture of nothing in particular: a gradient that says up and right. */
export function picture(width: number, height: number, blue: number): string {
  const rgb = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rgb.set([Math.round((255 * x) / width), Math.round((255 * y) / height), blue], 3 * (y * width + x));
    }
  }
  return `data:image/png;base64,${png({ width, height, rgb })}`;
}

/** What the server says of a window that it paints smaller than it is. */
const SOFTER = "about 14 s, 62 % sharpness: select less for full";

const READY: PanelState = {
  filledIn: 0,
  document: 1,
  connection: {
    state: "ready",
    serverName: "retouch-gpu-01.studio.lan",
    serverVersion: "0.1.0",
    url: "https://retouch-gpu-01.studio.lan:50052",
    reason: "",
    description: null,
    models: [],
  },
  edits: [],
  offers: 0,
  reviews: [],
  plan: "Select what should change.",
  canRun: false,
  many: { cells: [], isRunning: false },
  result: null,
  trouble: "",
};

const PLANNED: PanelState = {
  ...READY,
  canRun: true,
  plan: create(PlanEditResponseSchema, { window: { width: 1912, height: 1434 }, scale: 0.62, sentence: SOFTER }),
};

const LEAVING: PanelState = {
  ...PLANNED,
  plan: create(PlanEditResponseSchema, { sentence: SOFTER, leaving: { to: "example.org", sentence: "sends 1024 x 768 px to example.org, 0.07 USD (2026-11)" } }),
};

function edit(facts: Partial<EditView>): EditView {
  return {
    jobId: "job",
    name: "Erase",
    phase: "queued",
    message: "",
    fraction: 0,
    position: null,
    etaS: null,
    preview: "",
    cancel: () => undefined,
    place: () => undefined,
    ...facts,
  };
}

/** As if a model that reads words could do everything. */
function worded(description: DescribeVerbsResponse): DescribeVerbsResponse {
  const able = clone(DescribeVerbsResponseSchema, description);
  able.verbs.forEach((verb) => (verb.unable = ""));
  return able;
}

/** As the server describes its verbs once the studio has a style. */
function styled(description: DescribeVerbsResponse): DescribeVerbsResponse {
  const known = clone(DescribeVerbsResponseSchema, description);
  const choices = [{ value: "", title: "No style" }, { value: "kit", title: "House kit" }].map((choice) => create(ChoiceSchema, choice));
  for (const verb of known.verbs) verb.fields.push(create(FieldSchema, { path: "sampling.style", kind: FieldKind.CHOICE, title: "Style", choices }));
  return known;
}

const RUNNING: PanelState = {
  ...PLANNED,
  edits: [
    edit({
      jobId: "first",
      name: "a linen tablecloth with soft folds, morning light",
      phase: "painting",
      fraction: 0.4,
      etaS: 9,
      preview: picture(384, 256, 140),
    }),
    edit({ jobId: "second", phase: "queued", position: 2, etaS: 31 }),
  ],
};

const RESULT: PanelState = {
  ...READY,
  canRun: true,
  plan: create(PlanEditResponseSchema, { window: { width: 191, height: 191 }, scale: 1, sentence: "about 2 s, full sharpness" }),
  result: {
    id: "7:1,2,3,4,5",
    look: "7:3",
    name: "a linen tablecloth with soft folds, morning light",
    variations: [60, 120, 180, 220, 250].map((blue, index) => ({
      name: `Variation ${index + 1} (seed ${4000000000 + index})`,
      picture: index === 4 ? "" : picture(90, 70, blue),
    })),
    shown: 2,
    visible: true,
    canFinish: true,
    note: "classic does not read prompts: it continues the surroundings. A model that does: inlay models add",
    kit: "house",
    brand: "61.3 % of the pixels are within dE 2 of a colour of the brand; 48.0 % #00a651: nearest is Brand green, dE 0.8",
  },
};

const MANY: PanelState = {
  ...RESULT,
  many: {
    isRunning: true,
    cells: [
      { name: "bottle on the beach, second light, wide crop.psd", state: "done", said: "" },
      { name: "shelf.psd", state: "flagged", said: "Something here is only 61 % like what was selected there. It is selected now: look whether it is right, and run the edit yourself." },
      { name: "a linen tablecloth with soft folds", state: "working", said: "" },
      { name: "#1f4e79", state: "waiting", said: "" },
    ],
  },
};

/** Three drafts, of which one has a newer version; two pins, and one that was done. */
function reviewed(): Review {
  const draft = (number: number, version = 1) => ({ draft: number, version, title: "Fill: a linen tablecloth with soft folds, morning light", jobId: "job", variation: number });
  const pin = (pinId: string, text: string, reviewer: number) => ({ pinId, draft: 1, version: 2, at: { x: 0.5, y: 0.5 }, text, reviewer });
  const happenings = [
    { case: "reviewer", value: { number: 1, name: "Anna" } },
    ...[draft(1), draft(2), draft(3), draft(1, 2)].map((value) => ({ case: "draft", value })),
    { case: "pin", value: pin("a", "The fold at the left is too <hard>; and the thread's colour should be that of the napkin", 1) },
    { case: "pin", value: pin("b", "Softer", 0) },
    { case: "pin", value: pin("c", "Done long ago", 1) },
    { case: "pin", value: { ...pin("e", "The whole is too dark", 1), at: undefined } },
    { case: "pin", value: pin("f", "Where it was cropped", 1) },
    { case: "pin", value: { ...pin("d", "An answer", 1), answers: "a" } },
    { case: "resolved", value: { pinId: "c", isResolved: true, reviewer: 0 } },
    { case: "final", value: { draft: 2, version: 1, state: FinalState.DONE, jobId: "final" } },
    { case: "final", value: { draft: 3, version: 1, state: FinalState.TO_FINISH, reason: "the server no longer has its source" } },
  ] as const;
  const states = [[1, 1, true, Verdict.CHANGES], [2, 1, false, Verdict.APPROVE], [3, 1, false, Verdict.APPROVE], [1, 2, false, Verdict.UNSPECIFIED]] as const;
  return create(ReviewSchema, {
    reviewId: "review",
    events: happenings.map((happening, at) => ({ seq: BigInt(at + 1), happening })) as never,
    drafts: states.map(([number, version, isLocked, verdict]) => ({ draft: number, version, isLocked, verdict })),
  });
}

/** How the document looks around the pins: the second one stands at the left edge of the canvas. */
const SPOTS: Readonly<Record<string, Spot>> = {
  a: { picture: picture(96, 96, 140), covers: { x: 0, y: 0, width: 1, height: 1 } },
  b: { picture: picture(48, 96, 250), covers: { x: 0.5, y: 0, width: 0.5, height: 1 } },
};

export function spotOf(pinId: string): Spot | null {
  return SPOTS[pinId] ?? null;
}

const TROUBLE: PanelState = {
  ...READY,
  connection: {
    ...READY.connection,
    state: "trouble",
    reason:
      "No answer from https://retouch-gpu-01.studio.lan:50052 within 5 s. Is the server running, and is this machine in the same network?",
  },
  plan: "The selection is ready; the server is not.",
};

const OFFERS: PanelState = {
  ...PLANNED,
  offers: 2,
  edits: [
    edit({
      phase: "waiting",
      message: "The document's size, depth or profile changed while the edit ran. Undo that to place the result, or run the edit again.",
    }),
  ],
  trouble: "No result is in hand. Select a result's group or one of its layers.",
};

/** As if models took three pictures, for any of these roles. */
function referring(description: DescribeVerbsResponse): DescribeVerbsResponse {
  const able = worded(description);
  const roles = ["As the words say", "Identity", "Texture", "Style"].map((title, at) => ({
    value: ["reference", "identity", "texture", "style"][at] ?? "", title, tip: `What to take of it: ${title}.`,
  }));
  const field = create(FieldSchema, { path: "inputs.references", kind: FieldKind.REFERENCES, title: "References", tip: "Pictures to go by.", maximum: 3, choices: roles });
  able.verbs.forEach(({ fields }) => fields.splice(0, fields.length, ...fields.filter(({ path }) => path !== field.path), field));
  return able;
}

/** As if there were room for three regions. */
function regional(description: DescribeVerbsResponse): DescribeVerbsResponse {
  const said = clone(DescribeVerbsResponseSchema, description);
  const fields = said.verbs.flatMap((verb) => verb.fields).filter(({ kind }) => kind === FieldKind.REGIONS);
  fields.forEach((field) => Object.assign(field, { maximum: 3 }));
  return said;
}

/** `description`: the server's. */
export function stateOf(scene: string, description: DescribeVerbsResponse | null): PanelState | undefined {
  const state = STATES[scene];
  const said = description !== null && scene === "references" ? referring(description) : description !== null && ["refine", "background"].includes(scene) ? worded(description) : scene === "trouble" ? null : description;
  const shown = said !== null && scene === "styled" ? styled(said) : said !== null && scene === "regions" ? regional(said) : said;
  return state && { ...state, connection: { ...state.connection, description: shown } };
}

export const STATES: Readonly<Record<string, PanelState>> = {
  before: READY,
  planned: PLANNED,
  refine: PLANNED,
  references: PLANNED,
  regions: PLANNED,
  leaving: LEAVING,
  running: RUNNING,
  ready: { ...PLANNED, edits: [edit({ phase: "finished" })] },
  result: RESULT,
  review: { ...RESULT, reviews: [reviewed()] },
  many: MANY,
  german_many: MANY,
  german_review: { ...RESULT, reviews: [reviewed()] },
  trouble: TROUBLE,
  offers: OFFERS,
  recolor: PLANNED,
  styled: { ...PLANNED, plan: create(PlanEditResponseSchema, { sentence: SOFTER, told: { prompt: "a photo of a can, soft light" } }) },
  german: PLANNED,
  german_result: RESULT,
  german_expand: LEAVING,
  details: PLANNED,
  settings: READY,
  doctor: READY,
  selftest: READY,
};

export const DIAGNOSIS: readonly Finding[] = [
  {
    name: "https://retouch-gpu-01.studio.lan:50052",
    state: "bad",
    what: "The certificate of https://retouch-gpu-01.studio.lan:50052 is not trusted: unable to verify the first certificate.",
    cure: "UXP takes no self-signed certificate: it has to come from a public authority, or from a root in the system's trust store.",
  },
  { name: "http://retouch-gpu-01.studio.lan:50052", state: "unsure", what: "Inlay answers there.", cure: "Enter http://retouch-gpu-01.studio.lan:50052." },
  { name: "https://localhost:50052", state: "skipped", what: "not there either", cure: "" },
];

const RATINGS = [Rating.UNSPECIFIED, Rating.KEPT, Rating.REJECTED];

/** What the server has of earlier results, by words that are searched. */
export function pastOf(search: string, cursor: string): Pick<ListHistoryResponse, "entries" | "next"> {
  const made = ["a linen tablecloth", "a red lantern", "Erase"].map((title, number) => {
    const thumbnail = Uint8Array.from(atob(picture(96, 64, 80 * number).split(",")[1] ?? ""), (letter) => letter.charCodeAt(0));
    return create(HistoryEntrySchema, { jobId: `job ${number}`, variation: number, title, seed: 7 + number, seconds: 3.4, rating: RATINGS[number] ?? Rating.UNSPECIFIED, thumbnail });
  });
  const entries = made.filter(({ title }) => title.includes(search));
  return { entries: cursor === "" ? entries : entries.slice(0, 1), next: cursor === "" && search === "" ? "further" : "" };
}
