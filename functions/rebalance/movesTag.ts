/** What an ECS service says of how its tasks are moved, in a tag that is declared with it: the cluster's function knows no service. */
import type { RetireSettings } from "../retire/settings";

/** The figures of {@link RetireSettings} that the service itself decides. */
export interface MovesFigures extends Pick<
  RetireSettings,
  "checkIntervalSeconds" | "healthCheckSeconds" | "settleSeconds" | "workPatienceSeconds"
> {
  /** Whether its tasks may be moved. What has begun is ended even where they may not. */
  readonly isOn: boolean;
}

/** E.g. `on settle=10 patience=35 health=10 check=5`. */
export function movesTag(figures: MovesFigures): string {
  const { isOn, settleSeconds, workPatienceSeconds, healthCheckSeconds, checkIntervalSeconds } = figures;
  const numbers = [
    `settle=${settleSeconds}`,
    `patience=${workPatienceSeconds}`,
    `health=${healthCheckSeconds}`,
    `check=${checkIntervalSeconds}`,
  ];
  return [isOn ? "on" : "off", ...numbers].join(" ");
}

const SHAPE = /^(on|off) settle=(\d+) patience=(\d+) health=(\d+) check=(\d+)$/;

/** Undefined where it says nothing that can be read. */
export function parseMovesTag(value: string | undefined): MovesFigures | undefined {
  const found = SHAPE.exec(value ?? "");
  if (found === null) return undefined;
  const [settleSeconds, workPatienceSeconds, healthCheckSeconds, checkIntervalSeconds] = found.slice(2).map(Number);
  return {
    isOn: found[1] === "on",
    settleSeconds: settleSeconds!,
    workPatienceSeconds: workPatienceSeconds!,
    healthCheckSeconds: healthCheckSeconds!,
    checkIntervalSeconds: Math.max(1, checkIntervalSeconds!),
  };
}
