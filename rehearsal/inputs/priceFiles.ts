import { type CsvFormat, type CsvTable, numberIn, readCsv, readFormat, timestampIn } from "./csv";
import { groupBy } from "./groupBy";
import { ProblemList } from "./inputError";
import type { InterruptionBucket } from "./prices.data";

/** What a price file says; a file says one of the three. */
export interface PriceFacts {
  readonly name: string;
  readonly onDemand: ReadonlyMap<string, number>;
  readonly advisor: ReadonlyMap<string, { readonly savingsPercent: number; readonly bucket: InterruptionBucket }>;
  /** Spot prices in USD/h over time, from the earliest of the file on. */
  readonly spot: ReadonlyMap<string, readonly SpotPriceStep[]>;
}

export interface SpotPriceStep {
  readonly atMs: number;
  readonly usdPerHour: number;
}

/**
 * Reads a price file. The header tells the format: `instance_type,ondemand_usd_per_h` (more columns are ignored),
 * `region,instance_type,savings_pct,interruption_bucket` (rows of other Regions are ignored) or
 * `instance_type,timestamp_utc,spot_usd_per_h`.
 *
 * @throws InputError with everything that is wrong with the file
 */
export function readPriceFile(path: string, region: string): PriceFacts {
  const problems = new ProblemList(`Prices ${path}`);
  const formats: CsvFormat<Partial<PriceFacts>>[] = [
    {
      columns: ["instance_type", "ondemand_usd_per_h"],
      read: (table) => ({ onDemand: readOnDemand(table, problems) }),
    },
    {
      columns: ["region", "instance_type", "savings_pct", "interruption_bucket"],
      read: (table) => ({ advisor: readAdvisor(table, region, problems) }),
    },
    {
      columns: ["instance_type", "timestamp_utc", "spot_usd_per_h"],
      read: (table) => ({ spot: readSpotHistory(table, problems) }),
    },
  ];
  const table = readCsv(path, problems);
  const facts = readFormat(table, formats, problems);
  problems.throwIfAny();
  return { name: table.name, onDemand: new Map(), advisor: new Map(), spot: new Map(), ...facts };
}

function readOnDemand(table: CsvTable, problems: ProblemList): PriceFacts["onDemand"] {
  const prices = new Map<string, number>();
  for (const row of table.rows) {
    const price = numberIn(row, "ondemand_usd_per_h", { min: 0 }, problems);
    if (price !== undefined) prices.set(row.values.instance_type!, price);
  }
  return prices;
}

function readAdvisor(table: CsvTable, region: string, problems: ProblemList): PriceFacts["advisor"] {
  const rows = table.rows.filter((row) => row.values.region === region);
  if (rows.length === 0) {
    const regions = new Set(table.rows.map((row) => row.values.region));
    problems.add({
      where: table.path,
      given: `no row of ${region}`,
      allowed: `a file with the stack's Region; this one has ${[...regions].join(", ")}`,
      fix: "add the Region's rows or name another file",
    });
  }
  const advisor = new Map<string, { savingsPercent: number; bucket: InterruptionBucket }>();
  for (const row of rows) {
    const savingsPercent = numberIn(row, "savings_pct", { min: 0, max: 100 }, problems);
    const bucket = numberIn(row, "interruption_bucket", { min: 0, max: 4, whole: true }, problems);
    if (savingsPercent === undefined || bucket === undefined) continue;
    advisor.set(row.values.instance_type!, { savingsPercent, bucket: bucket as InterruptionBucket });
  }
  return advisor;
}

function readSpotHistory(table: CsvTable, problems: ProblemList): PriceFacts["spot"] {
  const points = table.rows.flatMap((row) => {
    const atMs = timestampIn(row, "timestamp_utc", problems);
    const usdPerHour = numberIn(row, "spot_usd_per_h", { min: 0 }, problems);
    if (atMs === undefined || usdPerHour === undefined) return [];
    return [{ where: row.where, type: row.values.instance_type!, atMs, usdPerHour }];
  });
  const startMs = points.reduce((earliest, { atMs }) => Math.min(earliest, atMs), Infinity);
  const history = new Map<string, SpotPriceStep[]>();
  for (const [type, ofType] of groupBy(points, (point) => point.type)) {
    ofType.forEach(({ where, atMs }, i) => {
      if (i === 0 || atMs >= ofType[i - 1]!.atMs) return;
      problems.add({
        where,
        given: `timestamp_utc of ${type} goes back`,
        allowed: "rows of a type in time order",
        fix: "sort the type's rows by timestamp_utc",
      });
    });
    history.set(
      type,
      ofType.map(({ atMs, usdPerHour }) => ({ atMs: atMs - startMs, usdPerHour })),
    );
  }
  return history;
}
