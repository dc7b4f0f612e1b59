/** The page's lint: typescript-eslint's strict rules with types, and none of what the page's content security policy forbids. */

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import tseslint from "typescript-eslint";

const NODE_TESTS = { from: "package", package: "node:test", name: ["after", "afterEach", "before", "beforeEach", "describe", "test"] };
const AS_HTML = { selector: "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]", message: "Trusted types forbid it." };

export default tseslint.config(
  { ignores: ["*.mjs"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: dirname(fileURLToPath(import.meta.url)) },
    },
    rules: {
      "no-eval": "error",
      "no-new-func": "error",
      "no-restricted-syntax": ["error", AS_HTML],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: [NODE_TESTS] }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-unnecessary-type-parameters": "off", // A message's type follows from its schema.
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
);
