/** Everything that runs in this Photoshop: the connection, the edits, and finished results that wait for their document. */

import { Aloud } from "./aloud";
import type { InlayServer } from "./client/index";
import { CannotEdit, type DocumentHandle, type Host, type Layer, type Result } from "./host/host";
import { Looking, type Onlooker } from "./looking";
import { Offers } from "./offers";
import { messageOf, Planning, questionOf } from "./planning";
import { tell, type Told } from "./probe";
import { Remembered } from "./remembered";
import { Shown } from "./shown";
import type { RunningEdit } from "./standing";
import { Troubles } from "./troubles";
import type { Filled } from "./ui/form";
import type { ConnectionView, PanelState } from "./ui/model";
import { lackOf, textIn, type Wish } from "./wish";
import { type Say, Words } from "./words";

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
  private readonly running: RunningEdit[] = [];
  private readonly offers: Offers;
  private readonly planning: Planning;
  private readonly shown: Shown;
  private readonly view: Looking;
  private readonly aloud: Aloud;
  private wanted: Wish | null = null;
  private readonly troubles: Troubles;
  private wasReady = false;
  private described: ConnectionView["description"] = null;
  /** The result that is compared with what is below it, and the last turn of that. */
  private compared: Result | null = null;
  private comparing: Promise<void> = Promise.resolve();
  private readonly awaited = new Set<() => void>();
  private settling: ReturnType<typeof setTimeout> | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private stopListening: () => void = () => undefined;
  state: PanelState;
  readonly say: Say;
  private readonly words: Words;
  private readonly remembered: Remembered;

  constructor(
    private readonly host: Host,
    readonly server: Server,
  ) {
    const changed = (): void => this.changed();
    this.words = new Words(host.settings);
    this.say = this.words.say;
    this.remembered = new Remembered(host.settings);
    this.troubles = new Troubles(changed);
    this.shown = new Shown(host, changed);
    this.aloud = new Aloud(host);
    this.view = new Looking(host, this.onlooker());
    this.offers = new Offers(host, server, changed);
    this.planning = new Planning((question) => server.plan(question), changed);
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
    this.server.stop();
  }

  panelIsShown(): void {
    this.aloud.rest();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The form says something else: it is planned anew, and remembered. */
  wish(wish: Wish, filled?: Filled): void {
    this.wanted = wish;
    if (filled) {
      this.remembered.fill(this.key, filled);
    }
    void this.view.look(false);
  }

  /** What the form of the document in front was filled with. */
  get filled(): Filled {
    return this.remembered.filled(this.key);
  }

  /** The words of an earlier run in the document in front: 1 is the last one. */
  earlier(back: number): string | null {
    return this.remembered.earlier(this.key, back);
  }

  /** Whether the edit began. */
  async run(wish: Wish): Promise<boolean> {
    const begins = await this.begin((document) => {
      const lack = lackOf(wish);
      if (lack !== "") throw new CannotEdit(lack);
      return this.server.begin(document, wish);
    });
    if (begins) {
      this.remembered.ran(this.key, textIn(wish, "words.prompt"));
    }
    return begins;
  }

  /** What colour the selection has, or the result in hand: in words, and as a target. */
  async measure(target: string): Promise<Told> {
    try {
      await this.documentInFront();
      return await tell(this.host, this.server, this.view.result, target, this.say);
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

  /** As many more variations of the result in hand, into its group. */
  async more(count: number): Promise<void> {
    await this.begin(async () => this.server.more(await this.view.resultInHand(), { seed: anySeed(), count }));
  }

  /** Paints the visible variation anew at the final tier. */
  async finish(): Promise<void> {
    await this.begin(async () => this.server.finish(await this.view.resultInHand()));
  }

  /** Takes the newest edit of the document in front back. */
  cancel(): void {
    this.editsInFront().pop()?.cancel();
  }

  async keep(): Promise<void> {
    await this.attempt(async () => {
      const result = await this.view.resultInHand();
      const kept = result.variations.findIndex(({ visible }) => visible);
      if (kept < 0) throw new CannotEdit("No variation is visible. Show the one to keep.");
      await this.host.keep(result);
      result.variations.forEach((_, index) => this.server.rate(result.memory.jobId, index, index === kept));
    });
  }

  async discard(): Promise<void> {
    await this.attempt(async () => {
      const result = await this.view.resultInHand();
      const note = await this.host.discard(result);
      this.shown.note(result.document, result.group, note);
      result.variations.forEach((_, index) => this.server.rate(result.memory.jobId, index, false));
    });
  }

  /** Hides the result in hand, and shows it again, in the order in which it was asked for. */
  before(isBefore: boolean): Promise<void> {
    this.comparing = this.comparing.then(async () => {
      this.compared = isBefore ? this.view.result : (this.compared ?? this.view.result);
      const result = this.compared;
      if (result) {
        await this.attempt(() => this.host.reveal(result, !isBefore));
      }
    });
    return this.comparing;
  }

  async show(variation: number): Promise<void> {
    await this.attempt(async () => {
      await this.host.show(await this.view.resultInHand(), variation);
    });
  }

  async flip(by: number): Promise<void> {
    await this.attempt(async () => {
      const result = await this.view.resultInHand();
      const count = result.variations.length;
      const shown = Math.max(0, result.variations.findIndex(({ visible }) => visible));
      await this.host.show(result, (((shown + by) % count) + count) % count);
    });
  }

  async accept(): Promise<void> {
    await this.attempt(async () => {
      const document = await this.documentInFront();
      const id = await this.host.identify(document);
      this.troubles.clear(document, id);
      for (const job of this.offers.take(id)) {
        this.follow(this.server.adopt(job), document);
      }
    });
  }

  dismiss(): void {
    this.offers.dismiss(this.view.id);
    this.changed();
  }

  closeTrouble(): void {
    this.troubles.close();
  }

  async copy(text: string): Promise<void> {
    await this.attempt(() => this.host.copy(text));
  }

  foregroundColor(): string {
    return this.host.foregroundColor();
  }

  /** What follows from a look: plans anew where the question is another, asks for results that wait, measures. */
  private onlooker(): Onlooker {
    return {
      glanced: (glance) => this.planning.ask(questionOf(this.host, this.server.connection, glance, this.wanted, this.say)),
      read: (known) => this.offers.askFor(known, this.running.map(({ jobId }) => jobId)),
      seen: ({ result }) => {
        if (result) {
          void this.shown.picture(result);
        }
      },
      looked: (trouble) => {
        this.troubles.looking = trouble;
        this.changed();
      },
    };
  }

  /** The document to work in, once a server is there. */
  private async documentInFront(): Promise<DocumentHandle> {
    const glance = this.host.glance();
    if (!glance) throw new CannotEdit(this.say("plan.no_picture"));
    await this.connected();
    const { state, reason } = this.server.connection;
    if (state !== "ready") throw new CannotEdit(state === "trouble" ? reason : this.say("connection.not_yet"));
    return glance.document;
  }

  /** Waits until it is known whether a server is there, but not for ever. */
  private async connected(): Promise<void> {
    if (this.server.connection.state !== "connecting") return;
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
      this.follow(await edit(document), document);
    });
  }

  /** `document`: where it was begun. */
  private follow(edit: RunningEdit, document: DocumentHandle): void {
    this.troubles.clear(document, edit.documentId);
    this.running.push(edit);
    edit.on(() => void this.editChanged(edit, document));
    void this.editChanged(edit, document);
  }

  private async editChanged(edit: RunningEdit, begunIn: DocumentHandle): Promise<void> {
    const at = this.running.indexOf(edit);
    if (edit.hasEnded && at >= 0) {
      this.running.splice(at, 1);
      if (edit.phase === "placed") {
        const document = await this.host.find(edit.documentId);
        if (document !== null && edit.group !== null) {
          this.view.prefer(document, edit.group);
          this.shown.note(document, edit.group, edit.message);
        }
      } else {
        this.offers.askAgain(edit.documentId); // Its result may have to be offered.
      }
      if (edit.phase === "cancelled") {
        this.offers.forget([edit.jobId]); // It may have been finished before the server heard of it.
      }
      if ((edit.phase === "failed" || edit.phase === "waiting") && edit.message !== "") {
        const isHomeless = edit.documentId !== "" && (await this.host.find(edit.documentId)) === null;
        this.troubles.keep(edit, begunIn, isHomeless);
        this.aloud.say(`${edit.name}: ${edit.message}`);
      }
      await this.view.look(true);
    } else if (this.view.id === "") {
      await this.view.look(true); // The edit gave its document an id.
    }
    this.changed();
  }

  /** What the document in front is remembered by: its number until it has an id. */
  private get key(): string {
    const number = String(this.view.glance?.document ?? "");
    if (this.view.id !== "") {
      this.remembered.rename(number, this.view.id);
    }
    return this.view.id || number;
  }

  private editsInFront(): RunningEdit[] {
    return this.running.filter(({ documentId }) => documentId !== "" && documentId === this.view.id);
  }

  /** Whether it went well; else `troubles` say why not. */
  private async attempt(what: () => void | Promise<void>): Promise<boolean> {
    let message = "";
    try {
      await what();
    } catch (error) {
      message = messageOf(error);
    }
    await this.view.look(true);
    this.troubles.note(message, this.view.glance?.document ?? null);
    this.aloud.say(message);
    this.changed();
    return message === "";
  }

  private connectionChanged(): void {
    const { state, description } = this.server.connection;
    if (description !== null && description !== this.described) {
      this.described = description;
      this.words.hear(description.words);
    }
    const isReady = state === "ready";
    if (state !== "connecting") {
      this.awaited.forEach((resume) => resume());
      this.awaited.clear();
    }
    if (isReady && !this.wasReady) {
      this.offers.askAgain();
    }
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
      connection: this.server.connection,
      edits: [...this.editsInFront(), ...this.troubles.editsIn(glance?.document ?? null, id)],
      offers: this.offers.of(id).length,
      plan: this.planning.plan,
      canRun: this.planning.isPossible,
      result: result ? this.shown.viewOf(result, this.server.connection.models) : null,
      trouble: this.troubles.messageIn(glance?.document ?? null),
    };
  }
}

/** A seed as the contract has it: 32 bits. */
export function anySeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
