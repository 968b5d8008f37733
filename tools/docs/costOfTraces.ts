/** The tables of docs/cost-rehearsed.md: the scenario `cost` through each recorded trace, and on what the bill went. */
import path from "node:path";
import type { VariantResult } from "../../rehearsal/measure/result";
import { RECORDED, through, variantsOf } from "./rehearsed";

/** Requests of the NASA server, times this: as full as the stack of the scenario is meant to be. */
const LOAD_SCALE = 200;

/** As the scenario names them. */
type Named = Readonly<Record<"spotproof" | "spotAlone" | "noHeadroom" | "productionTypes" | "onDemand", VariantResult>>;

const twoDigits = (value: number): string => value.toFixed(2);

/** What a task hour costs: where capacity ran out, fewer ran than on demand. */
const usdPerTaskHour = ({ cost, scaling }: VariantResult): number => cost.usd / scaling.taskHours;

const ofOnDemand = (variant: VariantResult, onDemand: VariantResult): string =>
  twoDigits(usdPerTaskHour(variant) / usdPerTaskHour(onDemand));

const ofClairvoyant = ({ cost }: VariantResult): string => twoDigits(cost.ofClairvoyant);

const HEAD = [
  "market",
  "over on-demand, for a task hour",
  "for the same instances",
  "over the clairvoyant",
  "of that: tasks",
  "headroom",
  "coming and going",
  "pools",
];

function cells({ spotproof: ours, onDemand }: Named): string[] {
  const { ratio, clairvoyantUsd, overClairvoyantUsd: over } = ours.cost;
  return [
    ofOnDemand(ours, onDemand),
    twoDigits(ratio),
    `**${ofClairvoyant(ours)}**`,
    ...[over.tasks, over.headroom, over.comingAndGoing, over.pools].map((usd) => twoDigits(usd / clairvoyantUsd)),
  ];
}

const VARIANTS_HEAD = [
  "market",
  "Spot alone: task hours of those above",
  "over on-demand, for a task hour",
  "over the clairvoyant",
  "without headroom: over the clairvoyant",
  "production types: over on-demand",
  "over the clairvoyant",
];

function variantsCells({ spotproof, spotAlone, noHeadroom, productionTypes, onDemand }: Named): string[] {
  return [
    `${((100 * spotAlone.scaling.taskHours) / spotproof.scaling.taskHours).toFixed(0)} %`,
    ofOnDemand(spotAlone, onDemand),
    ofClairvoyant(spotAlone),
    ofClairvoyant(noHeadroom),
    ofOnDemand(productionTypes, onDemand),
    ofClairvoyant(productionTypes),
  ];
}

/** Both tables, by their marks. @param folder where the recorded traces are */
export function costOfTraces(folder: string): Readonly<Record<string, string>> {
  const markets = [
    ["generated, a week", variantsOf(["--scenario", "cost"])] as const,
    ...RECORDED.map((recorded) => {
      const options = ["--scenario", "cost", ...through(folder, recorded, LOAD_SCALE)];
      return [`\`${path.basename(recorded[0])}\``, variantsOf(options)] as const;
    }),
  ];
  const table = (head: readonly string[], row: (variants: Named) => string[]): string =>
    [
      head,
      ["---", ...head.slice(1).map(() => "---:")],
      ...markets.map(([market, all]) => [market, ...row(all as Named)]),
    ]
      .map((each) => `| ${each.join(" | ")} |`)
      .join("\n");
  return { "cost:traces": table(HEAD, cells), "cost:variants": table(VARIANTS_HEAD, variantsCells) };
}
