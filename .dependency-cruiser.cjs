/**
 * The arrows between the rooms: index → config, components; components → functions; functions and runtime → nothing.
 * The policies stand alone, and the rehearsal looks in from outside. `tests/project/arrows.test.ts` shows that each rule catches its violation.
 */
const ROOMS =
  "^(index\\.ts$|config\\.ts$|(components|functions|runtime|policies|examples|rehearsal|tests|bench|tools)/)";
const TYPE_ONLY = ["type-only", "type-import"];

/** The room named by `from` may import, of our own, only what `allowed` matches. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { path: ROOMS, pathNot: allowed },
});

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Two files that need each other are one file, or hide a third. Looking back for a type is no need.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: TYPE_ONLY } },
    },
    {
      name: "no-unresolvable",
      comment: "The import leads nowhere: a misspelt path, or a package that package.json doesn't have.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    only("index-puts-together", "^index\\.ts$", "^(config\\.ts$|components/)", "index.ts takes config and components."),
    only(
      "config-takes-small-parts",
      "^config\\.ts$",
      "^components/",
      "config.ts takes types and tables of components.",
    ),
    {
      name: "config-builds-nothing",
      comment: "Configuration is read before anything is built: of a component, config.ts takes the types only.",
      severity: "error",
      from: { path: "^config\\.ts$" },
      to: {
        path: "^components/([sS]potCluster|[bB]alancedService|[sS]qsWorkerTier)\\.ts$",
        dependencyTypesNot: TYPE_ONLY,
      },
    },
    only("components-use-functions", "^components/", "^(components|functions)/", "A component deploys functions."),
    only(
      "functions-stand-alone",
      "^functions/",
      "^functions/",
      "What a function imports is uploaded to Lambda with it.",
    ),
    {
      name: "functions-take-only-types-from-the-sdk",
      comment:
        "A captured import is serialized by its inner path, which Lambda doesn't have: require it in callback.ts.",
      severity: "error",
      from: { path: "^functions/" },
      to: { path: "(^|/)@(aws-sdk|smithy)/", dependencyTypesNot: [...TYPE_ONLY, "require"] },
    },
    only("runtime-stands-alone", "^runtime/", "^runtime/", "The runtime goes into the user's container, alone."),
    only(
      "rehearsal-looks-in",
      "^rehearsal/",
      "^(index\\.ts$|config\\.ts$|(components|functions|runtime|policies|rehearsal)/)",
      "The rehearsal runs the program and its policies; it knows no test and no benchmark.",
    ),
    only(
      "examples-use-components",
      "^examples/",
      "^(examples|components)/",
      "An example has what a user's own program has: the components.",
    ),
    only(
      "policies-stand-alone",
      "^policies/",
      "^policies/",
      "The policy pack is published by itself, and judges stacks that never heard of our components.",
    ),
    {
      name: "product-needs-no-dev-dependency",
      comment: "Whoever deploys the stack installs `dependencies` only.",
      severity: "error",
      from: { path: "^(index\\.ts$|config\\.ts$|components/|policies/)" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: TYPE_ONLY },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(coverage|rehearsal-output|runtime/dist)/" },
    // "specify" counts type imports too, and says which they are.
    tsPreCompilationDeps: "specify",
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
    builtInModules: { add: ["node:sqlite", "node:test"] },
  },
};
