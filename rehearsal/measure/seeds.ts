/** One scenario rehearsed with several seeds: what all of them lost, and which lost most. */
import Table from "cli-table3";
import { sum } from "simple-statistics";
import { z } from "zod";
import { CAUSES } from "./causes";
import { REPEATS } from "./jobRows";
import { resultSchema, type RehearsalResult, type VariantResult } from "./result";

/** What `--json` writes with `--seeds`. */
export const seedsSchema = z.strictObject({
  schema: z.literal("spotproof/rehearsals/1"),
  results: z.array(resultSchema).min(1).describe("one for each seed, in the order of the seeds"),
});

export type SeedsResult = z.infer<typeof seedsSchema>;

export const seedsResult = (results: RehearsalResult[]): SeedsResult => ({ schema: "spotproof/rehearsals/1", results });

/** A variant's results, one for each seed. */
interface Column {
  readonly seeds: readonly number[];
  readonly results: readonly VariantResult[];
}

type Row = readonly [label: string, cell: (column: Column) => string];

const whole = (value: number): string => value.toLocaleString("en-US");

/** What all seeds lost together, and the most that one of them did. */
function sumAndMost({ results }: Column, read: (result: VariantResult) => number): string {
  const counts = results.map(read);
  const all = sum(counts);
  return all === 0 ? "0" : `${whole(all)} (${whole(Math.max(...counts))})`;
}

function minutes({ results }: Column): string {
  const lost = results.map(({ capacityMinutesLost }) => capacityMinutesLost.total);
  return `${sum(lost).toFixed(1)} (${Math.max(...lost).toFixed(1)})`;
}

const dollars = ({ results }: Column, read: (result: VariantResult) => number): string =>
  `$${sum(results.map(read)).toFixed(2)}`;

const failed = ({ requests }: VariantResult): number => requests.failed;

function worstSeed({ seeds, results }: Column): string {
  const counts = results.map(failed);
  const most = Math.max(...counts);
  return most === 0 ? "none" : `${seeds[counts.indexOf(most)]}`;
}

const seedsThat = ({ results }: Column, is: (result: VariantResult) => boolean): string =>
  `${results.filter(is).length} of ${results.length}`;

const ROWS: readonly Row[] = [
  ["Requests failed: all seeds (worst)", (column) => sumAndMost(column, failed)],
  ...Object.entries(CAUSES).map(([cause, label]): Row => [
    `  ${label}`,
    (column) => sumAndMost(column, ({ requests }) => requests.failedBy[cause as keyof typeof CAUSES]),
  ]),
  ["  seed that lost most", worstSeed],
  ["Seeds that lost a request", (column) => seedsThat(column, (result) => failed(result) > 0)],
  ["Seeds that broke a law", (column) => seedsThat(column, ({ lawsBroken }) => lawsBroken.length > 0)],
  ["Minutes below desired: all seeds (most)", (column) => minutes(column)],
  ["EC2 cost: all seeds", (column) => dollars(column, ({ cost }) => cost.usd)],
  ["  the same instances on demand", (column) => dollars(column, ({ cost }) => cost.onDemandUsd)],
  [
    "Rebalance recommendations: all seeds",
    ({ results }) => whole(sum(results.map(({ interruptions }) => interruptions.recommendations))),
  ],
  [
    "Instances lost: all seeds (most)",
    (column) => sumAndMost(column, ({ interruptions }) => interruptions.instancesLost),
  ],
];

const JOB_ROWS: readonly Row[] = [
  ["Jobs lost: all seeds (most)", (column) => sumAndMost(column, ({ jobs }) => jobs.lost)],
  ["Jobs dead-lettered", (column) => sumAndMost(column, ({ jobs }) => jobs.deadLettered)],
  ["Jobs begun again", (column) => sumAndMost(column, ({ jobs }) => jobs.repeated)],
  ...Object.entries(REPEATS).map(([cause, label]): Row => [
    `  ${label}`,
    (column) => sumAndMost(column, ({ jobs }) => jobs.repeatedBy[cause as keyof typeof REPEATS]),
  ]),
  ["Worker minutes thrown away", (column) => sumAndMost(column, ({ jobs }) => Math.round(jobs.thrownAwaySeconds / 60))],
];

export function seedsScoreboard({ results }: SeedsResult): string {
  const seeds = results.map(({ seed }) => seed);
  const names = Object.keys(results[0]!.variants);
  const columns = names.map((name): Column => ({ seeds, results: results.map(({ variants }) => variants[name]!) }));
  const table = new Table({
    head: ["", ...names],
    colAligns: ["left", ...names.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  const hasJobs = columns.some((column) => column.results.some(({ jobs }) => jobs.submitted > 0));
  for (const [label, cell] of hasJobs ? [...ROWS, ...JOB_ROWS] : ROWS) table.push([label, ...columns.map(cell)]);
  return table.toString();
}

/** The first breaches, with their seeds. */
export function seedsRemarks({ results }: SeedsResult): string[] {
  const breaches = results.flatMap(({ seed, variants }) =>
    Object.entries(variants).flatMap(([name, { lawsBroken }]) =>
      lawsBroken
        .slice(0, 1)
        .map(({ law, object, message }) => `${name} broke a law with seed ${seed}, ${object}: ${law}: ${message}`),
    ),
  );
  const more = breaches.length - MOST_TOLD;
  return [...breaches.slice(0, MOST_TOLD), ...(more > 0 ? [`and with ${more} more seeds`] : [])];
}

const MOST_TOLD = 5;
