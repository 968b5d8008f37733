/** A fallback function beside a cluster on the wire, whose instances are all on demand, as moto's are. */
import type { SpotClusterArgs } from "../../components/spotClusterArgs";
import { recordCluster } from "../support/fixtures";
import type { Recording } from "../support/recorder";
import { wire } from "./harness/hooks";
import { deployedFunction } from "./harness/lambda";
import { Scene } from "./harness/scene";
import { recorded, startFunction, type Stage } from "./stage";

const GROUP = "shop-group";
const TAG = "spotproof:fallback";

export async function fallbackStage(cluster: Partial<SpotClusterArgs>, base: number, mark: string): Promise<Stage> {
  const { clients } = wire();
  const scene = await Scene.set(clients, { instances: 2 });
  await clients.autoScaling.updateAutoScalingGroup({
    AutoScalingGroupName: GROUP,
    MixedInstancesPolicy: {
      LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName: GROUP, Version: "$Latest" }, Overrides: [] },
      InstancesDistribution: {
        OnDemandBaseCapacity: base,
        OnDemandPercentageAboveBaseCapacity: 0,
        SpotAllocationStrategy: "price-capacity-optimized",
      },
    },
  });
  const Tags = [
    { ResourceId: GROUP, ResourceType: "auto-scaling-group", Key: TAG, Value: mark, PropagateAtLaunch: false },
  ];
  await clients.autoScaling.createOrUpdateTags({ Tags });
  const recording = await recorded(cluster, recordCluster);
  const deployed = await deployedFunction(recording, "shop-fallback", actualNames(recording, scene));
  return startFunction(scene, deployed);
}

function actualNames(recording: Recording, { groupArn, queueUrl }: Scene): Record<string, string> {
  const group = recording.only("aws:autoscaling/group:Group").outputs;
  const queue = recording.only("aws:sqs/queue:Queue", "shop-fallback-events").outputs;
  return { [String(group.arn)]: groupArn, [String(queue.url)]: queueUrl };
}

/** The group's distribution and mark, as AWS has them. */
export async function groupNow({ clients }: Stage): Promise<{ distribution: unknown; mark: string | undefined }> {
  const { AutoScalingGroups } = await clients.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: [GROUP] });
  const [group] = AutoScalingGroups ?? [];
  const mark = group?.Tags?.find(({ Key }) => Key === TAG)?.Value;
  return { distribution: group?.MixedInstancesPolicy?.InstancesDistribution, mark };
}
