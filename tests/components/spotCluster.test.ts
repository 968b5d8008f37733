import type { GroupArgs } from "@pulumi/aws/autoscaling";
import { expect } from "chai";
import { SpotCluster } from "../../components/spotCluster";
import { CLUSTER, recordCluster } from "../support/fixtures";
import { roleStatements, statementsOf } from "../support/policies";
import { record, recordFailure, type Recorded, type Recording } from "../support/recorder";

const GROUP = "aws:autoscaling/group:Group";
const PROVIDER = "aws:ecs/capacityProvider:CapacityProvider";
const ASSOCIATION = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";

interface GroupTag {
  readonly key: string;
  readonly value: string;
  readonly propagateAtLaunch: boolean;
}

function groupTag(group: Recorded, key: string): GroupTag | undefined {
  return (group.inputs.tags as GroupTag[]).find((tag) => tag.key === key);
}

function decodedUserData(recording: Recording): string {
  return Buffer.from(recording.only(TEMPLATE).inputs.userData as string, "base64").toString();
}

describe("SpotCluster's instances", () => {
  it("require IMDSv2, within one hop, so that no container in a bridge network reaches the instance's role", async () => {
    const template = (await recordCluster()).only(TEMPLATE);
    expect(template.inputs.metadataOptions).to.deep.equal({
      httpEndpoint: "enabled",
      httpTokens: "required",
      httpPutResponseHopLimit: 1,
    });
  });

  it("have an encrypted gp3 root volume of 30 GiB, and are EBS-optimized", async () => {
    const template = (await recordCluster()).only(TEMPLATE);
    expect(template.inputs).to.include({ ebsOptimized: "true" });
    expect(template.inputs).to.have.deep.nested.property("blockDeviceMappings[0].ebs", {
      volumeSize: 30,
      volumeType: "gp3",
      encrypted: "true",
      deleteOnTermination: "true",
    });
  });

  it("launch from the ECS-optimized Amazon Linux 2023 of their architecture, or from a pinned AMI", async () => {
    const imageOf = async (changes: Parameters<typeof recordCluster>[0]) =>
      (await recordCluster(changes)).only(TEMPLATE).inputs.imageId;
    const parameter = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023";
    expect(await imageOf({})).to.equal(`${parameter}/recommended/image_id`);
    expect(await imageOf({ instanceTypes: ["m6g.large", "m7g.large"] })).to.equal(
      `${parameter}/arm64/recommended/image_id`,
    );
    expect(await imageOf({ amiId: "ami-1" })).to.equal("ami-1");
  });

  it("have unlimited CPU credits where all types are of the T family, and no such setting where EC2 would refuse it", async () => {
    const burstable = await recordCluster({ instanceTypes: ["t3.large", "t3a.large"] });
    expect(burstable.only(TEMPLATE).inputs.creditSpecification).to.deep.equal({ cpuCredits: "unlimited" });
    const mixed = await recordCluster({ instanceTypes: ["t3.large", "m5.large"] });
    expect(mixed.only(TEMPLATE).inputs).not.to.have.property("creditSpecification");
  });

  it("boot with the agent's settings as text, base64 in the launch template", async () => {
    const text = decodedUserData(await recordCluster({ stopTimeoutSeconds: 50 }));
    expect(text.split("\n")).to.include.members([
      "ECS_CLUSTER=shop",
      "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
      "ECS_CONTAINER_STOP_TIMEOUT=50s",
    ]);
  });

  it("admit nobody before a service's load balancer is admitted", async () => {
    const recording = await recordCluster();
    expect(recording.only("aws:ec2/securityGroup:SecurityGroup").inputs).not.to.have.property("ingress");
    expect(recording.ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")).to.be.empty;
  });

  it("may do what the agent does in this cluster, and nothing else", async () => {
    const recording = await recordCluster();
    const statements = statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", "shop-instance-policy"));
    const cluster = "arn:aws:ecs:eu-west-1:123456789012";
    expect(
      statements.flatMap(({ Action, Resource }) => Action.map((action) => `${action} ${Resource.join()}`)),
    ).to.have.members([
      "ecs:DiscoverPollEndpoint *",
      `ecs:RegisterContainerInstance ${cluster}:cluster/shop`,
      `ecs:DeregisterContainerInstance ${cluster}:cluster/shop`,
      `ecs:SubmitAttachmentStateChanges ${cluster}:cluster/shop`,
      `ecs:SubmitContainerStateChange ${cluster}:cluster/shop`,
      `ecs:SubmitTaskStateChange ${cluster}:cluster/shop`,
      `ecs:Poll ${cluster}:container-instance/shop/*`,
      `ecs:StartTelemetrySession ${cluster}:container-instance/shop/*`,
      `ecs:UpdateContainerInstancesState ${cluster}:container-instance/shop/*`,
    ]);
    expect(recording.ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")).to.be.empty;
  });

  it("read a private registry's credentials at boot, with the right to that one secret", async () => {
    const secretArn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf";
    const recording = await recordCluster({ registryCredentialsSecretArn: secretArn });
    expect(decodedUserData(recording)).to.contain(`--secret-id '${secretArn}'`);
    const secrets = roleStatements(recording).filter(({ statement }) =>
      statement.Action.includes("secretsmanager:GetSecretValue"),
    );
    expect(secrets.map(({ policy, statement }) => [policy, statement.Resource])).to.deep.equal([
      ["shop-instance-policy", [secretArn]],
    ]);
  });

  it("and their volumes carry the tags given, their name and their cluster", async () => {
    const recording = await recordCluster({ tags: { team: "web" } });
    const group = recording.only(GROUP);
    expect(groupTag(group, "team")).to.deep.equal({ key: "team", value: "web", propagateAtLaunch: true });
    expect(groupTag(group, "Name")?.value).to.equal("shop");
    expect(groupTag(group, "spotproof:cluster")).to.include({ value: "shop", propagateAtLaunch: true });
    expect(recording.only(TEMPLATE).inputs.tagSpecifications).to.deep.equal([
      { resourceType: "volume", tags: { team: "web" } },
    ]);
  });
});

describe("SpotCluster's group", () => {
  it("is all Spot above the base, price-capacity-optimized, from every type given", async () => {
    const group = (await recordCluster({ onDemandBaseCapacity: 1 })).only(GROUP);
    expect(group.inputs).to.deep.nested.include({
      "mixedInstancesPolicy.instancesDistribution.onDemandBaseCapacity": 1,
      "mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity": 0,
      "mixedInstancesPolicy.instancesDistribution.spotAllocationStrategy": "price-capacity-optimized",
    });
  });

  it("has no instance weights, which confuse managed scaling", async () => {
    const group = (await recordCluster()).only(GROUP);
    expect(group.inputs).to.deep.nested.include({
      "mixedInstancesPolicy.launchTemplate.overrides": [
        { instanceType: "m5.large" },
        { instanceType: "m5a.large" },
        { instanceType: "m6i.large" },
      ],
    });
  });

  it("takes instances by attributes, of the right makers for the architecture", async () => {
    const requirements = { vcpuCount: { min: 2, max: 4 }, memoryMiB: { min: 8192, max: 16384 } };
    const args = { instanceTypes: undefined, instanceRequirements: requirements, architecture: "arm64" as const };
    const recording = await recordCluster(args);
    expect(recording.only(GROUP).inputs).to.deep.nested.include({
      "mixedInstancesPolicy.launchTemplate.overrides": [
        {
          instanceRequirements: {
            vcpuCount: { min: 2, max: 4 },
            memoryMib: { min: 8192, max: 16384 },
            cpuManufacturers: ["amazon-web-services"],
            instanceGenerations: ["current"],
            burstablePerformance: "excluded",
          },
        },
      ],
    });
    expect(recording.only(TEMPLATE).inputs.imageId).to.contain("/arm64/");
  });

  it("can be destroyed although its instances are protected from scale-in", async () => {
    const group = (await recordCluster()).only(GROUP);
    expect(group.inputs).to.include({ forceDelete: true, protectFromScaleIn: true });
  });

  it("never makes a deployment wait for capacity that Spot doesn't have", async () => {
    expect((await recordCluster()).only(GROUP).inputs.waitForCapacityTimeout).to.equal("0");
  });

  it("leaves desired capacity to managed scaling, the on-demand base and tags of the functions' to them", async () => {
    const group = (await recordCluster()).only(GROUP);
    expect(group.inputs).not.to.have.property("desiredCapacity");
    expect(group.ignoreChanges).to.deep.equal([
      "desiredCapacity",
      "tags",
      "mixedInstancesPolicy.instancesDistribution.onDemandBaseCapacity",
    ]);
  });

  it("has a resource for each of its tags, which brings a change to it", async () => {
    const recording = await recordCluster({ tags: { team: "shop" } });
    const { inputs, outputs } = recording.only(GROUP);
    const tags = recording.ofType("aws:autoscaling/tag:Tag").map((each) => each.inputs);
    expect(tags.map(({ tag }) => tag)).to.have.deep.members(inputs.tags as object[]);
    expect(tags.every(({ autoscalingGroupName }) => autoscalingGroupName === outputs.name)).to.equal(true);
    expect(tags).to.have.lengthOf(4);
  });

  it("refuses a transform of its tags, which no change would reach", () => {
    const transform = {
      autoScalingGroup: (args: GroupArgs) => ({ ...args, tags: [{ key: "a", value: "b", propagateAtLaunch: true }] }),
    };
    expect(() => new SpotCluster("shop", { ...CLUSTER, transform })).to.throw(
      'transform.autoScalingGroup.tags: given "another value"; allowed: the value that the component gives it',
    );
  });

  it("declares the tag that ECS puts on it, so that Pulumi doesn't take it off", async () => {
    const group = (await recordCluster()).only(GROUP);
    expect(groupTag(group, "AmazonECSManaged")).to.include({ propagateAtLaunch: true });
  });

  it("terminates instances of old templates first", async () => {
    const group = (await recordCluster()).only(GROUP);
    expect(group.inputs.terminationPolicies).to.deep.equal([
      "OldestLaunchTemplate",
      "ClosestToNextInstanceHour",
      "OldestInstance",
    ]);
  });

  it("launches a template's version by number, and refreshes protected instances when it changes", async () => {
    const group = (await recordCluster()).only(GROUP);
    expect(group.inputs).to.nested.include({
      "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification.version": "1",
      "instanceRefresh.preferences.scaleInProtectedInstances": "Refresh",
    });
  });

  it("rebalances capacity itself, or has the drain function detach, never both", async () => {
    const outcomes = ["detach", "capacityRebalancing"] as const;
    for (const replacement of outcomes) {
      const recording = await recordCluster({ replacement });
      const rebalances = recording.only(GROUP).inputs.capacityRebalance;
      const detaches = roleStatements(recording).some(
        ({ policy, statement }) =>
          policy === "shop-drain-policy" && statement.Action.includes("autoscaling:DetachInstances"),
      );
      expect([rebalances, detaches], replacement).to.have.members([true, false]);
      expect(recording.only("aws:lambda/function:Function", "shop-drain").inputs).to.nested.include({
        "environment.variables.REPLACEMENT": replacement,
      });
    }
  });
});

describe("SpotCluster's capacity provider", () => {
  it("scales, protects and drains by itself, to 90 percent", async () => {
    const provider = (await recordCluster()).only(PROVIDER);
    expect(provider.inputs).to.nested.include({
      "autoScalingGroupProvider.managedTerminationProtection": "ENABLED",
      "autoScalingGroupProvider.managedDraining": "ENABLED",
      "autoScalingGroupProvider.managedScaling.status": "ENABLED",
      "autoScalingGroupProvider.managedScaling.targetCapacity": 90,
    });
  });

  it("has no fixed name, so that a new group gets a new provider beside the old", async () => {
    const recording = await recordCluster();
    expect(recording.only(PROVIDER).inputs).not.to.have.any.keys("name", "namePrefix");
    expect(recording.only(GROUP).inputs).not.to.have.any.keys("name", "namePrefix");
    expect(recording.needs(recording.only(PROVIDER), recording.only(GROUP))).to.equal(true);
  });

  it("drains without a lifecycle hook of our own beside it", async () => {
    const recording = await recordCluster();
    expect(recording.ofType("aws:autoscaling/lifecycleHook:LifecycleHook")).to.be.empty;
    expect(recording.only(GROUP).inputs).not.to.have.property("initialLifecycleHooks");
  });

  it("is destroyed after its association and before its group, and the cluster last", async () => {
    const recording = await recordCluster();
    const [cluster, template, group, provider, association] = [
      recording.only("aws:ecs/cluster:Cluster"),
      recording.only(TEMPLATE),
      recording.only(GROUP),
      recording.only(PROVIDER),
      recording.only(ASSOCIATION),
    ];
    expect(recording.needs(association, provider), "association before provider").to.equal(true);
    expect(recording.needs(provider, group), "provider before group").to.equal(true);
    expect(recording.needs(group, template), "group before template").to.equal(true);
    expect(recording.needs(template, cluster), "template before cluster").to.equal(true);
  });

  it("keeps the instances' way out and their role until the group is gone, so that agents can report the last tasks", async () => {
    const recording = await recordCluster();
    const group = recording.only(GROUP);
    expect(recording.needs(group, recording.only(EGRESS, "shop-instances-egress"))).to.equal(true);
    expect(recording.needs(group, recording.only("aws:iam/rolePolicy:RolePolicy", "shop-instance-policy"))).to.equal(
      true,
    );
  });
});

describe("SpotCluster", () => {
  it("makes a VPC where none is given, with the instances in its private subnets", async () => {
    const recording = await recordCluster({ vpcId: undefined, subnetIds: undefined, natGatewayStrategy: "Single" });
    const vpc = recording.only("awsx:ec2:Vpc");
    expect(vpc.inputs).to.deep.include({ numberOfAvailabilityZones: 3, natGateways: { strategy: "Single" } });
    expect(recording.only(GROUP).inputs.vpcZoneIdentifiers).to.deep.equal([
      "shop-vpc-private-1",
      "shop-vpc-private-2",
      "shop-vpc-private-3",
    ]);
  });

  it("watches its containers with Container Insights", async () => {
    const settingOf = async (changes: Parameters<typeof recordCluster>[0]) =>
      (await recordCluster(changes)).only("aws:ecs/cluster:Cluster").inputs.settings;
    expect(await settingOf({})).to.deep.equal([{ name: "containerInsights", value: "enabled" }]);
    expect(await settingOf({ containerInsights: "enhanced" })).to.deep.equal([
      { name: "containerInsights", value: "enhanced" },
    ]);
  });

  it("hands each child's args to its transform", async () => {
    const recording = await recordCluster({
      transform: {
        autoScalingGroup: (args) => ({ ...args, maxInstanceLifetime: 604800 }),
        launchTemplate: (args) => ({ ...args, ebsOptimized: "false" }),
        capacityProvider: (args) => ({ ...args, tags: { team: "web" } }),
        drainFunction: (args) => ({ ...args, memorySize: 1024 }),
        fallbackFunction: (args) => ({ ...args, memorySize: 256 }),
        rebalanceFunction: (args) => ({ ...args, memorySize: 2048 }),
      },
    });
    expect(recording.only(GROUP).inputs.maxInstanceLifetime).to.equal(604800);
    expect(recording.only(TEMPLATE).inputs.ebsOptimized).to.equal("false");
    expect(recording.only(PROVIDER).inputs.tags).to.deep.equal({ team: "web" });
    expect(recording.only("aws:lambda/function:Function", "shop-drain").inputs.memorySize).to.equal(1024);
    expect(recording.only("aws:lambda/function:Function", "shop-fallback").inputs.memorySize).to.equal(256);
    expect(recording.only("aws:lambda/function:Function", "shop-rebalance").inputs.memorySize).to.equal(2048);
  });

  it("refuses a name for its group or its provider, because a new one could not be made beside the old", async () => {
    const mine = <Args extends object>(args: Args): Args => ({ ...args, name: "mine" });
    for (const child of ["autoScalingGroup", "capacityProvider"]) {
      const { message } = await recordFailure(
        () => new SpotCluster("shop", { ...CLUSTER, transform: { [child]: mine } }),
      );
      expect(message).to.equal(
        `SpotCluster shop: 1 problem\n  - transform.${child}.name: given "mine"; ` +
          "allowed: none: Pulumi names it, so that a new one can be made beside it; " +
          "change: remove it; the stack's outputs and the tag Name tell which one it is",
      );
    }
  });

  it("puts every resource under itself", async () => {
    const recording = await recordCluster();
    const byUrn = new Map(recording.resources.map((resource) => [resource.urn, resource]));
    const topOf = (resource: Recorded): string => {
      const parent = byUrn.get(resource.parent);
      return parent ? topOf(parent) : resource.type;
    };
    expect([...new Set(recording.resources.map(topOf))]).to.deep.equal(["spotproof:components:SpotCluster"]);
  });

  it("grants no role an action with a wildcard, and `*` as a resource only where AWS has nothing narrower", async () => {
    const statements = roleStatements(await recordCluster()).map(({ statement }) => statement);
    expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).to.be.empty;
    const everywhere = statements.filter(({ Resource, Condition }) => Resource.includes("*") && !Condition);
    expect([...new Set(everywhere.flatMap(({ Action }) => Action))]).to.have.members([
      "ecs:DiscoverPollEndpoint",
      "elasticloadbalancing:DescribeTargetHealth",
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeAutoScalingInstances",
      "autoscaling:DescribeScalingActivities",
      "autoscaling:DescribeInstanceRefreshes",
      "ec2:DescribeInstances",
      "application-autoscaling:DescribeScalableTargets",
      "autoscaling:DescribeTags",
      "ecs:DescribeTaskDefinition",
    ]);
  });
});

describe("SpotCluster's input", () => {
  const messageOf = async (changes: object, name = "shop"): Promise<string> => {
    const { message, recording } = await recordFailure(() => new SpotCluster(name, { ...CLUSTER, ...changes }));
    expect(recording.resources, "declared before the error").to.be.empty;
    return message;
  };

  it("is refused with all its problems at once, before any resource", async () => {
    const message = await messageOf({ minSize: 5, maxSize: 3, subnetIds: ["subnet-a"], stopTimeoutSeconds: 120 });
    expect(message).to.match(/^SpotCluster shop: 3 problems\n/);
    expect(message).to.contain("minSize: given 5; allowed: at most maxSize, which is 3; change: lower minSize by 2");
    expect(message).to.contain('subnetIds: given ["subnet-a"]');
    expect(message).to.contain("stopTimeoutSeconds: given 120");
    expect(message).to.contain("change: lower stopTimeoutSeconds by 10");
  });

  const REFUSED: readonly [string, object, RegExp][] = [
    ["a cluster in one zone", { subnetIds: ["subnet-a"] }, /at least two subnets, in different Availability Zones/],
    ["one subnet named twice", { subnetIds: ["subnet-a", "subnet-a"] }, /at least two subnets/],
    ["a VPC without its subnets", { subnetIds: undefined }, /^ {2}- subnetIds: given nothing/m],
    ["subnets without their VPC", { vpcId: undefined }, /^ {2}- vpcId: given nothing/m],
    [
      "an unknown instance type",
      { instanceTypes: ["m5.large", "m5.lage"] },
      /instanceTypes\[1\].*did you mean m5\.large\?/,
    ],
    [
      "two architectures",
      { instanceTypes: ["m5.large", "m6i.large", "m6g.large"] },
      /remove the arm64 ones \(m6g\.large\)/,
    ],
    [
      "very different sizes",
      { instanceTypes: ["m5.large", "m5.2xlarge"] },
      /managed scaling reckons with the smallest type/,
    ],
    ["a single Spot pool per zone", { instanceTypes: ["m5.large"] }, /at least 2 types/],
    ["no instance type at all", { instanceTypes: [] }, /at least two instance types/],
    ["a base larger than the group", { onDemandBaseCapacity: 21 }, /onDemandBaseCapacity: given 21/],
    ["a fraction of an instance", { minSize: 1.5 }, /minSize: given 1\.5; allowed: a whole number/],
    ["a root volume smaller than the AMI", { rootVolumeSizeGiB: 20 }, /raise it to 30 or more/],
    ["a wrong choice", { replacement: "detatch" }, /did you mean detach\?/],
    ["a retention that CloudWatch Logs doesn't have", { logRetentionDays: 10 }, /change: give 14/],
    [
      "attributes that span very different sizes",
      {
        instanceTypes: undefined,
        instanceRequirements: { vcpuCount: { min: 2, max: 16 }, memoryMiB: { min: 1, max: 2 } },
      },
      /lower max to 4 or raise min to 8/,
    ],
  ];
  for (const [what, changes, message] of REFUSED) {
    it(`may not be ${what}`, async () => {
      expect(await messageOf(changes)).to.match(message);
    });
  }

  it("may not be a name that makes a role's name too long", async () => {
    expect(await messageOf({}, "a".repeat(40))).to.match(/name: given "a{40}"/);
  });

  it("may hold Outputs, which are not known yet", async () => {
    const { output } = await import("@pulumi/pulumi");
    const recording = await record(
      () =>
        new SpotCluster("shop", { ...CLUSTER, vpcId: output("vpc-2"), subnetIds: output(["subnet-x", "subnet-y"]) }),
    );
    expect(recording.only(GROUP).inputs.vpcZoneIdentifiers).to.deep.equal(["subnet-x", "subnet-y"]);
  });
});
