/** What the plugin uses of UXP itself: settings, secrets, the clipboard and temporary files. */

import type { Stowed } from "./host";

/** Settings that outlive the session. */
export interface Settings {
  read(name: string): string;
  write(name: string, value: string): void;
  /** Encrypted for this user of this machine; empty where it was lost. */
  readSecret(name: string): Promise<string>;
  writeSecret(name: string, value: string): Promise<void>;
}

/** What was kept as JSON; `otherwise` where nothing was, or where it is damaged. */
export function recalled<T>(settings: Pick<Settings, "read">, name: string, otherwise: T): T {
  try {
    return JSON.parse(settings.read(name)) as T;
  } catch {
    return otherwise;
  }
}

interface SecureStorage {
  getItem(key: string): Promise<Uint8Array | null>;
  /** Refuses an empty value. */
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
}

/** A file of bytes. `format`: UXP's formats.binary. */
interface ByteFile {
  write(bytes: ArrayBuffer, options: { format: unknown }): Promise<number>;
  read(options: { format: unknown }): Promise<ArrayBuffer>;
  delete(): Promise<unknown>;
}

/** `uiLocale`: such as `de_DE`. */
interface UxpHost {
  readonly version?: string;
  readonly uiLocale?: string;
}

/** The part of `require("uxp")` that is used. */
export interface UxpModule {
  readonly host: UxpHost;
  readonly storage: {
    readonly secureStorage: SecureStorage;
    readonly localFileSystem: {
      getTemporaryFolder(): Promise<{ createFile(name: string, options: { overwrite: boolean }): Promise<unknown> }>;
    };
    readonly formats?: { readonly binary: unknown };
  };
}

/** UXP and the globals that belong to it. */
export interface Uxp {
  readonly host: UxpHost;
  readonly secrets: SecureStorage;
  readonly items: { getItem(key: string): string | null; setItem(key: string, value: string): void };
  /** A new UUID. */
  newId(): string;
  copy(text: string): Promise<void>;
  stow(bytes: Uint8Array): Promise<Stowed>;
}

/** The globals that are used. */
export interface UxpGlobals {
  readonly localStorage: Uxp["items"];
  readonly crypto: { randomUUID(): string };
  readonly navigator: { readonly clipboard: { writeText(text: string): Promise<void> } };
}

/** UXP as this plugin runs in it. */
export function uxpOf(module: UxpModule, globals: UxpGlobals): Uxp {
  return {
    host: module.host,
    secrets: module.storage.secureStorage,
    items: globals.localStorage,
    newId: () => globals.crypto.randomUUID(),
    copy: (text) => globals.navigator.clipboard.writeText(text),
    async stow(bytes) {
      try {
        const format = module.storage.formats?.binary;
        const folder = await module.storage.localFileSystem.getTemporaryFolder();
        const file = (await folder.createFile(`inlay-${globals.crypto.randomUUID()}`, { overwrite: true })) as ByteFile;
        await file.write(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer, { format });
        return {
          get: async () => new Uint8Array(await file.read({ format })),
          drop: async () => {
            await file.delete();
          },
        };
      } catch {
        return { get: () => Promise.resolve(bytes), drop: () => Promise.resolve() }; // The disk is full, or UXP has no such file.
      }
    },
  };
}

export function settingsOf(uxp: Uxp): Settings {
  return {
    read: (name) => uxp.items.getItem(`inlay.${name}`) ?? "",
    write: (name, value) => uxp.items.setItem(`inlay.${name}`, value),
    async readSecret(name) {
      const bytes = await uxp.secrets.getItem(`inlay.${name}`).catch(() => null);
      return bytes ? new TextDecoder().decode(bytes) : "";
    },
    writeSecret: (name, value) => (value === "" ? uxp.secrets.removeItem(`inlay.${name}`) : uxp.secrets.setItem(`inlay.${name}`, value)),
  };
}
