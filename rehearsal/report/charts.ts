/** Which charts a recording has, and what is drawn in each. */
import { CAUSES } from "../measure/causes";
import type { Recording, ServiceSeries } from "./data";

export interface ChartSeries {
  readonly label: string;
  /** A colour of the page's style, `--c-NAME`. */
  readonly colour: "strong" | "soft" | "plain" | "bad";
  readonly look: "line" | "dashes" | "bars";
  readonly values: readonly number[];
}

export interface Chart {
  /** With the unit, where the name doesn't tell it. */
  readonly title: string;
  /** One sentence of what there is to see. */
  readonly summary: string;
  readonly series: readonly ChartSeries[];
  /** Filled between these two. */
  readonly band?: readonly [upper: number, lower: number];
  /** How several buckets make a row of the table. */
  readonly adds: boolean;
}

const count = (value: number): string => Math.round(value).toLocaleString("en-US");
const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);

export function chartsOf(recording: Recording): Chart[] {
  const hasRequests = most(recording.requests.served) > 0 || Object.keys(recording.requests.failed).length > 0;
  return [
    ...(hasRequests ? [failures(recording), requests(recording)] : []),
    ...recording.services.map(tasks),
    ...recording.queues.map(({ name, visible, inFlight }): Chart => ({
      title: `Messages in ${name}`,
      summary: `At most ${count(most(visible.max))} messages waited.`,
      series: [
        { label: "waiting, most", colour: "strong", look: "line", values: visible.max },
        { label: "waiting, least", colour: "soft", look: "line", values: visible.min },
        { label: "in work, most", colour: "plain", look: "dashes", values: inFlight.max },
      ],
      band: [0, 1],
      adds: false,
    })),
    cost(recording),
  ];
}

function tasks({ name, desired, running, healthy }: ServiceSeries): Chart {
  return {
    title: `Tasks of ${name}`,
    summary: `At least ${count(least(healthy.min))} healthy; desired ${count(least(desired.min))} to ${count(most(desired.max))}.`,
    series: [
      { label: "healthy, most", colour: "soft", look: "line", values: healthy.max },
      { label: "healthy, least", colour: "strong", look: "line", values: healthy.min },
      { label: "running, least", colour: "plain", look: "line", values: running.min },
      { label: "running, most", colour: "plain", look: "dashes", values: running.max },
      { label: "desired", colour: "bad", look: "dashes", values: desired.max },
    ],
    band: [0, 1],
    adds: false,
  };
}

function failures({ requests: { failed, served } }: Recording): Chart {
  const total = served.map((_, index) => Object.values(failed).reduce((sum, counts) => sum + counts[index]!, 0));
  const all = total.reduce((sum, value) => sum + value, 0);
  const causes = Object.entries(failed).map(([cause, values]) => ({
    cause: cause in CAUSES ? CAUSES[cause as keyof typeof CAUSES] : cause,
    values,
    sum: values.reduce((sum, value) => sum + value, 0),
  }));
  causes.sort((a, b) => b.sum - a.sum);
  return {
    title: "Failed requests",
    summary:
      all === 0 ? "None." : `${count(all)}: ${causes.map(({ cause, sum }) => `${count(sum)} ${cause}`).join(", ")}.`,
    series: [
      { label: "failed", colour: "bad", look: "bars", values: total },
      ...causes.map(({ cause, values }) => ({ label: cause, colour: "plain" as const, look: "bars" as const, values })),
    ],
    adds: true,
  };
}

function requests({ requests: { served }, bucketMs, durationMs }: Recording): Chart {
  const rates = served.map((value, index) => value / (Math.min(bucketMs, durationMs - index * bucketMs) / 1000));
  return {
    title: "Requests served per second",
    summary: `${count(least(rates))} to ${count(most(rates))} per second.`,
    series: [{ label: "served per second", colour: "strong", look: "line", values: rates }],
    adds: false,
  };
}

function cost({ cost: { usd, onDemandUsd } }: Recording): Chart {
  return {
    title: "EC2 cost, USD per hour",
    summary: `At most $${most(usd).toFixed(2)} an hour; the same instances on demand at most $${most(onDemandUsd).toFixed(2)}.`,
    series: [
      { label: "what runs", colour: "strong", look: "line", values: usd },
      { label: "the same on demand", colour: "plain", look: "dashes", values: onDemandUsd },
    ],
    adds: false,
  };
}

export interface TableRow {
  readonly from: number;
  /** Least and most of what the series was, or its sum. */
  readonly cells: readonly (readonly [least: number, most: number])[];
}

/** The numbers behind a chart between two instants, in few enough rows to be read. */
export function tableOf(
  { series, adds }: Chart,
  bucketSeconds: number,
  view: { readonly from: number; readonly to: number },
  mostRows = 48,
): TableRow[] {
  const buckets = series[0]!.values.length;
  const first = Math.max(0, Math.floor(view.from / bucketSeconds));
  const last = Math.min(buckets, Math.ceil(view.to / bucketSeconds));
  const step = Math.max(1, Math.ceil((last - first) / mostRows));
  const rows: TableRow[] = [];
  for (let index = first; index < last; index += step) {
    const cells = series.map(({ values }): [number, number] => {
      const part = values.slice(index, Math.min(index + step, last));
      const sum = part.reduce((a, b) => a + b, 0);
      return adds ? [sum, sum] : [least(part), most(part)];
    });
    rows.push({ from: index * bucketSeconds, cells });
  }
  return rows;
}
