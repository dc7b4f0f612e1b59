import type { BuildOptions } from "esbuild";

export function script(entryPoint: string, origin?: string): BuildOptions;
