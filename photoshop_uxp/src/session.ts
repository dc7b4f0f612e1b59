/** Everything that runs in this Photoshop: the connection, the edits, and finished results that wait for their document. */

import { Offers } from "./client/offers";
import type { RunningEdit } from "./client/standing";
import type { HistoryEntry, ListHistoryResponse } from "./gen/inlay/v1/history_pb";
import type { Draft, Pin, Review } from "./gen/inlay/v1/review_pb";
import { grownCanvas } from "./host/canvas";
import { Desk } from "./host/desk";
import { CannotEdit, type DocumentHandle, type Layer, messageOf } from "./host/host";
import type { Host } from "./host/photoshop";
import { Options } from "./host/options";
import { InHand } from "./in_hand";
import { Many } from "./many";
import { tell, type Told } from "./probe";
import { Reviews, selectPlace, showDraft } from "./review";
import { Running } from "./running";
import type { InlayServer } from "./server";
import type { Filled } from "./ui/form";
import type { PanelState } from "./ui/model";
import { Planning } from "./ui/planning";
import { Shown } from "./ui/shown";
import { Troubles } from "./ui/troubles";
import { lackOf, type Reference, type Region, textIn, type Wish } from "./wish";
import { say } from "./words";

/** Photoshop does not tell of every change of a selection. */
const LOOK_MS = 500;
/** Photoshop tells of one change several times. */
const SETTLE_MS = 80;
/** How long a command waits for the first word of the server: the first one after Photoshop's start loads the plugin. */
const CONNECT_MS = 3000;

/** What the panel and the commands may do, and what they are told. Nothing here throws: what goes wrong is in `state`. */
export type Session = Pick<PhotoshopSession, keyof PhotoshopSession>;

/** What the session needs of the client's room. */
export type Server = Pick<InlayServer, keyof InlayServer>;

export class PhotoshopSession {
  private readonly listeners = new Set<() => void>();
  private readonly running: Running;
  private readonly offers: Offers;
  private readonly planning: Planning;
  private readonly shown: Shown;
  private readonly view: Desk;
  private wanted: Wish | null = null;
  private readonly troubles: Troubles;
  private wasReady = false;
  readonly inHand: InHand;
  readonly reviews: Reviews;
  readonly many: Many;
  private readonly awaited = new Set<() => void>();
  private settling: ReturnType<typeof setTimeout> | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private stopListening: () => void = () => undefined;
  /** As long as there is no panel to tell it in, dialogs of Photoshop tell what went wrong. */
  private hasPanel = false;
  state: PanelState;
  private readonly options: Options;

  constructor(
    readonly host: Host,
    readonly server: Server,
  ) {
    const changed = (): void => this.changed();
    this.options = new Options(host.settings);
    this.troubles = new Troubles(changed);
    this.shown = new Shown(host, changed);
    this.view = new Desk(host, (glance) => this.planning.look(glance, this.wanted), (trouble) => this.looked(trouble));
    this.inHand = new InHand(host, server, this.view, this.shown, (what) => this.attempt(what));
    this.offers = new Offers(host, server, changed);
    this.planning = new Planning(server, changed);
    const { view, shown, offers, troubles, options } = this;
    this.running = new Running({ host, view, shown, offers, troubles, options }, (message) => this.tellAloud(message), changed);
    this.reviews = new Reviews(host, server, changed, () => this.lookForResults());
    this.many = new Many(host, server, () => this.view.resultInHand(), (edit, document) => this.running.follow(edit, document), changed);
    this.state = this.compose();
  }

  /** Begins to look at documents and to talk to the server. */
  start(): void {
    this.server.onChange(() => this.connectionChanged());
    this.stopListening = this.host.onChange(() => {
      clearTimeout(this.settling);
      this.settling = setTimeout(() => void this.view.look(true), SETTLE_MS);
    });
    this.timer = setInterval(() => void this.view.look(false), LOOK_MS);
    this.server.check();
    void this.view.look(true);
  }

  /** Lets go of everything; jobs go on at the server. */
  stop(): void {
    clearTimeout(this.settling);
    clearInterval(this.timer);
    this.stopListening();
    this.reviews.stop();
    this.server.stop();
  }

  /** Whether a server is there, and a picture in front; else it is said why not. */
  isReady(): Promise<boolean> {
    return this.attempt(async () => {
      await this.documentInFront();
    });
  }

  panelIsShown(): void {
    this.hasPanel = true;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The form says something else: it is planned anew, and remembered. */
  wish(wish: Wish, filled?: Filled): void {
    this.wanted = wish;
    if (filled) this.options.fill(this.key, filled);
    void this.view.look(false);
  }

  /** What the form of the document in front was filled with. */
  get filled(): Filled {
    return this.options.filled(this.key);
  }

  /** The words of an earlier run in the document in front: 1 is the last one. */
  earlier(back: number): string | null {
    return this.options.earlier(this.key, back);
  }

  /** Whether the edit began. */
  async run(wish: Wish): Promise<boolean> {
    const begins = await this.begin((document) => {
      const lack = lackOf(wish);
      if (lack !== "") throw new CannotEdit(lack);
      return this.server.begin(document, wish);
    });
    if (begins) this.options.ran(this.key, textIn(wish, "words.prompt"));
    return begins;
  }

  /** What colour the selection has, or the result in hand: in words, and as a target. */
  async measure(target: string): Promise<Told> {
    try {
      await this.documentInFront();
      return await tell(this.host, this.server, this.view.result, target);
    } catch (error) {
      return { said: messageOf(error), target: "" };
    }
  }

  /** Says in a dialog what colour the selection has, or the result in hand. */
  async tellColor(): Promise<void> {
    const target = this.wanted ? textIn(this.wanted, "words.target_color") : "";
    await this.host.alert((await this.measure(target)).said).catch(() => undefined);
  }

  /** Those of the document in front. */
  async layers(): Promise<readonly Layer[]> {
    const glance = this.host.glance();
    return glance === null ? [] : this.host.layers(glance.document).catch(() => []);
  }

  /** A layer of the document in front to bring along, or by 0 what is selected; none: it is told why. */
  readonly reference = (layer: number): Promise<readonly Reference[]> => this.brought((document) => this.server.reference(document, layer));

  /** The same as a place that is an edit of its own. */
  readonly region = (layer: number): Promise<readonly Region[]> => this.brought((document) => this.server.region(document, layer));

  private async brought<T>(bring: (document: DocumentHandle) => Promise<T>): Promise<readonly T[]> {
    const found: T[] = [];
    await this.attempt(async () => void found.push(await bring(await this.documentInFront())));
    return found;
  }

  /** As many more variations of the result in hand, into its group. */
  async more(count: number): Promise<void> {
    await this.begin(async () => this.server.more(await this.view.resultInHand(), { seed: Math.floor(Math.random() * 2 ** 32), count }));
  }

  /** Paints the visible variation anew at the final tier. */
  async finish(): Promise<void> {
    await this.begin(async () => this.server.finish(await this.view.resultInHand()));
  }

  /** Takes the newest edit of the document in front back. */
  cancel(): void {
    const newest = this.running.of(this.view.id).pop();
    if (newest) newest.cancel();
    else void this.attempt(() => Promise.reject(new CannotEdit(say("state.none"))));
  }

  /** Places what waits for the document in front. */
  async accept(): Promise<void> {
    await this.attempt(async () => {
      const document = await this.documentInFront();
      const id = await this.host.identify(document);
      await this.view.look(true);
      await this.offers.found;
      const finished = this.running.of(this.view.id).filter(({ phase }) => phase === "finished");
      const jobs = this.offers.take(id);
      if (finished.length + jobs.length === 0) throw new CannotEdit(say("offer.none"));
      this.troubles.clear(document, id);
      finished.forEach((edit) => edit.place());
      for (const job of jobs) this.running.follow(this.server.adopt(job), document);
    });
  }

  /** What was made for the document in front; nothing while it has no id, or the server cannot tell. */
  async history(search: string, cursor: string): Promise<Pick<ListHistoryResponse, "entries" | "next">> {
    const none = { entries: [], next: "" };
    return this.view.id === "" ? none : this.server.history(this.view.id, search, cursor).catch(() => none);
  }

  /** Places one of what was made in the document in front again. */
  async again(entry: Pick<HistoryEntry, "jobId" | "variation">): Promise<void> {
    await this.begin(() => this.server.again(this.view.id, entry));
  }

  /** Makes room around the picture in front, and selects it. */
  readonly enlarge = async (ratio: readonly [number, number] | null, anchor: readonly [number, number]): Promise<void> => {
    await this.attempt(async () => {
      const document = this.host.glance()?.document;
      if (document === undefined) throw new CannotEdit(say("plan.no_picture"));
      const { width, height } = this.host.facts(document);
      const canvas = grownCanvas(width, height, ratio, anchor);
      if (canvas.width > width || canvas.height > height) await this.host.enlarge(document, canvas);
    });
  };

  /** Shows the result in hand to somebody, by a link that is on the clipboard then; the link as a QR code, a PNG, null: it went wrong. */
  async share(name: string): Promise<Uint8Array | null> {
    let made: Uint8Array | null = null;
    await this.attempt(async () => {
      if (name === "") throw new CannotEdit(say("review.no_name"));
      await this.documentInFront();
      const result = await this.view.resultInHand();
      const title = [this.view.glance?.title ?? "", result.name].filter(Boolean).join(" · ");
      const { url, said, code } = await this.reviews.share(await this.host.identify(result.document), result, title, name);
      await this.host.copy(url);
      this.shown.note(result.document, result.group, said);
      made = code;
    });
    return made;
  }

  /** What a pin of a review asks for is done. */
  async resolvePin(review: Review, pin: Pin): Promise<void> {
    await this.attempt(() => this.reviews.resolve(review, pin));
  }

  /** Selects what a pin is about. */
  async selectPin(review: Review, pin: Pin): Promise<void> {
    await this.attempt(async () => selectPlace(this.host, await this.documentInFront(), review, pin));
  }

  /** Paints a draft of a review that was approved at the final tier, from its layer. */
  async finishApproved(draft: Draft): Promise<void> {
    await this.begin(async (document) => this.server.finish(await showDraft(this.host, document, draft)));
  }

  /** The final of what was approved has to be offered. */
  private lookForResults(): void {
    this.offers.askAgain();
    void this.view.look(true);
  }

  dismiss(): void {
    this.offers.forget(this.offers.take(this.view.id).map(({ jobId }) => jobId));
    this.changed();
  }

  closeTrouble(): void {
    this.troubles.close();
  }

  async copy(text: string): Promise<void> {
    await this.attempt(() => this.host.copy(text));
  }

  /** What follows from a look: results that wait are asked for, the one in hand is looked at. */
  private looked(trouble: string): void {
    const { id, glance, result } = this.view;
    if (trouble === "") this.offers.askFor(id, glance?.document, this.running.jobIds);
    if (trouble === "") this.reviews.look(id, glance?.document);
    if (result) void this.shown.picture(result);
    this.troubles.looking = trouble;
    this.changed();
  }

  /** The document to work in, once a server is there. */
  private async documentInFront(): Promise<DocumentHandle> {
    const glance = this.host.glance();
    if (!glance) throw new CannotEdit(say("plan.no_picture"));
    await this.connected();
    const { state, reason } = this.server.view;
    if (state !== "ready") throw new CannotEdit(state === "trouble" ? reason : say("connection.not_yet"));
    return glance.document;
  }

  /** Waits until it is known whether a server is there, but not for ever. */
  private async connected(): Promise<void> {
    if (this.server.view.state !== "connecting") return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CONNECT_MS);
      this.awaited.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private begin(edit: (document: DocumentHandle) => RunningEdit | Promise<RunningEdit>): Promise<boolean> {
    return this.attempt(async () => {
      const document = await this.documentInFront();
      this.running.follow(await edit(document), document);
    });
  }

  /** What the document in front is remembered by: its number until it has an id. */
  private get key(): string {
    const number = String(this.view.glance?.document ?? "");
    if (this.view.id !== "") this.options.rename(number, this.view.id);
    return this.view.id || number;
  }

  /** Whether it went well; else `troubles` say why not. */
  private async attempt(what: () => void | Promise<void>): Promise<boolean> {
    const document = this.host.glance()?.document ?? null;
    let message = "";
    try {
      await what();
    } catch (error) {
      message = messageOf(error);
    }
    await this.view.look(true);
    this.troubles.note(message, document);
    this.tellAloud(message);
    this.changed();
    return message === "";
  }

  private tellAloud(message: string): void {
    if (message !== "" && !this.hasPanel) void this.host.alert(message).catch(() => undefined); // Photoshop is busy: the panel has it.
  }

  private connectionChanged(): void {
    const { state } = this.server.view;
    const isReady = state === "ready";
    if (state !== "connecting") {
      this.awaited.forEach((resume) => resume());
      this.awaited.clear();
    }
    if (isReady && !this.wasReady) this.offers.askAgain();
    this.wasReady = isReady;
    void this.view.look(true);
  }

  private changed(): void {
    this.state = this.compose();
    this.listeners.forEach((listener) => listener());
  }

  private compose(): PanelState {
    const { glance, id, result } = this.view;
    return {
      document: glance?.document ?? null,
      connection: this.server.view,
      edits: [...this.running.of(this.view.id), ...this.troubles.editsIn(glance?.document ?? null, id)],
      offers: this.offers.of(id).length,
      reviews: this.reviews.known,
      many: this.many.view,
      plan: this.planning.plan,
      canRun: this.planning.isPossible,
      result: result ? this.shown.viewOf(result, this.server.view.models, this.wanted ? textIn(this.wanted, "sampling.style") : "") : null,
      trouble: this.troubles.messageIn(glance?.document ?? null),
      filledIn: this.running.filledIn,
    };
  }
}
