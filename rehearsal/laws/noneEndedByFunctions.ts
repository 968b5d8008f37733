import type { Law } from "./law";

export const noneEndedByFunctions: Law = {
  name: "no function ends an instance on which a container still runs",
  watch: (world, _promises, report) => {
    for (const { life } of world.clusters.values()) {
      life.exited.subscribe(({ task, exit }) => {
        const { id, endReason } = task.instance!.ec2;
        if (exit === "hostLost" && endReason === "TerminateInstances")
          report(id, `was terminated while ${task.arn} ran`);
      });
    }
  },
};
