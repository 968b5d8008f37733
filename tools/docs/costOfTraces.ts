/** The tables of docs/cost-rehearsed.md: the scenario `cost` through each recorded trace, and on what the bill went. */
import path from "node:path";
import type { RehearsalResult, VariantResult } from "../../rehearsal/measure/result";
import { RECORDED, through, variantsOf } from "./rehearsed";

/** Requests of the NASA server, times this: as full as the stack of the scenario is meant to be. */
const LOAD_SCALE = 200;

type Variants = RehearsalResult["variants"];

const twoDigits = (value: number): string => value.toFixed(2);

/** What a task hour costs: where capacity ran out, fewer ran than on demand. */
const usdPerTaskHour = ({ cost, scaling }: VariantResult): number => cost.usd / scaling.taskHours;

const ofOnDemand = (variant: VariantResult, { onDemand }: Variants): string =>
  twoDigits(usdPerTaskHour(variant) / usdPerTaskHour(onDemand!));

const HEAD = [
  "market",
  "Spot over on-demand, for a task hour",
  "for the same instances",
  "over the clairvoyant",
  "of that: tasks",
  "headroom",
  "coming and going",
  "pools",
  "without headroom, over the clairvoyant",
  "production types, over on-demand",
  "over the clairvoyant",
];

function cells(market: string, variants: Variants): string[] {
  const [ours, full, production] = ["spotproof", "noHeadroom", "productionTypes"].map((name) => variants[name]!);
  const { ratio, ofClairvoyant, clairvoyantUsd, overClairvoyantUsd: over } = ours!.cost;
  return [
    market,
    ofOnDemand(ours!, variants),
    twoDigits(ratio),
    `**${twoDigits(ofClairvoyant)}**`,
    ...[over.tasks, over.headroom, over.comingAndGoing, over.pools].map((usd) => twoDigits(usd / clairvoyantUsd)),
    twoDigits(full!.cost.ofClairvoyant),
    ofOnDemand(production!, variants),
    twoDigits(production!.cost.ofClairvoyant),
  ];
}

/** @param folder where the recorded traces are */
export function costOfTraces(folder: string): string {
  const rows = [
    cells("generated, a week", variantsOf(["--scenario", "cost"])),
    ...RECORDED.map((recorded) =>
      cells(
        `\`${path.basename(recorded[0])}\``,
        variantsOf(["--scenario", "cost", ...through(folder, recorded, LOAD_SCALE)]),
      ),
    ),
  ];
  return [HEAD, ["---", ...HEAD.slice(1).map(() => "---:")], ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
