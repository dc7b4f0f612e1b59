/** A Host on the fake Photoshop: the plugin's own adapter, with an editor in memory below it. */

import { PhotoshopHost } from "../../src/host/photoshop";
import { photoshopStage, type Stage } from "../../self_test/stage";
import type { Host } from "../../src/host/photoshop";
import type { Uxp } from "../../src/host/uxp";
import { type FakeFile, FakePhotoshop } from "./photoshop";
import { type Fault, LIKELY, type Switches } from "./switches";

export interface FakeHost {
  readonly fake: FakePhotoshop;
  readonly host: Host;
  readonly stage: Stage;
}

export function fakeHost(switches: Partial<Switches> = {}, faults: readonly Fault[] = []): FakeHost {
  const fake = new FakePhotoshop({ ...LIKELY, ...switches });
  faults.forEach((fault) => fake.faults.add(fault));
  const host = new PhotoshopHost(fake.module, fakeUxp());
  const stage = photoshopStage(fake.module, async (name): Promise<FakeFile> => ({ name, path: `/tmp/${name}`, saved: null }));
  return { fake, host, stage };
}

export function fakeUxp(): Uxp {
  const items = new Map<string, string>();
  const secrets = new Map<string, string>();
  return {
    host: { version: "26.0.0 (fake)" },
    items: { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) },
    secrets: {
      getItem: async (key) => (secrets.has(key) ? new TextEncoder().encode(secrets.get(key) ?? "") : null),
      async setItem(key, value) {
        if (value === "") throw new Error("The value is empty.");
        secrets.set(key, value);
      },
      async removeItem(key) {
        if (!secrets.delete(key)) throw new Error("There is no such item.");
      },
    },
    newId: () => crypto.randomUUID(),
    copy: async () => undefined,
    stow: async (bytes) => {
      const held = bytes.slice();
      return { get: async () => held, drop: async () => undefined };
    },
  };
}
