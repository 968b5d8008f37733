/** A refresh function beside a cluster on the wire, whose instances run an AMI that isn't the current one. */
import { recordCluster } from "../support/fixtures";
import { wire } from "./harness/hooks";
import { deployedFunction } from "./harness/lambda";
import { Scene } from "./harness/scene";
import { recorded, startFunction, type Stage } from "./stage";

export const GROUP = "shop-group";
const PARAMETER = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";

export interface RefreshStage extends Stage {
  readonly launchTemplateId: string;
}

export async function refreshStage(): Promise<RefreshStage> {
  const { clients } = wire();
  const scene = await Scene.set(clients, { instances: 2 });
  const LaunchTemplateData = { ImageId: PARAMETER, InstanceType: "m5.large" } as const;
  const { LaunchTemplate } = await clients.ec2.createLaunchTemplate({ LaunchTemplateName: "shop", LaunchTemplateData });
  const launchTemplateId = LaunchTemplate?.LaunchTemplateId ?? "";
  const LaunchTemplateSpecification = { LaunchTemplateId: launchTemplateId, Version: "1" };
  const Overrides = [{ InstanceType: "m5.large" }, { InstanceType: "m6i.large" }];
  await clients.autoScaling.updateAutoScalingGroup({
    AutoScalingGroupName: GROUP,
    MixedInstancesPolicy: { LaunchTemplate: { LaunchTemplateSpecification, Overrides } },
  });
  const open = { refreshStartTime: "00:00", refreshWindowMinutes: 1440 };
  const recording = await recorded({ refresh: "auto" as const, ...open }, recordCluster);
  const group = recording.only("aws:autoscaling/group:Group").outputs;
  const queue = recording.only("aws:sqs/queue:Queue", "shop-refresh-events").outputs;
  const template = recording.only("aws:ec2/launchTemplate:LaunchTemplate");
  const deployed = await deployedFunction(recording, "shop-refresh", {
    [String(group.arn)]: scene.groupArn,
    [String(queue.url)]: scene.queueUrl,
    [String(template.outputs.arn)]: String(template.outputs.arn).replace(template.name, launchTemplateId),
    [template.id]: launchTemplateId,
  });
  return { ...(await startFunction(scene, deployed)), launchTemplateId };
}
