/** The page that headless Chromium opens: the real panels on a session that only remembers what it was asked. */

import { SelfTestPanel } from "../../self_test/panel";
import type { SelfTestReport } from "../../self_test/report";
import type { Server, Session } from "../../src/session";
import type { Finding } from "../../src/client/doctor";
import type { PanelState } from "../../src/ui/model";
import { type Entrypoints, setUp } from "../../src/entry/entrypoints";
import { Panel } from "../../src/ui/panel";
import { fromBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { DescribeVerbsResponseSchema } from "../../src/gen/inlay/v1/verbs_pb";
import { EMPTY, type Filled } from "../../src/ui/form";
import { hear } from "../../src/words";
import { DIAGNOSIS, pastOf, picture, spotOf, stateOf } from "./scenes";

const SETUP = [
  { title: "This machine", lines: [{ text: "A card with 24 GiB", command: "" }] },
  { title: "Your models", lines: [{ text: "None yet. Where they lie elsewhere", command: "inlay models scan FOLDER" }] },
];

/** What the server says of its verbs, by language: base64, from described.js. */
declare const described: Readonly<Record<string, string>>;
import { complaints, defineWidgets, lookForStrangers } from "./widgets";

class StagedSession implements Session {
  readonly calls: unknown[][] = [];
  private readonly listeners = new Set<() => void>();

  filled: Filled = { verb: "fill", values: {}, landing: EMPTY.landing, isOpen: false };
  /** The words of earlier runs, newest first. */
  typed: readonly string[] = [];
  reading = { said: "#9C4617 · ΔE 1.5", target: "lab(40.24, 33.58, 39.41)" };

  constructor(public state: PanelState) {
    hear(state.connection.description?.words, { write: () => undefined });
  }

  set(state: Partial<PanelState>): void {
    this.state = { ...this.state, ...state };
    this.listeners.forEach((listener) => listener());
  }
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  start = (): void => undefined;
  isReady = (): Promise<boolean> => Promise.resolve(true);
  panelIsShown = (): void => undefined;
  stop = (): void => undefined;
  private note(name: string, ...facts: unknown[]): Promise<void> {
    this.calls.push([name, ...facts]);
    return Promise.resolve();
  }
  wish = (wish: unknown, filled?: Filled): void => {
    this.filled = filled ?? this.filled;
    void this.note("wish", wish);
  };
  earlier = (back: number): string | null => this.typed[back - 1] ?? null;
  measure = (target: string): Promise<{ said: string; target: string }> => this.note("measure", target).then(() => this.reading);
  tellColor = (): Promise<void> => this.note("tellColor");
  layers = (): Promise<{ id: number; name: string }[]> => Promise.resolve([{ id: 4, name: "Sky" }, { id: 5, name: "Grass" }]);
  reference = (layer: number) =>
    this.note("reference", layer).then(() => [
      { layer, raster: layer === 0 ? "AA==" : "", name: ["What is selected", "Sky", "Grass with a name that is longer than the panel is wide"][layer && layer - 3] ?? "", thumbnail: picture(48, 30 + 12 * layer, 90), width: 480, height: 300, role: "", weight: 1 },
    ]);
  region = (layer: number) =>
    this.note("region", layer).then(() => [
      { layer, raster: layer === 0 ? "AA==" : "", name: layer === 0 ? "480 × 300 px" : "Sky", thumbnail: picture(48, 30 + 12 * layer, 90), place: { x: 4, y: 5, width: 480, height: 300 }, words: "" },
    ]);
  run = (wish: unknown): Promise<boolean> => this.note("run", wish).then(() => this.state.canRun);
  more = (count: number): Promise<void> => this.note("more", count);
  finish = (): Promise<void> => this.note("finish");
  cancel = (): void => void this.note("cancel");
  readonly inHand = {
    keep: () => this.note("keep"),
    discard: () => this.note("discard"),
    saveStyle: () => this.note("saveStyle"),
    checkBrand: (style: string) => this.note("checkBrand", style),
    before: (isBefore: boolean) => this.note("before", isBefore),
    show: (variation: number) => this.note("show", variation),
    flip: (by: number) => this.note("flip", by),
    look: (side: number) => this.note("look", side).then(() => ({ before: picture(300, 200, 40), after: picture(300, 200, 220) })),
  } as unknown as Session["inHand"];
  history = (search: string, cursor: string) => this.note("history", search, cursor).then(() => pastOf(search, cursor));
  again = (entry: { jobId: string; variation: number }): Promise<void> => this.note("again", entry.jobId, entry.variation);
  share = (name: string): Promise<Uint8Array | null> => this.note("share", name).then(() => null);
  readonly reviews = { watch: (isInSight: boolean) => void this.note("watch", isInSight), spots: { of: spotOf } } as unknown as Session["reviews"];
  readonly many = {
    others: () => [{ document: 7, name: "bottle on the beach, second light, wide crop.psd" }, { document: 8, name: "shelf.psd" }],
    paths: () => Promise.resolve([{ path: "words.prompt", title: "Words" }, { path: "words.target_color", title: "Colour" }]),
    apply: (documents: readonly number[]) => this.note("apply", documents),
    formats: () => Promise.resolve([["Square 1:1", 1800, 1800], ["Portrait 4:5", 1600, 2000], ["Widescreen 16:9", 3200, 1800], ["Story 9:16", 1800, 3200]].map(([title, width, height]) => ({ title, crop: { x: 0, y: 0, width, height }, told: `${width} × ${height} px` }))),
    vary: (path: string, values: readonly string[], columns: readonly { title: string }[]) => this.note("vary", path, values, columns.map(({ title }) => title)),
    stop: () => void this.note("stop"),
  } as unknown as Session["many"];
  resolvePin = (_: unknown, { text }: { text: string }): Promise<void> => this.note("resolvePin", text);
  selectPin = (_: unknown, { text }: { text: string }): Promise<void> => this.note("selectPin", text);
  finishApproved = ({ draft }: { draft: number }): Promise<void> => this.note("finishApproved", draft);
  enlarge = (ratio: unknown, anchor: unknown): Promise<void> => this.note("enlarge", ratio, anchor);
  accept = (): Promise<void> => this.note("accept");
  dismiss = (): void => void this.note("dismiss");
  closeTrouble = (): void => void this.note("closeTrouble");
  readonly host = {
    foregroundColor: () => "lab(52.10, -12.50, 30.00)",
    inksAsLab: (...inks: readonly number[]) => `lab(${inks.join(", ")})`.replace(/, [^,]+\)$/, ")"),
  } as unknown as Session["host"];
  readonly server = {
    lockedOrigin: "",
    check: () => void this.note("reconnect"),
    address: { url: "https://retouch-gpu-01.studio.lan:50052", token: "s3cret" },
    use: (address: unknown) => void this.note("useAddress", address),
    examine: (_: unknown, found: (finding: Finding) => void) => {
      DIAGNOSIS.forEach(found);
      return this.note("examine");
    },
    wantsHints: true,
    letIn: async (url: string, name: string, read: (words: string) => void) => {
      await this.note("letIn", url, name);
      read("lusab-babad");
      await new Promise(() => undefined);
    },
    setup: () => this.note("setup").then(() => SETUP),
  } as unknown as Server;
  copy = (text: string): Promise<void> => this.note("copy", text);
}

/** Inlay Self-Test, once it has run. */
function selfTestPanel(): HTMLElement {
  const panel = new SelfTestPanel({
    test(found, progress) {
      progress(47, 49, "One undo step");
      for (let number = 1; number <= 48; number += 1) {
        found({ name: `Check ${number}`, state: "good", what: "16-bit samples come back as they were written", cure: "" });
      }
      found({ name: "One undo step", state: "bad", what: "3 history states instead of 1", cure: "" });
      return Promise.resolve({ passed: 48, failed: 1 } as SelfTestReport);
    },
    save: () => Promise.resolve(true),
    copy: (text) => session.copy(text),
  });
  panel.element.querySelector<HTMLElement>("sp-button")?.click();
  return panel.element;
}

/** What does not fit: elements that reach beyond the panel, and words that are cut off where nothing says so. */
function misfits(): string[] {
  lookForStrangers();
  const width = document.documentElement.clientWidth;
  const found: string[] = [];
  for (const element of Array.from(document.querySelectorAll<HTMLElement>("body *"))) {
    const box = element.getBoundingClientRect();
    const name = `<${element.localName} class="${element.className}"> ${(element.textContent ?? "").slice(0, 30)}`;
    if (box.width > 0 && (box.right > width + 0.5 || box.left < -0.5)) {
      found.push(`${name} reaches from ${box.left} to ${box.right} of ${width}`);
    }
    const isFilledField = element instanceof HTMLInputElement && element.value !== "";
    const isMeantToBeCut = isFilledField || getComputedStyle(element).textOverflow === "ellipsis";
    if (box.width > 0 && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 && !isMeantToBeCut) {
      found.push(`${name} is ${element.scrollWidth} wide in ${element.clientWidth}`);
    }
  }
  return [...found, ...complaints];
}

const asked = new URLSearchParams(location.search);
const scene = asked.get("scene") ?? "before";
document.documentElement.setAttribute("data-theme", asked.get("theme") ?? "dark");
defineWidgets();
const told = described[asked.get("language") ?? (scene.startsWith("german") ? "de" : "en")] ?? "";
const description = fromBinary(DescribeVerbsResponseSchema, base64Decode(told));
const session = new StagedSession(stateOf(scene, description) ?? (stateOf("before", description) as PanelState));
if (["recolor", "refine", "background"].includes(scene)) {
  session.filled = { ...session.filled, verb: scene === "background" ? "replace_background" : scene };
}
if (scene === "german_expand") {
  session.filled = { ...session.filled, verb: "expand" };
}
if (scene === "details" || scene === "german") {
  session.filled = { ...session.filled, verb: "fill", isOpen: true };
}
const registered: Parameters<Entrypoints["setup"]>[0][] = [];
const loaded = setUp({ setup: (entrypoints) => registered.push(entrypoints) }, () => Promise.resolve({ session, panel: new Panel(session) }));
const commands = registered[0]?.commands ?? {};
if (scene === "selftest") {
  document.body.appendChild(selfTestPanel());
} else {
  registered[0]?.panels["main"]?.create(document.body);
  registered[0]?.panels["main"]?.show(document.body);
}

void loaded().then((panel) => {
  Object.assign(window, { stage: { session, panel, commands, misfits } });
  begin(panel);
});

function begin(panel: Panel): void {
  if (scene === "settings" || scene === "doctor") {
    panel.front.turn(true);
  }
  if (scene === "doctor") {
    Array.from(document.querySelectorAll<HTMLElement>(".settings sp-action-button"))
      .find((element) => element.textContent === "Doctor")
      ?.click();
  }
}
