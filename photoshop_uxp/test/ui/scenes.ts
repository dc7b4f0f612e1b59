/** The states in which the panel is looked at. */

import { clone, create } from "@bufbuild/protobuf";
import { HistoryEntrySchema, type ListHistoryResponse } from "../../src/gen/inlay/v1/history_pb";
import { Rating } from "../../src/gen/inlay/v1/job_pb";
import { PlanEditResponseSchema } from "../../src/gen/inlay/v1/inlay_pb";
import { type DescribeVerbsResponse, DescribeVerbsResponseSchema } from "../../src/gen/inlay/v1/verbs_pb";
import type { EditView } from "../../src/client/standing";
import type { Finding } from "../../src/client/doctor";
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
  plan: "Select what should change.",
  canRun: false,
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
    note: "The classic engine does not read prompts: the surroundings were continued without it; install a model to paint from words.",
  },
};

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

/** `description`: the server's. */
export function stateOf(scene: string, description: DescribeVerbsResponse | null): PanelState | undefined {
  const state = STATES[scene];
  const said = description !== null && ["refine", "background"].includes(scene) ? worded(description) : scene === "trouble" ? null : description;
  return state && { ...state, connection: { ...state.connection, description: said } };
}

export const STATES: Readonly<Record<string, PanelState>> = {
  before: READY,
  planned: PLANNED,
  refine: PLANNED,
  leaving: LEAVING,
  running: RUNNING,
  ready: { ...PLANNED, edits: [edit({ phase: "finished" })] },
  result: RESULT,
  trouble: TROUBLE,
  offers: OFFERS,
  recolor: PLANNED,
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
