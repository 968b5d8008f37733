import { userData } from "../../support/declared";
import { mixed, spotCapacity, TYPE, webStack, type SpotCapacity } from "../../support/stacks";
import { changed, type BadStack } from "../entry";

const FLAG = "ECS_ENABLE_SPOT_INSTANCE_DRAINING";

/** Sound but for managed draining, which is off; the agent's flag is what `boot` says. */
const withUserData = (...boot: readonly unknown[]) =>
  changed(webStack, ({ provider, template }) => {
    provider.set("autoScalingGroupProvider.managedDraining", "DISABLED");
    template.set("userData", userData(boot));
  });

/** Instances that join the cluster by its name, without any capacity provider. */
const withoutProvider = (change: (parts: SpotCapacity) => void) =>
  changed(spotCapacity, (parts) => {
    parts.stack.remove(parts.provider, parts.association);
    parts.boot.pop();
    change(parts);
  });

const SPOT_MARKET = { marketType: "spot" };

export const UNDRAINED: readonly BadStack[] = [
  {
    title: "neither the agent nor the provider drains",
    rules: ["draining-enabled"],
    stack: withUserData("#!/bin/bash", "echo ECS_CLUSTER=main >> /etc/ecs/ecs.config"),
  },
  {
    title: "the agent's flag is commented out",
    rules: ["draining-enabled"],
    stack: withUserData(
      "#!/bin/bash",
      "echo ECS_CLUSTER=main >> /etc/ecs/ecs.config",
      `# echo ${FLAG}=true >> /etc/ecs/ecs.config`,
    ),
  },
  {
    title: "the agent's flag is set twice, and off at last",
    rules: ["draining-enabled"],
    stack: withUserData(
      "#!/bin/bash",
      `echo ${FLAG}=true >> /etc/ecs/ecs.config`,
      `echo ${FLAG}=false >> /etc/ecs/ecs.config`,
    ),
  },
  {
    title: "the agent's flag goes into a file that the agent doesn't read",
    rules: ["draining-enabled"],
    stack: withUserData(
      "#!/bin/bash",
      "echo ECS_CLUSTER=main >> /etc/ecs/ecs.config",
      `echo ${FLAG}=true >> /etc/ecs.config`,
    ),
  },
  {
    title: "the agent's flag is no boolean to the agent",
    rules: ["draining-enabled"],
    stack: withUserData("#!/bin/bash", `echo ${FLAG}=yes >> /etc/ecs/ecs.config`),
  },
  {
    title: "the file is written anew after the flag",
    rules: ["draining-enabled"],
    stack: withUserData(
      "#!/bin/bash",
      `echo ${FLAG}=true >> /etc/ecs/ecs.config`,
      "echo ECS_CLUSTER=main > /etc/ecs/ecs.config",
    ),
  },
  {
    title: "a here-document switches the agent's draining off",
    rules: ["draining-enabled"],
    stack: withUserData(
      "#!/bin/bash",
      "cat <<'EOF' >> /etc/ecs/ecs.config",
      "ECS_CLUSTER=main",
      `${FLAG}=false`,
      "EOF",
    ),
  },
  {
    title: "cloud-config writes the agent's file without the flag",
    rules: ["draining-enabled"],
    stack: withUserData(
      "#cloud-config",
      "write_files:",
      "  - path: /etc/ecs/ecs.config",
      "    content: ECS_CLUSTER=main",
    ),
  },
  {
    title: "Bottlerocket's setting is off",
    rules: ["draining-enabled"],
    stack: withUserData("[settings.ecs]", 'cluster = "main"', "enable-spot-instance-draining = false"),
  },
  {
    title: "there is no user data at all",
    rules: ["draining-enabled"],
    stack: changed(webStack, ({ provider, template }) => {
      provider.set("autoScalingGroupProvider.managedDraining", "DISABLED");
      template.set("userData", undefined);
    }),
  },
  {
    title: "an override's own template forgets the flag",
    rules: ["draining-enabled"],
    stack: changed(webStack, ({ stack, provider, group }) => {
      provider.set("autoScalingGroupProvider.managedDraining", "DISABLED");
      const arm = stack.add(TYPE.template, "arm", {
        userData: userData(["#!/bin/bash", "echo ECS_CLUSTER=main >> /etc/ecs/ecs.config"]),
      });
      group.set("mixedInstancesPolicy.launchTemplate.overrides", [
        { instanceType: "m5.large" },
        { instanceType: "m6g.large", launchTemplateSpecification: { launchTemplateId: arm.ref("id") } },
      ]);
    }),
  },
  {
    title: "a launch configuration bids for Spot",
    rules: ["draining-enabled", "spot-pools"],
    stack: withoutProvider(({ stack, boot, group, template }) => {
      const configuration = stack.add(TYPE.configuration, "node", {
        imageId: "ami-0123456789abcdef0",
        instanceType: "m5.large",
        spotPrice: "0.05",
        userData: userData(boot),
      });
      stack.remove(template);
      group.set("mixedInstancesPolicy", undefined);
      group.set("launchConfiguration", configuration.ref("name"));
    }),
  },
  {
    title: "a launch template asks for Spot by itself",
    rules: ["draining-enabled", "spot-pools"],
    stack: withoutProvider(({ group, template }) => {
      group.set("mixedInstancesPolicy", undefined);
      group.set("launchTemplate", { id: template.ref("id"), version: "$Latest" });
      template.set("instanceMarketOptions", SPOT_MARKET);
    }),
  },
  {
    title: "a Spot fleet's specification forgets the flag",
    rules: ["draining-enabled"],
    stack: withoutProvider(({ stack, boot, group, template }) => {
      stack.remove(group, template);
      stack.add(TYPE.spotFleet, "nodes", {
        iamFleetRole: "arn:aws:iam::123456789012:role/fleet",
        targetCapacity: 3,
        allocationStrategy: "priceCapacityOptimized",
        launchSpecifications: [{ ami: "ami-0123456789abcdef0", instanceType: "m5.large", userData: userData(boot) }],
      });
    }),
  },
  {
    title: "an EC2 fleet's template forgets the flag",
    rules: ["draining-enabled"],
    stack: withoutProvider(({ stack, group, template }) => {
      stack.remove(group);
      stack.add(TYPE.fleet, "nodes", {
        targetCapacitySpecification: { defaultTargetCapacityType: "spot", totalTargetCapacity: 3 },
        spotOptions: { allocationStrategy: "price-capacity-optimized" },
        launchTemplateConfigs: [
          { launchTemplateSpecification: { launchTemplateId: template.ref("id"), version: "1" } },
        ],
      });
    }),
  },
  {
    title: "a single Spot instance forgets the flag",
    rules: ["draining-enabled"],
    stack: withoutProvider(({ stack, boot, group, template }) => {
      stack.remove(group, template);
      stack.add(TYPE.instance, "node", {
        instanceType: "m5.large",
        instanceMarketOptions: SPOT_MARKET,
        userDataBase64: userData(boot),
      });
    }),
  },
  {
    title: "half of what is above an on-demand base is Spot",
    rules: ["draining-enabled"],
    stack: changed(webStack, ({ boot, group, template, provider }) => {
      boot.pop();
      provider.set("autoScalingGroupProvider.managedDraining", "DISABLED");
      group.set("mixedInstancesPolicy", mixed(template));
      group.set("mixedInstancesPolicy.instancesDistribution.onDemandBaseCapacity", 4);
      group.set("mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity", 50);
    }),
  },
];
