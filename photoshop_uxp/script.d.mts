import type { BuildOptions } from "esbuild";

export function script(entryPoint: string, words: Readonly<Record<string, string>>, origin?: string): BuildOptions;
