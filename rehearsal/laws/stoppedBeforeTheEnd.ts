import { keyOf } from "../world/elb/target";
import type { Law } from "./law";

/** AWS may lose a notice's event; then nobody but the agent was told, and the service's minimum decides what ECS stops. */
export const stoppedBeforeTheEnd: Law = {
  name: "no task of an instance that was noticed is registered or without SIGTERM when it ends",
  watch: (world, _promises, report) => {
    for (const { life } of world.clusters.values()) {
      life.exited.subscribe(({ task, exit }) => {
        const { ec2 } = task.instance!;
        const { interruption } = ec2;
        const wasTold = interruption?.noticedAt !== undefined && !interruption.eventLost;
        if (exit !== "hostLost" || !wasTold || task.lastStatus === "PENDING") return;
        const isRegistered = task.service.targetsOf(task).some(({ targetGroup, port }) => {
          const target = targetGroup.targets.get(keyOf(ec2.id, port));
          return target !== undefined && target.deregisteredAt === undefined;
        });
        if (isRegistered) report(task.arn, `was still registered when ${ec2.id} ended`);
        if (task.desiredStatus === "RUNNING") report(task.arn, `had no SIGTERM when ${ec2.id} ended`);
      });
    }
  },
};
