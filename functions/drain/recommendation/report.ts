/** What came of recommendations, as metrics beside those of every action. */
import { clusterNameOf, metricRecord, type LogRecord } from "../../log";
import type { Action } from "../plan";
import type { Outcome } from "../report";
import type { DrainSettings } from "../settings";

interface ReportPorts {
  now(): number;
  log(record: LogRecord): void;
}

/** `recommendations`: how many came for instances that are ours. */
export function reportHints(
  { actions, failures }: Outcome,
  recommendations: number,
  ports: ReportPorts,
  { clusterArn }: Pick<DrainSettings, "clusterArn">,
): void {
  const failed = new Set(failures.flatMap((failure) => failure.actions));
  const done = actions.filter((action) => !failed.has(action));
  const count = (isMeant: (action: Action) => boolean) =>
    ({ value: done.filter(isMeant).length, unit: "Count" }) as const;
  ports.log(
    metricRecord(
      { ClusterName: clusterNameOf(clusterArn) },
      {
        Recommendations: { value: recommendations, unit: "Count" },
        HintsTakenUp: count(({ kind }) => kind === "detach"),
        HintsPutBack: count(({ kind }) => kind === "attach"),
        HintsInVain: count((action) => action.kind === "unmark" && action.inVain),
      },
      ports.now(),
    ),
  );
}
