/** How esbuild makes one classic script for Photoshop of the plugin's sources. */

/** esbuild's options. words: what english() says. origin: the only server that the plugin talks to; empty: any. */
export function script(entryPoint, words, origin = "") {
  return {
    entryPoints: [entryPoint],
    bundle: true,
    format: "iife",
    // Photoshop 26 runs ES2020; asynchronous generators are the one part of it that nobody has shown there.
    target: "es2020",
    supported: { "async-generator": false, "for-await": false },
    charset: "utf8",
    external: ["photoshop", "uxp"],
    define: { LOCKED_ORIGIN: JSON.stringify(origin), ENGLISH: JSON.stringify(words) },
    legalComments: "none",
    logLevel: "warning",
  };
}
