/** The first thing a page says: what became of the requests and jobs, and what would have without the stack. */
import type { RehearsalResult, VariantResult } from "../measure/result";
import type { FailureCause } from "../traffic/tally";

/** Whether a cause is an interruption's work, and whether anybody could have done something about it. */
const CAUSED: Readonly<Record<FailureCause, "interruption" | "unavoidable" | "other">> = {
  deadTarget: "interruption",
  killedInFlight: "interruption",
  noTarget: "interruption",
  drainTimeout: "interruption",
  outlastsNotice: "unavoidable",
  withoutNotice: "unavoidable",
  outage: "unavoidable",
  recovery: "unavoidable",
  scaleIn: "other",
  overload: "other",
  keepAlive: "other",
};

export interface Verdict {
  readonly sentence: string;
  /** What stands under it, a line each. */
  readonly more: readonly string[];
  /** Whether the stack did what it is for. */
  readonly held: boolean;
}

const count = (value: number): string => Math.round(value).toLocaleString("en-US");

const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

/** Requests that failed because of interruptions, the unavoidable ones included; and these alone. */
export function interrupted({ requests: { failedBy } }: VariantResult): {
  all: number;
  unavoidable: number;
  other: number;
} {
  const sum = (wanted: string): number =>
    Object.entries(failedBy).reduce(
      (total, [cause, failed]) => total + (CAUSED[cause as FailureCause] === wanted ? failed : 0),
      0,
    );
  const unavoidable = sum("unavoidable");
  return { all: sum("interruption") + unavoidable, unavoidable, other: sum("other") };
}

export function verdictOf({ variants }: RehearsalResult): Verdict {
  const [[name, first], ...others] = Object.entries(variants) as [
    [string, VariantResult],
    ...[string, VariantResult][],
  ];
  return {
    sentence: `${name}: ${[...requestsOf(first), ...jobsOf(first)].join(", and ") || "no request and no job was sent"}.`,
    more: [...moreOf(first), ...comparison(first, others), ...hits(first)],
    held: first.lawsBroken.length === 0,
  };
}

function requestsOf(variant: VariantResult): string[] {
  const { served, failed } = variant.requests;
  if (served + failed === 0) return [];
  return [`${count(interrupted(variant).all)} of ${count(served + failed)} requests failed because of interruptions`];
}

function jobsOf({ jobs: { submitted, lost } }: VariantResult): string[] {
  return submitted === 0 ? [] : [`${count(lost)} of ${plural(submitted, "job")} got lost`];
}

function moreOf(first: VariantResult): string[] {
  const { unavoidable, other } = interrupted(first);
  const { lawsBroken } = first;
  return [
    ...(unavoidable === 0
      ? []
      : [
          `${count(unavoidable)} of them no handling could have saved: no notice came or it was shorter than the request, or no pool had an instance to give.`,
        ]),
    ...(other === 0 ? [] : [`${plural(other, "more request")} failed for other reasons, which the table names.`]),
    ...(lawsBroken.length === 0
      ? []
      : [`It broke a law ${lawsBroken.length === 1 ? "once" : `${lawsBroken.length} times`}: see below.`]),
  ];
}

/** By the same measure, in the same market. */
function comparison(first: VariantResult, others: readonly (readonly [string, VariantResult])[]): string[] {
  if (others.length === 0) return [];
  const hasRequests = first.requests.served + first.requests.failed > 0;
  const lost = (variant: VariantResult): string =>
    [
      ...(hasRequests ? [plural(interrupted(variant).all, "request")] : []),
      ...(first.jobs.submitted > 0
        ? [plural(variant.jobs.lost, "job"), `${count(variant.jobs.repeated)} jobs begun again`]
        : []),
    ].join(", ");
  return [`In the same market ${others.map(([name, variant]) => `${name} lost ${lost(variant)}`).join("; ")}.`];
}

/** A rehearsal in which nothing happens proves nothing, and says so. */
function hits({ interruptions: { instancesLost, withoutNotice }, cost }: VariantResult): string[] {
  if (instancesLost === 0)
    return [
      "No interruption ended an instance of it, so this proves nothing: give it more days, or a larger --hazard-scale.",
    ];
  const silent = withoutNotice === 0 ? "" : `, ${count(withoutNotice)} without a notice`;
  const share = cost.onDemandUsd === 0 ? "" : `, at ${Math.round(cost.ratio * 100)} % of the on-demand price`;
  return [`${plural(instancesLost, "instance")} taken back by EC2${silent}${share}.`];
}
