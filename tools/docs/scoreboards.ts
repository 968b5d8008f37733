/**
 * `npm run docs:scoreboards`: runs the command above each `<!-- scoreboard -->` of the documents and puts its table there.
 * Commands that name `$TRACES` are run only where that variable names a folder with the recorded traces.
 */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { VariantResult } from "../../rehearsal/measure/result";
import { costOfTraces } from "./costOfTraces";
import { fenced, filled } from "./markers";
import { RECORDED, rehearse, through, variantsOf } from "./rehearsed";
import { scalingPlot } from "./scalingPlot";

const DOCUMENTS = [
  "README.md",
  "docs/decisions/0004-detach-as-default-replacement.md",
  "docs/fallback.md",
  "docs/long-requests.md",
  "docs/recommendations.md",
  "docs/refresh.md",
  "docs/small-clusters.md",
  "docs/rebalance.md",
  "docs/workers.md",
];

const FENCE = /```sh\nnpm run rehearse -- ([^\n]+)\n```\n\n<!-- scoreboard[^>]*-->\n[\s\S]*?<!-- \/scoreboard -->/g;
const TRACES = /(<!-- traces -->\n)[\s\S]*?(<!-- \/traces -->)/;

function fill(document: string): string {
  return document.replace(FENCE, (whole, command: string) => {
    if (command.includes("$TRACES") && process.env.TRACES === undefined) return whole;
    const args = command.split(" ").map((each) => each.replace("$TRACES", process.env.TRACES ?? ""));
    const table = rehearse(args)
      .split("\n")
      .filter((line) => /^[│┌├└]/.test(line))
      .join("\n");
    return `\`\`\`sh\nnpm run rehearse -- ${command}\n\`\`\`\n\n<!-- scoreboard -->\n\`\`\`text\n${table}\n\`\`\`\n<!-- /scoreboard -->`;
  });
}

const count = (value: number): string => value.toLocaleString("en-US");

/** What a variant did wrong: outages and what follows them are the market's, and no handling makes a notice longer. */
const lost = ({ requests: { failed, failedBy } }: VariantResult): number =>
  failed - failedBy.outage - failedBy.recovery - failedBy.outlastsNotice;

function traceRow(folder: string, recorded: (typeof RECORDED)[number]): string {
  const variants = variantsOf(["--scenario", "fleet", ...through(folder, recorded, 100)]);
  const [ours, unhandled, native] = ["spotproof", "unhandled", "awsNative"].map((name) => variants[name]!);
  const silent = ours!.requests.failedBy.withoutNotice;
  const cells = [
    `\`${path.basename(recorded[0])}\``,
    count(ours!.interruptions.instancesLost),
    count(lost(unhandled!)),
    count(lost(native!)),
    count(lost(ours!)),
    count(silent),
    count(ours!.requests.failedBy.outage + ours!.requests.failedBy.recovery),
    ours!.capacityMinutesLost.meanPerInterruption.toFixed(2),
    `${(ours!.cost.ratio * 100).toFixed(0)} %`,
  ];
  return `| ${cells.join(" | ")} |`;
}

function traceTable(folder: string): string {
  const head = [
    "| trace | instances lost | failed, unhandled | failed, awsNative | failed, spotproof | of these without a notice | outage and recovery | minutes below desired per interruption | cost of on-demand |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
  ];
  return [...head, ...RECORDED.map((recorded) => traceRow(folder, recorded))].join("\n");
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

/** What is told of a worker tier, by a name for it. */
const OF_JOBS: readonly (readonly [name: string, of: (jobs: VariantResult["jobs"]) => string])[] = [
  ["jobs", ({ submitted }) => count(submitted)],
  ["lost", ({ lost }) => count(lost)],
  ["dead letters", ({ deadLettered }) => count(deadLettered)],
  ["begun again", ({ repeated }) => count(repeated)],
  ["of the work thrown away", ({ thrownAwaySeconds, workSeconds }) => percent(thrownAwaySeconds / workSeconds)],
  ["worker hours for an hour of work", ({ taskSeconds, workSeconds }) => (taskSeconds / workSeconds).toFixed(2)],
  ["`high`, 95th percentile", ({ queueSeconds }) => `${count(Math.round(queueSeconds.high!.p95))} s`],
  ["`low`, 95th percentile", ({ queueSeconds }) => `${count(Math.round(queueSeconds.low!.p95))} s`],
  ["EC2 for 1,000 jobs", ({ usdPerThousand }) => `$${usdPerThousand.toFixed(2)}`],
];

function workerTable(): string {
  const variants = Object.entries(variantsOf(["--scenario", "workers"]));
  const rows = OF_JOBS.map(([name, of]) => [name, ...variants.map(([, { jobs }]) => of(jobs))]);
  const table = [["", ...variants.map(([name]) => name)], ["---", ...variants.map(() => "---:")], ...rows];
  return table.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The page on scaling shows a day of the stack of its scenario, whose instances have two vCPUs and its tasks half of one. */
function plotScaling(page: string): string {
  const log = path.join(mkdtempSync(path.join(tmpdir(), "plot-")), "events.ndjson");
  rehearse(["--scenario", "scale-in", "--variants", "spotproof", "--days", "1", "--log", log, "--quiet"]);
  return filled(page, "plot:scale-in", fenced("mermaid", scalingPlot(log, 24, 4)));
}

const SCALING = "docs/scaling.md";
writeFileSync(SCALING, plotScaling(readFileSync(SCALING, "utf8")));

const README = "README.md";
writeFileSync(README, filled(readFileSync(README, "utf8"), "workers", workerTable()));

for (const file of DOCUMENTS) {
  const tables = fill(readFileSync(file, "utf8"));
  const { TRACES: folder } = process.env;
  writeFileSync(
    file,
    folder === undefined
      ? tables
      : tables.replace(TRACES, (_, open: string, end: string) => `${open}${traceTable(folder)}\n${end}`),
  );
}

const COST = "docs/cost-rehearsed.md";
if (process.env.TRACES !== undefined) {
  for (const [mark, table] of Object.entries(costOfTraces(process.env.TRACES)))
    writeFileSync(COST, filled(readFileSync(COST, "utf8"), mark, table));
}
