import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const REAL_TIME = "Simulated time and the seed come from outside, so that the same seed gives the same log.";

/** What must not be called where the same input has to give the same output. */
const deterministic = {
  "no-restricted-globals": [
    "error",
    ...["setTimeout", "setInterval", "performance"].map((name) => ({ name, message: REAL_TIME })),
  ],
  "no-restricted-properties": [
    "error",
    { object: "Date", property: "now", message: REAL_TIME },
    { object: "Math", property: "random", message: REAL_TIME },
    { object: "process", property: "hrtime", message: REAL_TIME },
    { object: "crypto", property: "randomUUID", message: REAL_TIME },
    ...["setTimeout", "setInterval"].map((property) => ({ object: "globalThis", property, message: REAL_TIME })),
  ],
  "no-restricted-syntax": [
    "error",
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: REAL_TIME },
    { selector: "CallExpression[callee.name='Date']", message: REAL_TIME },
  ],
  "@typescript-eslint/no-restricted-imports": [
    "error",
    ...["timers", "timers/promises", "perf_hooks"].flatMap((name) => [
      { name, message: REAL_TIME },
      { name: `node:${name}`, message: REAL_TIME },
    ]),
  ],
};

export default defineConfig(
  globalIgnores(["node_modules/", "coverage/", ".cache/", "rehearsal-output/", "runtime/dist/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ["error", "always"],
      complexity: ["error", 11],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { requireDefaultForNonUnion: true }],
      "@typescript-eslint/prefer-readonly": "error",
      // `typeof import("…")` types what a `require` returns.
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  {
    name: "A callback's SDK clients are required inside its factory: an import would be serialized.",
    files: ["functions/**/callback.ts"],
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
  {
    name: "The rehearsal and every plan are deterministic.",
    files: ["rehearsal/**/*.ts", "functions/**/plan.ts"],
    // What a person watches may show the real time.
    ignores: ["rehearsal/main.ts", "rehearsal/progress.ts", "rehearsal/**/cli.ts"],
    rules: deterministic,
  },
  {
    name: "The runtime's timers are given from outside, so that the rehearsal runs it on its own clock.",
    files: ["runtime/**/*.ts"],
    ignores: ["runtime/realTimers.ts"],
    rules: { "no-restricted-globals": ["error", "setTimeout", "setInterval"] },
  },
  {
    name: "A test reads as a list of sentences, however long.",
    files: ["tests/**/*.ts"],
    rules: {
      "max-lines": "off",
      "max-lines-per-function": "off",
      "no-restricted-syntax": [
        "error",
        {
          selector: "ExpressionStatement > CallExpression[callee.property.name='apply']",
          message: "An assertion inside an apply that nobody awaits proves nothing: await the Output.",
        },
      ],
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unused-expressions": "off",
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    files: ["**/*.cjs"],
    languageOptions: {
      sourceType: "commonjs",
      globals: {
        module: "writable",
        require: "readonly",
        process: "readonly",
        __dirname: "readonly",
        console: "readonly",
      },
    },
  },
);
