/** Pictures as blob URLs: fetched once, held while somebody looks at them, and given back when nobody does. */

export type Fetch = (signal: AbortSignal) => Promise<Blob>;

interface Held {
  readonly url: Promise<string>;
  readonly stop: AbortController;
  users: number;
}

/** One use of a picture. */
export class Use {
  isReleased = false;

  /** url: a blob URL, good until `release`. */
  constructor(
    readonly url: Promise<string>,
    private readonly giveBack: () => void,
  ) {}

  release(): void {
    if (!this.isReleased) this.giveBack();
    this.isReleased = true;
  }
}

/** A browser opens six connections to a server: these leave room for the stream and for a decision. */
const AT_A_TIME = 4;

export class Pictures {
  private readonly held = new Map<string, Held>();
  private readonly turns: (() => void)[] = [];
  private under = 0;

  /** Holds the picture that goes by a key, fetching it unless it is here. */
  use(key: string, fetch: Fetch): Use {
    const held = this.held.get(key) ?? this.begin(key, fetch);
    held.users += 1;
    return new Use(held.url, () => {
      held.users -= 1;
      if (held.users === 0) this.drop(key, held);
    });
  }

  /** Gives all of them back. */
  end(): void {
    this.held.forEach((held, key) => this.drop(key, held));
  }

  private begin(key: string, fetch: Fetch): Held {
    const stop = new AbortController();
    const held = { url: this.inTurn(fetch, stop.signal).then((blob) => URL.createObjectURL(blob)), stop, users: 0 };
    held.url.catch(() => {
      if (this.held.get(key) === held) this.held.delete(key); // The next one who wants it tries again.
    });
    this.held.set(key, held);
    return held;
  }

  private drop(key: string, held: Held): void {
    if (this.held.get(key) === held) this.held.delete(key);
    held.stop.abort();
    held.url.then((url) => URL.revokeObjectURL(url), () => undefined);
  }

  private async inTurn(fetch: Fetch, signal: AbortSignal): Promise<Blob> {
    if (this.under >= AT_A_TIME) await new Promise<void>((resolve) => this.turns.push(resolve));
    this.under += 1;
    try {
      signal.throwIfAborted();
      return await fetch(signal);
    } finally {
      this.under -= 1;
      this.turns.shift()?.();
    }
  }
}
