import { expect } from "chai";
import type { Resource } from "../../../rehearsal/deploy/monitor";
import { INERT } from "../../../rehearsal/deploy/notModelled";
import { later, MINUTE, REGION, SECOND } from "../world/support";
import {
  arnOf,
  clusterOn,
  declared,
  deployed,
  groupOf,
  problemOf,
  PROVIDER,
  service,
  DEFINITION,
  type Inputs,
} from "./support";

describe("deploy: groups and capacity providers", () => {
  it("makes instances join the cluster that their user data names, one zone per subnet", async () => {
    const { world } = await deployed(clusterOn());
    await world.run(5 * MINUTE);
    expect(world.clusters.get("shop")!.instances.size).to.equal(2);
    expect(groupOf(world).spec.availabilityZones).to.deep.equal([`${REGION}a`, `${REGION}b`]);
  });

  it("has AWS's defaults: all on demand above the base, lowest-price, managed draining on, the rest off", async () => {
    const mixedInstancesPolicy = {
      launchTemplate: {
        launchTemplateSpecification: { launchTemplateId: "template" },
        overrides: [{ instanceType: "m5.large" }],
      },
    };
    const { world } = await deployed(clusterOn({ mixedInstancesPolicy }));
    const { onDemandPercentageAboveBaseCapacity, spotAllocationStrategy, capacityRebalance } = groupOf(world).spec;
    expect([onDemandPercentageAboveBaseCapacity, spotAllocationStrategy, capacityRebalance]).to.deep.equal([
      100,
      "lowest-price",
      false,
    ]);
    const [provider] = world.clusters.get("shop")!.capacityProviders;
    expect(provider).to.include({
      managedScaling: false,
      managedTerminationProtection: false,
      managedDraining: true,
      targetCapacity: 100,
      warmupMs: 300 * SECOND,
    });
    expect(groupOf(world).hooks.any).to.equal(true);
  });

  it("switches managed draining off where the program does", async () => {
    const { world } = await deployed(clusterOn({}, {}, { managedDraining: "DISABLED" }));
    expect(groupOf(world).hooks.any).to.equal(false);
  });

  it("reads lifecycle hooks of the group and beside it, ABANDON by default", async () => {
    const transition = { lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING" };
    const { world, notModelled } = await deployed([
      ...clusterOn({
        initialLifecycleHooks: [{ name: "own", heartbeatTimeout: 60, defaultResult: "CONTINUE", ...transition }],
      }),
      declared("aws:autoscaling/lifecycleHook:LifecycleHook", "beside", {
        autoscalingGroupName: "group",
        ...transition,
      }),
      declared("aws:autoscaling/lifecycleHook:LifecycleHook", "launching", {
        autoscalingGroupName: "group",
        lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
      }),
    ]);
    expect(groupOf(world).spec.terminationHooks).to.deep.equal([
      { name: "own", heartbeatMs: MINUTE, defaultResult: "CONTINUE" },
      { name: "beside", heartbeatMs: 3600 * SECOND, defaultResult: "ABANDON" },
    ]);
    expect(notModelled).to.deep.equal([
      "aws:autoscaling/lifecycleHook:LifecycleHook lifecycleTransition autoscaling:EC2_INSTANCE_LAUNCHING × 1",
    ]);
  });

  it("names an instance type that nobody knows, and a group that names none", async () => {
    expect(await problemOf(clusterOn({}, { instanceType: "z9.huge" }))).to.match(/instance type z9\.huge/);
    expect(await problemOf(clusterOn({}, { instanceType: undefined }))).to.match(
      /group group: no instance type and no instance requirements; .*name an instance type/,
    );
  });

  it("says which resource names another that the program doesn't declare", async () => {
    const resources = clusterOn().filter(({ type }) => type !== PROVIDER);
    expect(await problemOf(resources)).to.match(
      /ClusterCapacityProviders association names aws:ecs\/capacityProvider:CapacityProvider "provider", which the program doesn't declare/,
    );
  });
});

describe("deploy: what isn't modelled", () => {
  it("is listed by type with its number, unless it has no bearing", async () => {
    const { notModelled } = await deployed([
      declared("aws:cloudwatch/logGroup:LogGroup", "log"),
      declared("aws:cloudwatch/compositeAlarm:CompositeAlarm", "one"),
      declared("aws:cloudwatch/compositeAlarm:CompositeAlarm", "two"),
    ]);
    expect(notModelled).to.deep.equal(["aws:cloudwatch/compositeAlarm:CompositeAlarm × 2"]);
    expect(Object.values(INERT).every((reason) => reason.length > 10)).to.equal(true);
  });

  it("is listed by setting, where a setting changes what AWS does", async () => {
    const { notModelled } = await deployed([
      ...clusterOn({ healthCheckType: "ELB", maxInstanceLifetime: 86400 }),
      DEFINITION,
      service({ placementConstraints: [{ type: "distinctInstance" }], alarms: { enable: true, alarmNames: ["slow"] } }),
    ]);
    expect(notModelled).to.deep.equal([
      "aws:autoscaling/group:Group healthCheckType ELB × 1",
      "aws:autoscaling/group:Group maxInstanceLifetime 86400 × 1",
      "aws:ecs/service:Service alarms × 1",
      "aws:ecs/service:Service placementConstraints × 1",
    ]);
  });

  it("tells which of the agent's settings the user data leaves open, and where", async () => {
    const userData = Buffer.from("#!/bin/bash\nsource /opt/agent.sh\n").toString("base64");
    const { notModelled } = await deployed(clusterOn({}, { userData }));
    expect(notModelled).to.have.length(1);
    expect(notModelled[0]).to.match(
      /^group group: user data, taken as not set: ECS_CLUSTER, ECS_ENABLE_SPOT_INSTANCE_DRAINING, ECS_CONTAINER_STOP_TIMEOUT: .*agent\.sh/,
    );
  });

  it("tells of a capacity provider that isn't on EC2, whose share goes to the others", async () => {
    const capacityProviderStrategies = [
      { capacityProvider: "provider", base: 1, weight: 1 },
      { capacityProvider: "FARGATE_SPOT", weight: 4 },
    ];
    const { notModelled, world } = await deployed([
      ...clusterOn(),
      DEFINITION,
      service({ capacityProviderStrategies }),
    ]);
    expect(notModelled).to.deep.equal(["service web: capacity provider FARGATE_SPOT"]);
    const { spec } = world.clusters.get("shop")!.services.get("web")!;
    expect(spec.capacityProviderStrategy).to.deep.equal([{ capacityProvider: "provider", base: 1, weight: 1 }]);
  });

  it("leaves daemons and services off EC2 out, and says so", async () => {
    for (const [inputs, told] of [
      [{ schedulingStrategy: "DAEMON" }, "service web: schedulingStrategy DAEMON"],
      [{ launchType: "FARGATE" }, "service web: launchType FARGATE"],
    ] as const) {
      const { notModelled, world } = await deployed([...clusterOn(), DEFINITION, service(inputs)]);
      expect(notModelled).to.deep.equal([told]);
      expect(world.clusters.get("shop")!.services.size).to.equal(0);
    }
  });
});

describe("deploy: services", () => {
  const specOf = async (inputs: Inputs, definition: Inputs = {}, others: readonly Resource[] = []) => {
    const taskDefinition = declared("aws:ecs/taskDefinition:TaskDefinition", "web", {
      ...DEFINITION.inputs,
      ...definition,
    });
    const { world, notModelled } = await deployed([...clusterOn(), taskDefinition, service(inputs), ...others]);
    expect(notModelled).to.deep.equal([]);
    return world.clusters.get("shop")!.services.get("web")!.spec;
  };

  it("share their tasks among the capacity providers of their strategy, a weight being 0 unless given", async () => {
    const capacityProviderStrategies = [
      { capacityProvider: "steady", base: 2 },
      { capacityProvider: "spot", weight: 3 },
    ];
    expect((await specOf({ capacityProviderStrategies })).capacityProviderStrategy).to.deep.equal([
      { capacityProvider: "steady", base: 2, weight: 0 },
      { capacityProvider: "spot", base: 0, weight: 3 },
    ]);
    expect(
      (await specOf({ capacityProviderStrategies: [{ capacityProvider: "spot" }] })).capacityProviderStrategy,
    ).to.deep.equal([{ capacityProvider: "spot", base: 0, weight: 1 }]);
  });

  it("are refused, as AWS refuses them, where no capacity provider has a weight", async () => {
    const capacityProviderStrategies = [{ capacityProvider: "steady", base: 2 }, { capacityProvider: "spot" }];
    expect(await problemOf([...clusterOn(), DEFINITION, service({ capacityProviderStrategies })])).to.match(
      /service web: every capacity provider of its strategy has weight 0; allowed: at least one above/,
    );
  });

  it("give their tasks the tags that they propagate", async () => {
    const tags = { team: "web" };
    expect((await specOf({ tags })).taskTags).to.deep.equal({});
    expect((await specOf({ tags, propagateTags: "SERVICE" })).taskTags).to.deep.equal(tags);
    expect((await specOf({ propagateTags: "TASK_DEFINITION" }, { tags })).taskTags).to.deep.equal(tags);
  });

  it("have a circuit breaker only where it is switched on, and a task role only where it is named", async () => {
    const plain = await specOf({});
    expect([plain.circuitBreaker, plain.taskDefinition.taskRole]).to.deep.equal([
      { enable: false, rollback: false },
      undefined,
    ]);
    const role = declared("aws:iam/role:Role", "tasks");
    const statement = { Effect: "Allow", Action: "ecs:UpdateTaskProtection", Resource: "*" };
    const policy = declared("aws:iam/rolePolicy:RolePolicy", "tasks", {
      role: "tasks",
      policy: JSON.stringify({ Statement: [statement] }),
    });
    const breaking = { deploymentCircuitBreaker: { enable: true, rollback: true } };
    const spec = await specOf(breaking, { taskRoleArn: arnOf(role) }, [role, policy]);
    expect(spec.circuitBreaker).to.deep.equal({ enable: true, rollback: true });
    expect(spec.taskDefinition.taskRole).to.deep.equal([statement]);
  });

  const isRebalanced = async (...resources: Resource[]): Promise<boolean> => {
    const { world } = await deployed([...clusterOn(), ...resources]);
    return world.clusters.get("shop")!.services.get("web")!.spec.availabilityZoneRebalancing;
  };

  it("are rebalanced between zones unless they say no, as ECS does by default", async () => {
    expect(await isRebalanced(DEFINITION, service())).to.equal(true);
    expect(await isRebalanced(DEFINITION, service({ availabilityZoneRebalancing: "ENABLED" }))).to.equal(true);
    expect(await isRebalanced(DEFINITION, service({ availabilityZoneRebalancing: "DISABLED" }))).to.equal(false);
  });

  it("aren't rebalanced where a constraint binds them to zones, or behind a Classic Load Balancer", async () => {
    const inZone = [{ type: "memberOf", expression: "attribute:ecs.availability-zone == eu-west-1a" }];
    expect(await isRebalanced(DEFINITION, service({ placementConstraints: inZone }))).to.equal(false);
    const bound = { ...DEFINITION, inputs: { ...DEFINITION.inputs, placementConstraints: inZone } };
    expect(await isRebalanced(bound, service())).to.equal(false);
    const anywhere = [{ type: "distinctInstance" }];
    expect(await isRebalanced(DEFINITION, service({ placementConstraints: anywhere }))).to.equal(true);
    const loadBalancers = [{ elbName: "classic", containerName: "web", containerPort: 80 }];
    expect(await isRebalanced(DEFINITION, service({ loadBalancers }))).to.equal(false);
  });
});

describe("deploy: event rules", () => {
  const queue = declared("aws:sqs/queue:Queue", "events");
  const rule = (inputs: Inputs = {}): Resource =>
    declared("aws:cloudwatch/eventRule:EventRule", "rule", { scheduleExpression: "rate(1 minute)", ...inputs });
  const target = (inputs: Inputs = {}): Resource =>
    declared("aws:cloudwatch/eventTarget:EventTarget", "target", { rule: "rule", arn: arnOf(queue), ...inputs });
  const policy = (ruleArn: unknown = arnOf(rule())): Resource =>
    declared("aws:sqs/queuePolicy:QueuePolicy", "policy", {
      queueUrl: queue.outputs.url,
      policy: JSON.stringify({
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: ["sqs:SendMessage"],
            Resource: [arnOf(queue)],
            Condition: { ArnEquals: { "aws:SourceArn": ruleArn } },
          },
          {
            Effect: "Deny",
            Principal: "*",
            Action: ["sqs:*"],
            Resource: [arnOf(queue)],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      }),
    });

  async function received(resources: readonly Resource[]): Promise<number> {
    const { world } = await deployed(resources);
    await later(world, 3.5 * MINUTE);
    return [...world.queues.values()][0]!.messages.size;
  }

  it("deliver to a queue whose policy lets them in", async () => {
    expect(await received([queue, policy(), rule(), target()])).to.equal(3);
  });

  it("deliver nothing without a policy, to another rule's policy, without a target, or DISABLED", async () => {
    expect(await received([queue, rule(), target()])).to.equal(0);
    expect(await received([queue, policy("arn:aws:events:other"), rule(), target()])).to.equal(0);
    expect(await received([queue, policy(), rule()])).to.equal(0);
    expect(await received([queue, policy(), rule({ state: "DISABLED" }), target()])).to.equal(0);
  });

  it("stop the rehearsal with a clear error where they do what isn't modelled", async () => {
    expect(await problemOf([queue, policy(), rule(), target({ inputPath: "$.detail" })])).to.match(
      /event target target: inputPath is not modelled/,
    );
    expect(await problemOf([queue, rule({ scheduleExpression: "cron(0 9 * * ? *)" })])).to.match(
      /cron\(0 9 .*not modelled; rate/,
    );
    expect(await problemOf([queue, rule(), target({ arn: "arn:aws:sns:topic" })])).to.match(
      /delivers to arn:aws:sns:topic/,
    );
    const pattern = JSON.stringify({ detail: { ip: [{ cidr: "10.0.0.0/8" }] } });
    expect(await problemOf([rule({ scheduleExpression: undefined, eventPattern: pattern })])).to.match(
      /event rule rule, detail, ip: the event pattern filter cidr is not modelled/,
    );
  });

  it("invoke a function only with its permission", async () => {
    const text = "exports.handler = async () => undefined;";
    const fn = declared("aws:lambda/function:Function", "fn", {
      handler: "__index.handler",
      code: { assets: { "__index.js": { text } } },
      role: "role",
    });
    const permission = declared("aws:lambda/permission:Permission", "permission", {
      action: "lambda:InvokeFunction",
      function: "fn",
      principal: "events.amazonaws.com",
      sourceArn: arnOf(rule()),
    });
    for (const [resources, invocations] of [
      [[permission], 3],
      [[], 0],
    ] as const) {
      const { world } = await deployed([fn, rule(), target({ arn: arnOf(fn) }), ...resources]);
      await later(world, 3.5 * MINUTE);
      expect(world.functions[0]!.invocations).to.equal(invocations);
    }
  });
});
