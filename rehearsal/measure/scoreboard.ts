/** The scoreboard: a table that a reader understands without a manual. */
import Table from "cli-table3";
import { CAUSES } from "./causes";
import { EVENNESS_ROWS } from "./evennessRows";
import { jobRows } from "./jobRows";
import type { RehearsalResult, VariantResult } from "./result";

/** A line of the table; a label that is indented belongs to the one above. */
export type Row = readonly [label: string, cell: (variant: VariantResult) => string];

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const oneDigit = (value: number): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const money = (value: number): string =>
  `$${value.toLocaleString("en-US", { maximumFractionDigits: 2, minimumFractionDigits: 2 })}`;

const ROWS: readonly Row[] = [
  ["Requests served", ({ requests }) => whole(requests.served)],
  ["  when sent again", ({ requests }) => whole(requests.retried)],
  ["Requests failed", ({ requests }) => whole(requests.failed)],
  ...Object.entries(CAUSES).map(([cause, label]): Row => [
    `  ${label}`,
    ({ requests }) => whole(requests.failedBy[cause as keyof typeof CAUSES]),
  ]),
  ["Spot interruptions with notice", ({ interruptions }) => whole(interruptions.notices)],
  ["  without", ({ interruptions }) => whole(interruptions.withoutNotice)],
  ["Rebalance recommendations", ({ interruptions }) => whole(interruptions.recommendations)],
  ["Minutes below desired capacity", ({ capacityMinutesLost }) => oneDigit(capacityMinutesLost.total)],
  ["  per interruption, mean", ({ capacityMinutesLost }) => oneDigit(capacityMinutesLost.meanPerInterruption)],
  ["  per interruption, 95th percentile", ({ capacityMinutesLost }) => oneDigit(capacityMinutesLost.p95)],
  [
    "Surplus instance minutes per interruption",
    ({ surplusInstanceMinutes: surplus }) => (surplus === null ? "–" : oneDigit(surplus.meanPerInterruption)),
  ],
  ["Tasks started", ({ tasks }) => whole(tasks.started)],
  ["Tasks killed", ({ tasks }) => whole(tasks.killed)],
  ["Task hours", ({ scaling }) => oneDigit(scaling.taskHours)],
  ["Desired tasks, least to most", ({ scaling }) => `${whole(scaling.desiredMin)}–${whole(scaling.desiredMax)}`],
  ["  times scaled out", ({ scaling }) => whole(scaling.scaleOuts)],
  ["  times scaled in", ({ scaling }) => whole(scaling.scaleIns)],
  ["Deployments completed", ({ deployments }) => whole(deployments.completed)],
  ["  rolled back", ({ deployments }) => whole(deployments.rolledBack)],
  ["EC2 cost", ({ cost }) => money(cost.usd)],
  ["  of on-demand", ({ cost }) => `${whole(cost.ratio * 100)} %`],
  ["  of the cheapest possible", ({ cost }) => `${whole(cost.ofClairvoyant * 100)} %`],
  ["Lambda invocations", ({ lambda }) => whole(lambda.invocations)],
  ["Laws broken", ({ lawsBroken }) => (lawsBroken.length === 0 ? "none" : whole(lawsBroken.length))],
];

export function scoreboard(result: RehearsalResult): string {
  const names = Object.keys(result.variants);
  const variants = Object.values(result.variants);
  const table = new Table({
    head: ["", ...names],
    colAligns: ["left", ...names.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const [label, cell] of rowsOf(result)) table.push([label, ...variants.map(cell)]);
  return table.toString();
}

/** What is told of each variant. */
export function rowsOf(result: RehearsalResult): Row[] {
  const variants = Object.values(result.variants);
  return [...ROWS, ...rowsOfEvenness(variants), ...rowsOfJobs(variants)];
}

/** None where no variant moved a task. */
function rowsOfEvenness(variants: readonly VariantResult[]): Row[] {
  if (variants.every(({ evenness }) => evenness.moves === 0)) return [];
  return EVENNESS_ROWS.map(([label, cell]) => [label, ({ evenness }) => cell(evenness)]);
}

/** None where no variant had any. */
function rowsOfJobs(variants: readonly VariantResult[]): Row[] {
  if (variants.every(({ jobs }) => jobs.submitted === 0)) return [];
  const queues = [...new Set(variants.flatMap(({ jobs }) => Object.keys(jobs.queueSeconds)))].sort();
  return jobRows(queues).map(([label, cell]) => [label, ({ jobs }) => cell(jobs)]);
}

/** What else a reader should know: policies, breaches, and what was left out. */
export function remarks(result: RehearsalResult): string[] {
  return Object.entries(result.variants).flatMap(([name, { policies, lawsBroken, notModelled }], index) => [
    policyLine(name, policies),
    ...lawsBroken
      .slice(0, 3)
      .map(
        ({ atSeconds, object, law, message }) => `${name} broke a law at ${atSeconds} s, ${object}: ${law}: ${message}`,
      ),
    ...(lawsBroken.length > 3 ? [`${name}: and ${lawsBroken.length - 3} more`] : []),
    ...(index === 0 && notModelled.length > 0 ? [`not modelled in ${name}: ${notModelled.join(", ")}`] : []),
  ]);
}

function policyLine(name: string, { checked, violations }: VariantResult["policies"]): string {
  const violated = [...new Set(violations.map(({ rule }) => rule))];
  const which = violated.length === 0 ? "" : `: ${violated.join(", ")}`;
  return `policies of ${name}: ${checked} checked, ${violated.length} violated${which}`;
}
