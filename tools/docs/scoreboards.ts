/**
 * `npm run docs:scoreboards`: runs the command above each `<!-- scoreboard -->` of the documents and puts its table there.
 * Commands that name `$TRACES` are run only where that variable names a folder with the recorded traces.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RehearsalResult, VariantResult } from "../../rehearsal/measure/result";
import { fenced, filled } from "./markers";
import { scalingPlot } from "./scalingPlot";

const DOCUMENTS = [
  "README.md",
  "docs/decisions/0004-detach-as-default-replacement.md",
  "docs/long-requests.md",
  "docs/rebalance.md",
  "docs/workers.md",
];

const FENCE = /```sh\nnpm run rehearse -- ([^\n]+)\n```\n\n<!-- scoreboard[^>]*-->\n[\s\S]*?<!-- \/scoreboard -->/g;
const TRACES = /(<!-- traces -->\n)[\s\S]*?(<!-- \/traces -->)/;

function rehearse(args: readonly string[]): string {
  const command = ["-r", "ts-node/register", "rehearsal/main.ts", ...args];
  try {
    return execFileSync(process.execPath, command, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    // 1 says that a law was broken, which the table tells.
    const { status, stdout } = error as { status: number; stdout: string };
    if (status !== 1) throw error;
    return stdout;
  }
}

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

/** Recorded traces, how long they are, and the load that goes with them. */
const RECORDED: readonly (readonly [trace: string, days: number])[] = [
  ["spot/events_asg_g4dn_bamboo.csv", 0.448],
  ["spot/counts_asg_2020-11_bamboo.csv#us-east-1", 3.69],
  ["spot/counts_asg_2020-11_bamboo.csv#us-east-1c", 1.02],
  ["spot/counts_asg_2020-11_bamboo.csv#us-east-1d", 0.528],
  ["spot/counts_asg_2020-11_bamboo.csv#us-east-1e", 0.789],
  ["spot/preempt_1node_2023-04-22_p3_4az.csv", 7.39],
];
const LOAD = "web/nasa_http_1995-07_per_min.csv";

const count = (value: number): string => value.toLocaleString("en-US");

/** What a variant did wrong: outages and what follows them are the market's, and no handling makes a notice longer. */
const lost = ({ requests: { failed, failedBy } }: VariantResult): number =>
  failed - failedBy.outage - failedBy.recovery - failedBy.outlastsNotice;

function traceRow(folder: string, trace: string, days: number): string {
  const json = path.join(mkdtempSync(path.join(tmpdir(), "scoreboards-")), "result.json");
  const load = ["--load", path.join(folder, LOAD), "--load-scale", "100"];
  const market = ["--spot-trace", path.join(folder, trace), "--days", String(days)];
  rehearse(["--scenario", "fleet", ...market, ...load, "--json", json, "--quiet"]);
  const { variants } = JSON.parse(readFileSync(json, "utf8")) as RehearsalResult;
  const [ours, unhandled, native] = ["spotproof", "unhandled", "awsNative"].map((name) => variants[name]!);
  const silent = ours!.requests.failedBy.withoutNotice;
  const cells = [
    `\`${path.basename(trace)}\``,
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
  return [...head, ...RECORDED.map(([trace, days]) => traceRow(folder, trace, days))].join("\n");
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
  const json = path.join(mkdtempSync(path.join(tmpdir(), "scoreboards-")), "result.json");
  rehearse(["--scenario", "workers", "--json", json, "--quiet"]);
  const variants = Object.entries((JSON.parse(readFileSync(json, "utf8")) as RehearsalResult).variants);
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
