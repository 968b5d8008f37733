/** Resources written by hand, as the recording monitor gives them, and worlds filled from them. */
import { deploy } from "../../../rehearsal/deploy/deploy";
import type { Resource } from "../../../rehearsal/deploy/monitor";
import { mockOutputs } from "../../../rehearsal/deploy/mockOutputs";
import type { World } from "../../../rehearsal/world/world";
import { ACCOUNT, makeWorld, REGION, WORKLOAD } from "../world/support";

export type Inputs = Readonly<Record<string, unknown>>;

/** A resource as the recording monitor gives it. */
export function declared(type: string, name: string, inputs: Inputs = {}): Resource {
  return {
    urn: `urn:pulumi:test::test::${type}::${name}`,
    type,
    name,
    id: name,
    inputs,
    outputs: { ...inputs, ...mockOutputs({ type, name, inputs }, { region: REGION, account: ACCOUNT }) },
    parent: "",
    dependencies: [],
    ignoreChanges: [],
    deleteBeforeReplace: false,
    protect: false,
  };
}

export const arnOf = ({ outputs }: Resource): unknown => outputs.arn;

const GROUP = "aws:autoscaling/group:Group";
export const PROVIDER = "aws:ecs/capacityProvider:CapacityProvider";

const USER_DATA = Buffer.from("#!/bin/bash\necho ECS_CLUSTER=shop >> /etc/ecs/ecs.config").toString("base64");

/** A cluster on a group of two instances. */
export function clusterOn(group: Inputs = {}, template: Inputs = {}, provider: Inputs = {}): Resource[] {
  const launchTemplate = declared("aws:ec2/launchTemplate:LaunchTemplate", "template", {
    userData: USER_DATA,
    instanceType: "m5.large",
    instanceMarketOptions: { marketType: "spot" },
    ...template,
  });
  const asg = declared(GROUP, "group", {
    minSize: 2,
    maxSize: 4,
    vpcZoneIdentifiers: ["subnet-1", "subnet-2"],
    launchTemplate: { id: "template", version: "1" },
    ...group,
  });
  return [
    declared("aws:ecs/cluster:Cluster", "shop"),
    launchTemplate,
    asg,
    declared(PROVIDER, "provider", { autoScalingGroupProvider: { autoScalingGroupArn: arnOf(asg), ...provider } }),
    declared("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", "association", {
      clusterName: "shop",
      capacityProviders: ["provider"],
    }),
  ];
}

export async function deployed(resources: readonly Resource[], known: readonly string[] = ["m5.large"]) {
  const logged = makeWorld();
  const notModelled = await deploy(resources, {
    world: logged.world,
    workload: WORKLOAD,
    facts: (type) => {
      if (!known.includes(type)) throw new Error(`instance type ${type} is not in the table`);
      return { vcpu: 2, memoryMiB: 8192 };
    },
    pools: { rank: () => 0 },
  });
  return { ...logged, notModelled };
}

export const problemOf = (resources: readonly Resource[]): Promise<string> =>
  deployed(resources).then(
    () => "none",
    (error: Error) => error.message,
  );

export const groupOf = (world: World) => world.groups.get("group")!;

export const DEFINITION = declared("aws:ecs/taskDefinition:TaskDefinition", "web", {
  family: "web",
  containerDefinitions: JSON.stringify([{ name: "web", image: "web:1", cpu: 256, memory: 256 }]),
});

export const service = (inputs: Inputs = {}): Resource =>
  declared("aws:ecs/service:Service", "web", { cluster: "shop", taskDefinition: arnOf(DEFINITION), ...inputs });
