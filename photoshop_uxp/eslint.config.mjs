/** The plugin's lint: typescript-eslint's strict rules with types, and no code from strings, which Photoshop forbids. */

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import tseslint from "typescript-eslint";

const NODE_TESTS = { from: "package", package: "node:test", name: ["after", "afterEach", "before", "beforeEach", "describe", "test"] };

export default tseslint.config(
  { ignores: ["src/gen/**", "*.mjs"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: dirname(fileURLToPath(import.meta.url)) },
    },
    rules: {
      "no-eval": "error",
      "no-new-func": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: [NODE_TESTS] }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // Photoshop and UXP do not always keep to their typings, so the code asks and converts more than these say it has to.
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/no-unnecessary-type-conversion": "off",
      "@typescript-eslint/no-this-alias": "off", // The fake's getters are those of an object that Photoshop would return.
      "@typescript-eslint/no-unnecessary-type-parameters": "off", // An element's type follows from its tag, which no type tells.
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/require-await": "off", // An interface's methods are asynchronous, whoever implements them.
      "@typescript-eslint/use-unknown-in-catch-callback-variable": "off",
    },
  },
  {
    files: ["src/**"],
    rules: { "no-restricted-imports": ["error", { patterns: [{ group: ["**/self_test/**"], message: "The plugin has nothing of its self-test." }] }] },
  },
);
