/** Settings that a test reads and writes: as Photoshop keeps them, in memory. */

import type { Settings } from "../../src/host/uxp";

export function memorySettings(stored: Readonly<Record<string, string>> = {}): Settings & { readonly secrets: Map<string, string> } {
  const items = new Map(Object.entries(stored));
  const secrets = new Map<string, string>();
  return {
    secrets,
    read: (name) => items.get(name) ?? "",
    write: (name, value) => void items.set(name, value),
    readSecret: async (name) => secrets.get(name) ?? "",
    writeSecret: async (name, value) => void secrets.set(name, value),
  };
}
