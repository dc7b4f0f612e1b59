/** The panel's page for headless Chromium, built into a folder. */

import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { build } from "esbuild";
import { Calls } from "../../src/client/connect";
import { DescribeVerbsResponseSchema } from "../../src/gen/inlay/v1/verbs_pb";
import { Inlay } from "../client/inlay";
import { PLUGIN } from "./room";

/** What english.mjs says: the tests are built with it too. */
declare const ENGLISH: Readonly<Record<string, string>>;

const ROOM = join(PLUGIN, "test/ui");

/** What a real server says of its verbs, in every language, as base64. */
async function describe(): Promise<Record<string, string>> {
  const server = await Inlay.start();
  try {
    const calls = new Calls(server.url, "", fetch);
    const told = ["en", "de"].map(async (locale) => [locale, await calls.call("describeVerbs", { locale })] as const);
    return Object.fromEntries((await Promise.all(told)).map(([locale, answer]) => [locale, base64Encode(toBinary(DescribeVerbsResponseSchema, answer))]));
  } finally {
    await server.end();
  }
}

/** Writes stage.html and all that it loads. `script`: what runs in it. */
export async function buildPage(folder: string, script = "stage.ts"): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(ROOM, script)],
    outfile: join(folder, "stage.js"),
    bundle: true,
    format: "iife",
    target: "es2020",
    define: { ENGLISH: JSON.stringify(ENGLISH) },
    logLevel: "error",
  });
  writeFileSync(join(folder, "described.js"), `const described = ${JSON.stringify(await describe())};`);
  for (const file of ["stage.html", "themes.css", "../../src/ui/panel.css"]) {
    copyFileSync(join(ROOM, file), join(folder, file.split("/").pop() ?? file));
  }
}
