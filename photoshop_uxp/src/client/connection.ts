/** Whether a server is there: asked at intervals, told with a reason and a cure. */

import { equals } from "@bufbuild/protobuf";
import type { GetServerInfoResponse, Model } from "../gen/inlay/v1/inlay_pb";
import { type DescribeVerbsResponse, DescribeVerbsResponseSchema } from "../gen/inlay/v1/verbs_pb";
import type { Settings } from "../host/uxp";
import { DEFAULT_URL, partsOf } from "./address";
import { Calls } from "./connect";
import { Stop } from "./pause";
import { Cancelled, KnownTrouble } from "./trouble";

const PROTOCOL = 1;
const CHECK_MS = 4_000;
const INTERVAL_MS = 5_000;
const RETRY_MS = [1000, 2000, 3000, 5000] as const;

export interface Address {
  /** Scheme, host and port. */
  readonly url: string;
  readonly token: string;
}

export interface ConnectionView {
  readonly state: "ready" | "connecting" | "trouble";
  readonly serverName: string;
  readonly serverVersion: string;
  readonly url: string;
  /** Why there is no server, and what to do. */
  readonly reason: string;
  /** The forms and the words of this server, or of the last one; null: none was ever heard. */
  readonly description: DescribeVerbsResponse | null;
  readonly models: readonly Model[];
}

/** Who is at the other end. Throws Trouble where nobody is, or somebody who speaks another protocol. */
export async function greet(calls: Calls, signal?: Stop): Promise<GetServerInfoResponse> {
  if (partsOf(calls.url) === null) throw new KnownTrouble("invalid_argument", "address", { url: calls.url, example: DEFAULT_URL });
  const info = await calls.call("getServerInfo", {}, signal, CHECK_MS);
  if (info.protocol === PROTOCOL) return info;
  const facts = { theirs: info.protocol, ours: PROTOCOL };
  throw new KnownTrouble("failed_precondition", info.protocol < PROTOCOL ? "old_server" : "old_plugin", facts);
}

/** The server that the settings name. */
export class Connection {
  view: ConnectionView;
  calls: Calls;
  private token = "";
  private url: string;
  /** Settled once the token was read. */
  private readonly known: Promise<void>;
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: Stop | null = null;
  private failures = 0;

  /** lockedOrigin: the only server of this build; empty: any. locale: the editor's, as BCP 47. */
  constructor(
    private readonly settings: Settings,
    protected readonly native: typeof fetch,
    readonly lockedOrigin: string,
    readonly locale: string,
  ) {
    this.url = lockedOrigin || settings.read("server") || DEFAULT_URL;
    this.calls = this.newCalls();
    this.view = this.unknown("connecting", "", null);
    this.known = settings.readSecret("token").then(
      (token) => {
        this.token = token;
        this.calls = this.newCalls();
      },
      () => undefined, // The server asks for it, if it needs one.
    );
  }

  get address(): Address {
    return { url: this.url, token: this.token };
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Turns to another server, from now on and after a restart. */
  use({ url, token }: Address): void {
    this.stop();
    this.url = this.lockedOrigin || url || DEFAULT_URL;
    this.token = token;
    this.settings.write("server", this.url);
    void this.settings.writeSecret("token", token).catch(() => undefined); // Then it has to be entered again next time.
    this.calls = this.newCalls();
    this.failures = 0;
    this.turn(this.unknown("connecting", ""));
    this.check();
  }

  /** Asks now, unless it is being asked. */
  check(): void {
    if (this.asking === null) {
      clearTimeout(this.timer);
      void this.ask();
    }
  }

  /** Asks no more. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.asking?.abort();
    this.asking = null;
  }

  private async ask(): Promise<void> {
    const asking = new Stop();
    this.asking = asking;
    let view: ConnectionView;
    try {
      await this.known;
      view = await this.find(asking);
      this.failures = 0;
    } catch (error) {
      if (error instanceof Cancelled) return;
      view = this.unknown("trouble", error instanceof Error ? error.message : String(error));
      this.failures += 1;
    }
    if (this.asking !== asking) return; // The address changed meanwhile.
    this.asking = null;
    const delay = view.state === "ready" ? INTERVAL_MS : RETRY_MS[Math.min(this.failures, RETRY_MS.length) - 1];
    this.timer = setTimeout(() => this.check(), delay);
    this.turn(view);
  }

  private async find(signal: Stop): Promise<ConnectionView> {
    const { calls, locale } = this;
    const info = await greet(calls, signal);
    calls.profiles = new Set(info.profiles);
    const { models } = await calls.call("listModels", {}, signal, CHECK_MS);
    const told = await calls.call("describeVerbs", { locale }, signal, CHECK_MS);
    const known = this.view.description;
    const description = known !== null && equals(DescribeVerbsResponseSchema, known, told) ? known : told;
    return { state: "ready", serverName: info.name, serverVersion: info.version, url: this.url, reason: "", description, models };
  }

  /** Their dropped line hastens the next question; a connection that was stopped has none. */
  private newCalls(): Calls {
    const hasten = (): void => {
      if (this.timer !== undefined) this.check();
    };
    return new Calls(this.url, this.token, this.native, hasten, this.locale);
  }

  /** The forms of the last server stay: what was typed into them is not lost over a restart. */
  private unknown(state: ConnectionView["state"], reason: string, description: DescribeVerbsResponse | null = this.view.description): ConnectionView {
    return { state, serverName: "", serverVersion: "", url: this.url, reason, description, models: [] };
  }

  private turn(view: ConnectionView): void {
    const idOf = ({ models, ...view }: ConnectionView): string => JSON.stringify([{ ...view, description: null }, models.map(({ id }) => id)]);
    const isSame = idOf(view) === idOf(this.view) && view.description === this.view.description;
    this.view = view;
    if (!isSame) this.listeners.forEach((listener) => listener());
  }
}
