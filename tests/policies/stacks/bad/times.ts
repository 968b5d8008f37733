import { userData } from "../../support/declared";
import { TYPE, webStack, workerStack, type WebStack } from "../../support/stacks";
import { changed, type BadStack } from "../entry";

const agentSays = (value: string) =>
  changed(webStack, ({ boot }) => void boot.push(`echo ECS_CONTAINER_STOP_TIMEOUT=${value} >> /etc/ecs/ecs.config`));

/** A delay that nobody set is 300 s. */
const withDefaultDelay = (change: (parts: WebStack) => void) =>
  changed(webStack, (parts) => {
    parts.targetGroup.set("deregistrationDelay", undefined);
    change(parts);
  });

export const TOO_LONG: readonly BadStack[] = [
  {
    title: "a container may take the whole notice to stop",
    rules: ["stop-timeout", "time-budget"],
    stack: changed(webStack, ({ container }) => void (container.stopTimeout = 120)),
  },
  { title: "the agent gives containers two minutes", rules: ["stop-timeout", "time-budget"], stack: agentSays("2m") },
  {
    title: "the agent gives containers zero hours and two minutes",
    rules: ["stop-timeout", "time-budget"],
    stack: agentSays("0h2m"),
  },
  { title: "the agent's 119 seconds leave none for the balancer", rules: ["time-budget"], stack: agentSays("1m59s") },
  {
    title: "the deregistration delay is AWS's default",
    rules: ["time-budget"],
    stack: withDefaultDelay(() => undefined),
  },
  {
    title: "the delay alone would fit",
    rules: ["time-budget"],
    stack: changed(webStack, ({ targetGroup }) => targetGroup.set("deregistrationDelay", 100)),
  },
  {
    title: "the sum is one second over",
    rules: ["time-budget"],
    stack: changed(webStack, ({ targetGroup }) => targetGroup.set("deregistrationDelay", 81)),
  },
  {
    title: "a sidecar takes longer than the service",
    rules: ["time-budget"],
    stack: changed(
      webStack,
      ({ containers }) => void containers.push({ name: "proxy", image: "envoy", stopTimeout: 100 }),
    ),
  },
  {
    title: "the other target group of a blue/green pair has the default delay",
    rules: ["time-budget"],
    stack: changed(webStack, ({ stack, service, targetGroup }) => {
      const green = stack.add(TYPE.targetGroup, "green", { protocol: "HTTP" });
      const advancedConfiguration = { alternateTargetGroupArn: green.ref("arn") };
      service.set("loadBalancers", [{ targetGroupArn: targetGroup.ref("arn"), advancedConfiguration }]);
    }),
  },
  {
    title: "the target group goes by its old type",
    rules: ["time-budget"],
    stack: changed(webStack, ({ stack, service }) => {
      const old = stack.add("aws:alb/targetGroup:TargetGroup", "old", { protocol: "HTTP", deregistrationDelay: 300 });
      service.set("loadBalancers", [{ targetGroupArn: old.ref("arn") }]);
    }),
  },
  {
    title: "a Network Load Balancer's target group drains for five minutes",
    rules: ["time-budget"],
    stack: withDefaultDelay(({ targetGroup }) => targetGroup.set("protocol", "TCP")),
  },
  {
    title: "a worker has no delay, and still too little",
    rules: ["time-budget"],
    stack: changed(workerStack, ({ container }) => void (container.stopTimeout = 115)),
  },
  {
    title: "the service takes its cluster's strategy",
    rules: ["time-budget"],
    stack: withDefaultDelay(({ service, association, provider }) => {
      service.set("capacityProviderStrategies", undefined);
      association.set("defaultCapacityProviderStrategies", [{ capacityProvider: provider.ref("name"), weight: 1 }]);
    }),
  },
  {
    title: "the service takes any instance of its cluster, which joined by its user data",
    rules: ["time-budget"],
    stack: withDefaultDelay(({ stack, service, association, provider }) => {
      service.set("capacityProviderStrategies", undefined);
      service.set("launchType", "EC2");
      stack.remove(association, provider);
    }),
  },
  {
    title: "one of two providers is Spot",
    rules: ["time-budget"],
    stack: withDefaultDelay(({ stack, service, provider, template }) => {
      const group = stack.add(TYPE.group, "steady", { launchTemplate: { id: template.ref("id") } });
      const steady = stack.add(TYPE.provider, "steady", {
        autoScalingGroupProvider: { autoScalingGroupArn: group.ref("arn") },
      });
      service.set("capacityProviderStrategies", [
        { capacityProvider: steady.ref("name"), base: 2, weight: 1 },
        { capacityProvider: provider.ref("name"), weight: 3 },
      ]);
    }),
  },
  {
    title: "instances that AWS runs for ECS are Spot",
    rules: ["time-budget"],
    stack: withDefaultDelay(({ stack, service }) => {
      const managed = stack.add(TYPE.provider, "managed", {
        managedInstancesProvider: { instanceLaunchTemplate: { capacityOptionType: "SPOT" } },
      });
      service.set("capacityProviderStrategies", [{ capacityProvider: managed.ref("name"), weight: 1 }]);
    }),
  },
  {
    title: "a task on Fargate Spot asks for more than the notice",
    rules: ["stop-timeout"],
    stack: changed(webStack, ({ container, definition, service }) => {
      container.stopTimeout = 200;
      definition.set("networkMode", "awsvpc");
      service.set("capacityProviderStrategies", [{ capacityProvider: "FARGATE_SPOT", weight: 1 }]);
    }),
  },
  {
    title: "cloud-config runs a command that sets three minutes",
    rules: ["stop-timeout", "time-budget"],
    stack: changed(webStack, ({ template }) => {
      template.set(
        "userData",
        userData(["#cloud-config", "runcmd:", "  - echo ECS_CONTAINER_STOP_TIMEOUT=3m >> /etc/ecs/ecs.config"]),
      );
    }),
  },
];

export const STUCK: readonly BadStack[] = [
  {
    title: "100 and 100 percent",
    rules: ["drain-deadlock"],
    stack: changed(webStack, ({ service }) => {
      service.set("deploymentMinimumHealthyPercent", 100);
      service.set("deploymentMaximumPercent", 100);
    }),
  },
  {
    title: "one task, of which half is one and one and a half is one",
    rules: ["drain-deadlock"],
    stack: changed(webStack, ({ service }) => {
      service.set("desiredCount", 1);
      service.set("deploymentMaximumPercent", 150);
    }),
  },
  {
    title: "AWS's percents, and times that leave no room for a replacement",
    rules: ["drain-in-time"],
    stack: changed(webStack, ({ container, targetGroup, service }) => {
      container.stopTimeout = 60;
      targetGroup.set("deregistrationDelay", 45);
      service.set("deploymentMinimumHealthyPercent", undefined);
    }),
  },
  {
    title: "a single task waits for its replacement, whatever the percent",
    rules: ["drain-in-time"],
    stack: changed(webStack, ({ container, service }) => {
      container.stopTimeout = 70;
      service.set("desiredCount", 1);
    }),
  },
  {
    title: "a service that scales down to a single task",
    rules: ["drain-in-time"],
    stack: changed(webStack, ({ stack, container, service }) => {
      container.stopTimeout = 70;
      stack.add(TYPE.scalingTarget, "web", { minCapacity: 1, maxCapacity: 9, resourceId: "service/main/web" });
      service.set("desiredCount", 4);
    }),
  },
  {
    title: "a Network Load Balancer takes a replacement after three checks",
    rules: ["drain-in-time"],
    stack: changed(webStack, ({ targetGroup, service }) => {
      targetGroup.set("protocol", "TCP");
      targetGroup.set("healthCheck", { interval: 30 });
      service.set("deploymentMinimumHealthyPercent", 100);
    }),
  },
  {
    title: "a health check that takes ten minutes to see a dead target",
    rules: ["health-check-speed"],
    stack: changed(webStack, ({ targetGroup }) =>
      targetGroup.set("healthCheck", { interval: 300, unhealthyThreshold: 2 }),
    ),
  },
];
