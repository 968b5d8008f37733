import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../components/balancedService";
import type { BalancedServiceArgs } from "../../components/balancedServiceArgs";
import { SpotCluster } from "../../components/spotCluster";
import { CLUSTER, recordService, SERVICE, serviceFailure } from "../support/fixtures";
import { statementsOf } from "../support/policies";
import { record, type Recording } from "../support/recorder";

const ECS_SERVICE = "aws:ecs/service:Service";
const TARGET_GROUP = "aws:lb/targetGroup:TargetGroup";
const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const LISTENER = "aws:lb/listener:Listener";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1";

interface Container {
  readonly [property: string]: unknown;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
}

function container(recording: Recording): Container {
  const text = recording.only("aws:ecs/taskDefinition:TaskDefinition").inputs.containerDefinitions as string;
  const [only, ...others] = JSON.parse(text) as Container[];
  if (!only || others.length > 0) throw new Error(`not one container: ${text}`);
  return only;
}

describe("BalancedService's load balancer", () => {
  it("answers HTTP on port 80 where there is no certificate", async () => {
    const recording = await recordService();
    expect(recording.only(LISTENER).inputs).to.deep.include({
      port: 80,
      protocol: "HTTP",
      defaultActions: [
        {
          type: "forward",
          targetGroupArn:
            "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/api-targets/0000000000000001",
        },
      ],
    });
  });

  it("answers HTTPS with TLS 1.3 where there is one, and redirects HTTP to it for good", async () => {
    const recording = await recordService({ certificateArn: CERTIFICATE });
    expect(recording.only(LISTENER, "api-https").inputs).to.deep.nested.include({
      port: 443,
      protocol: "HTTPS",
      certificateArn: CERTIFICATE,
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
      "defaultActions[0].type": "forward",
    });
    expect(recording.only(LISTENER, "api-http").inputs).to.deep.include({
      port: 80,
      defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }],
    });
  });

  it("gives its URL", async () => {
    const urlOf = async (changes: Partial<BalancedServiceArgs>): Promise<string> => {
      const urls: string[] = [];
      await record(async () => {
        const cluster = new SpotCluster("shop", CLUSTER);
        const { url } = new BalancedService("api", { ...SERVICE, cluster, ...changes });
        await new Promise<void>((resolve) => url.apply((value) => resolve(void urls.push(value))));
      });
      return urls.join();
    };
    expect(await urlOf({})).to.equal("http://api-alb-1.eu-west-1.elb.amazonaws.com");
    expect(await urlOf({ certificateArn: CERTIFICATE })).to.equal("https://api-alb-1.eu-west-1.elb.amazonaws.com");
  });

  it("listens to the clients given on the ports it answers, and to nobody else", async () => {
    const openTo = async (changes: Partial<BalancedServiceArgs>) =>
      (await recordService(changes))
        .ofType(INGRESS)
        .filter(({ inputs }) => inputs.securityGroupId === "api-alb-id")
        .map(({ inputs }) => [inputs.fromPort, inputs.toPort, inputs.cidrIpv4]);
    expect(await openTo({})).to.deep.equal([[80, 80, "0.0.0.0/0"]]);
    expect(await openTo({ certificateArn: CERTIFICATE })).to.have.deep.members([
      [80, 80, "0.0.0.0/0"],
      [443, 443, "0.0.0.0/0"],
    ]);
    expect(await openTo({ clientCidrs: ["10.0.0.0/8"] })).to.deep.equal([[80, 80, "10.0.0.0/8"]]);
  });

  it("is the only one to reach the instances, on the ephemeral ports, and reaches nothing else", async () => {
    const recording = await recordService();
    const ephemeral = { ipProtocol: "tcp", fromPort: 32768, toPort: 60999 };
    const intoInstances = recording
      .ofType(INGRESS)
      .filter(({ inputs }) => inputs.securityGroupId === "shop-instances-id");
    expect(intoInstances).to.have.lengthOf(1);
    expect(intoInstances[0]?.inputs).to.include({ ...ephemeral, referencedSecurityGroupId: "api-alb-id" });
    expect(intoInstances[0]?.inputs).not.to.have.any.keys("cidrIpv4", "cidrIpv6", "prefixListId");
    const outOfBalancer = recording.ofType(EGRESS).filter(({ inputs }) => inputs.securityGroupId === "api-alb-id");
    expect(outOfBalancer).to.have.lengthOf(1);
    expect(outOfBalancer[0]?.inputs).to.include({ ...ephemeral, referencedSecurityGroupId: "shop-instances-id" });
  });

  it("stands in the public subnets of a VPC made by the cluster, in the private ones where it is internal", async () => {
    const subnetsOf = async (changes: Partial<BalancedServiceArgs>, cluster = {}) =>
      (await recordService(changes, { cluster })).only(LOAD_BALANCER).inputs.subnets;
    const made = { vpcId: undefined, subnetIds: undefined };
    expect(await subnetsOf({}, made)).to.deep.equal(["shop-vpc-public-1", "shop-vpc-public-2", "shop-vpc-public-3"]);
    expect(await subnetsOf({ internal: true }, made)).to.deep.equal([
      "shop-vpc-private-1",
      "shop-vpc-private-2",
      "shop-vpc-private-3",
    ]);
    expect(await subnetsOf({})).to.deep.equal(["subnet-a", "subnet-b", "subnet-c"]);
    expect(await subnetsOf({ loadBalancerSubnetIds: ["subnet-x", "subnet-y"] })).to.deep.equal([
      "subnet-x",
      "subnet-y",
    ]);
  });

  it("has a name that fits 32 characters once Pulumi has added its eight, however long the service's name", async () => {
    const long = "a-service-with-a-rather-long-name";
    const recording = await recordService({}, { name: long });
    for (const type of [LOAD_BALANCER, TARGET_GROUP]) {
      expect(recording.only(type).name.length + 8, type).to.be.at.most(32);
      expect(recording.only(type).inputs, type).not.to.have.any.keys("name", "namePrefix");
    }
  });
});

describe("BalancedService's target group", () => {
  it("checks health often enough to notice a dead task, and deregisters within the time budget", async () => {
    const group = (await recordService()).only(TARGET_GROUP);
    expect(group.inputs).to.deep.include({
      deregistrationDelay: 45,
      healthCheck: {
        path: "/",
        port: "traffic-port",
        protocol: "HTTP",
        interval: 10,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
        matcher: "200-399",
      },
    });
  });

  it("is not replaced when the container's port changes, since its targets have dynamic ports", async () => {
    const portOf = async (containerPort: number) =>
      (await recordService({ containerPort })).only(TARGET_GROUP).inputs.port;
    expect(await portOf(3000)).to.equal(await portOf(8080));
  });

  it("is tagged with its cluster, so that the drain function may deregister its targets", async () => {
    const recording = await recordService({ tags: { team: "web" } });
    expect(recording.only(TARGET_GROUP).inputs.tags).to.deep.equal({ team: "web", "spotproof:cluster": "shop" });
    const drain = statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", "shop-drain-policy"));
    const deregister = drain.find(({ Action }) => Action.includes("elasticloadbalancing:DeregisterTargets"));
    expect(deregister?.Condition).to.deep.equal({ StringEquals: { "aws:ResourceTag/spotproof:cluster": "shop" } });
  });
});

describe("BalancedService's task", () => {
  it("runs the image on a dynamic host port, with hard and soft memory, CPU and its stop timeout", async () => {
    const recording = await recordService({ memoryMiB: 1024, stopTimeoutSeconds: 50, command: ["serve", "--fast"] });
    expect(container(recording)).to.deep.include({
      name: "api",
      image: SERVICE.image,
      essential: true,
      cpu: 512,
      memoryReservation: 512,
      memory: 1024,
      command: ["serve", "--fast"],
      portMappings: [{ containerPort: 3000, hostPort: 0, protocol: "tcp" }],
      stopTimeout: 50,
    });
    expect(recording.only("aws:ecs/taskDefinition:TaskDefinition").inputs).to.deep.include({
      networkMode: "bridge",
      requiresCompatibilities: ["EC2"],
    });
  });

  it("has the cluster's stop timeout, no hard memory and the image's command where nothing is given", async () => {
    const only = container(await recordService({}, { cluster: { stopTimeoutSeconds: 40 } }));
    expect(only).to.include({ stopTimeout: 40 });
    expect(only).not.to.have.any.keys("memory", "command");
  });

  it("gets its environment in one order, so that a changed order is no change", async () => {
    const variables = container(await recordService({ environment: { B: "2", A: "1" } })).environment;
    expect(variables).to.deep.equal([
      { name: "A", value: "1" },
      { name: "B", value: "2" },
    ]);
  });

  it("keeps its log for 30 days, and isn't held up by it", async () => {
    const recording = await recordService();
    expect(recording.only(LOG_GROUP, "api-logs").inputs.retentionInDays).to.equal(30);
    expect(container(recording).logConfiguration).to.deep.equal({
      logDriver: "awslogs",
      options: {
        "awslogs-group": "api-logs",
        "awslogs-region": "eu-west-1",
        "awslogs-stream-prefix": "api",
        mode: "non-blocking",
        "max-buffer-size": "25m",
      },
    });
  });

  it("is started with the right to write its log, and to pull from its own repository if that is in ECR", async () => {
    const statementsFor = async (image: string) =>
      statementsOf((await recordService({ image })).only("aws:iam/rolePolicy:RolePolicy", "api-execution-policy")).map(
        ({ Action, Resource }) => [Action, Resource],
      );
    const logs = [
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      ["arn:aws:logs:eu-west-1:123456789012:log-group:api-logs:*"],
    ];
    expect(await statementsFor("nginx:1.29")).to.deep.equal([logs]);
    expect(await statementsFor("210987654321.dkr.ecr.eu-west-1.amazonaws.com/team/api@sha256:abc")).to.deep.equal([
      logs,
      [["ecr:GetAuthorizationToken"], ["*"]],
      [
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        ["arn:aws:ecr:eu-west-1:210987654321:repository/team/api"],
      ],
    ]);
  });

  it("may do nothing in AWS until its role is given something, and its roles serve tasks of this account only", async () => {
    const recording = await recordService();
    const onTaskRole = recording
      .ofType("aws:iam/rolePolicy:RolePolicy")
      .filter(({ inputs }) => inputs.role === "api-task-role");
    expect(onTaskRole).to.be.empty;
    for (const role of ["api-task-role", "api-execution-role"]) {
      const [trust] = statementsOf(recording.only("aws:iam/role:Role", role), "assumeRolePolicy");
      expect(trust, role).to.deep.include({
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        Condition: { ArnLike: { "aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:*" } },
      });
    }
  });
});

describe("BalancedService's service", () => {
  it("runs on the cluster's capacity provider, and starts a new deployment when that changes", async () => {
    const service = (await recordService()).only(ECS_SERVICE);
    expect(service.inputs).to.deep.include({
      capacityProviderStrategies: [{ capacityProvider: "shop-capacity-provider", weight: 100 }],
      forceNewDeployment: true,
    });
    expect(service.inputs).not.to.have.property("launchType");
  });

  it("may stop tasks before their replacements are healthy, or a drain would wait past the interruption", async () => {
    const service = (await recordService()).only(ECS_SERVICE);
    expect(service.inputs).to.include({ deploymentMinimumHealthyPercent: 50, deploymentMaximumPercent: 200 });
  });

  it("rolls a failed deployment back", async () => {
    const service = (await recordService()).only(ECS_SERVICE);
    expect(service.inputs.deploymentCircuitBreaker).to.deep.equal({ enable: true, rollback: true });
  });

  it("ends a deployment by circuit breaker or by alarms, and rolls back, as far as that is wanted", async () => {
    const endsOf = async (args: Partial<BalancedServiceArgs>) => {
      const { deploymentCircuitBreaker, alarms } = (await recordService(args)).only(ECS_SERVICE).inputs;
      return { deploymentCircuitBreaker, alarms };
    };
    const deploymentAlarmNames = ["errors"];
    expect(await endsOf({ deploymentAlarmNames })).to.deep.equal({
      deploymentCircuitBreaker: { enable: true, rollback: true },
      alarms: { alarmNames: ["errors"], enable: true, rollback: true },
    });
    expect(await endsOf({ deploymentAlarmNames, deploymentRollback: false })).to.deep.equal({
      deploymentCircuitBreaker: { enable: true, rollback: false },
      alarms: { alarmNames: ["errors"], enable: true, rollback: false },
    });
    expect(await endsOf({ deploymentCircuitBreaker: false })).to.deep.equal({
      deploymentCircuitBreaker: { enable: false, rollback: false },
      alarms: undefined,
    });
  });

  it("gives a task a minute to pass its checks, or as long as is said", async () => {
    const graceOf = async (args: Partial<BalancedServiceArgs>) =>
      (await recordService(args)).only(ECS_SERVICE).inputs.healthCheckGracePeriodSeconds;
    expect(await graceOf({})).to.equal(60);
    expect(await graceOf({ healthCheckGracePeriodSeconds: 300 })).to.equal(300);
  });

  it("runs only where its constraints let it", async () => {
    const placementConstraints: BalancedServiceArgs["placementConstraints"] = [
      { type: "distinctInstance" },
      { type: "memberOf", expression: "attribute:ecs.instance-type =~ m6i.*" },
    ];
    const service = (await recordService({ placementConstraints })).only(ECS_SERVICE);
    expect(service.inputs).to.deep.include({ placementConstraints, availabilityZoneRebalancing: "ENABLED" });
    const zone = { type: "memberOf" as const, expression: "attribute:ecs.availability-zone == eu-west-1a" };
    const bound = (await recordService({ placementConstraints: [zone] })).only(ECS_SERVICE);
    expect(bound.inputs.availabilityZoneRebalancing).to.equal("DISABLED");
  });

  it("spreads over zones and then packs by CPU, with zone rebalancing on", async () => {
    const service = (await recordService()).only(ECS_SERVICE);
    expect(service.inputs).to.deep.include({
      orderedPlacementStrategies: [
        { type: "spread", field: "attribute:ecs.availability-zone" },
        { type: "binpack", field: "cpu" },
      ],
      availabilityZoneRebalancing: "ENABLED",
    });
  });

  it("turns zone rebalancing off with binpack first, with a maximum of 100 percent, or where containers protect their work", async () => {
    const rebalancingOf = async (changes: Partial<BalancedServiceArgs>) =>
      (await recordService(changes)).only(ECS_SERVICE).inputs.availabilityZoneRebalancing;
    expect(await rebalancingOf({ placementStrategies: [{ type: "binpack", field: "cpu" }] })).to.equal("DISABLED");
    expect(await rebalancingOf({ maximumPercent: 100 })).to.equal("DISABLED");
    expect(await rebalancingOf({ placementStrategies: [] })).to.equal("ENABLED");
    expect(await rebalancingOf({ protectsWork: true })).to.equal("DISABLED");
    expect(await rebalancingOf({ protectsWork: true, availabilityZoneRebalancing: "ENABLED" })).to.equal("ENABLED");
  });

  it("keeps the desired count under Pulumi while nothing scales it", async () => {
    const service = (await recordService({ desiredCount: 5 })).only(ECS_SERVICE);
    expect(service.inputs.desiredCount).to.equal(5);
    expect(service.ignoreChanges).to.be.empty;
  });

  it("begins with the fewest tasks where it scales, declares what scales it, and leaves the desired count to that", async () => {
    const recording = await recordService({ scaling: { minCount: 3, maxCount: 9 } });
    const service = recording.only(ECS_SERVICE);
    expect(service.inputs.desiredCount).to.equal(3);
    expect(service.ignoreChanges).to.deep.equal(["desiredCount"]);
    expect(recording.only("aws:appautoscaling/target:Target").inputs).to.deep.include({
      minCapacity: 3,
      maxCapacity: 9,
    });
    expect(recording.ofType("aws:lambda/function:Function").map(({ name }) => name)).to.include("api-scale-in");
  });

  it("is told of what is wrong with its scaling among the rest", async () => {
    const message = await serviceFailure({ cpu: 0, scaling: { minCount: 3, maxCount: 2 } });
    expect(message).to.match(/cpu: given 0[^]*scaling\.maxCount: given 2/);
  });

  it("has alarms and a section of the dashboard where its cluster has them", async () => {
    const alarmNames = async (changes: Partial<BalancedServiceArgs>) =>
      (await recordService(changes)).ofType("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ name }) => name);
    expect(await alarmNames({})).to.include.members(["api-elb-5xx", "api-target-5xx", "api-too-few-tasks"]);
    expect(await alarmNames({ alarms: false })).not.to.include("api-elb-5xx");
    const { dashboardBody } = (await recordService({})).only("aws:cloudwatch/dashboard:Dashboard").inputs;
    expect(dashboardBody).to.include("api-targets");
  });

  it("leaves the desired count to whatever scales it, if that is said", async () => {
    const service = (await recordService({ desiredCount: 5, externallyScaled: true })).only(ECS_SERVICE);
    expect(service.inputs.desiredCount).to.equal(5);
    expect(service.ignoreChanges).to.deep.equal(["desiredCount"]);
  });

  it("tags its tasks", async () => {
    const service = (await recordService({ tags: { team: "web" } })).only(ECS_SERVICE);
    expect(service.inputs).to.deep.include({
      propagateTags: "SERVICE",
      enableEcsManagedTags: true,
      tags: { team: "web", "spotproof:moves": "on settle=45 patience=35 health=10 check=5" },
    });
    const definition = (await recordService({ propagateTags: "TASK_DEFINITION" })).only(ECS_SERVICE);
    expect(definition.inputs.propagateTags).to.equal("TASK_DEFINITION");
  });

  it("has a deployment wait until its tasks run, unless told otherwise", async () => {
    const waits = async (args: Partial<BalancedServiceArgs>) =>
      (await recordService(args)).only(ECS_SERVICE).inputs.waitForSteadyState;
    expect(await waits({})).to.equal(true);
    expect(await waits({ waitForSteadyState: false })).to.equal(false);
  });

  it("is made after its listeners, the cluster's capacity and the drain function's events, and destroyed before them", async () => {
    const recording = await recordService({ certificateArn: CERTIFICATE });
    const service = recording.only(ECS_SERVICE);
    const needed = [
      recording.only(LISTENER, "api-http"),
      recording.only(LISTENER, "api-https"),
      recording.only("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"),
      recording.only("aws:lambda/eventSourceMapping:EventSourceMapping", "shop-drain-events"),
      recording.only("aws:cloudwatch/eventTarget:EventTarget", "shop-interruption"),
      recording.only("aws:sqs/queuePolicy:QueuePolicy", "shop-events-policy"),
      recording.only("aws:iam/rolePolicy:RolePolicy", "shop-drain-policy"),
      recording.only("aws:iam/rolePolicy:RolePolicy", "api-execution-policy"),
      recording.only(INGRESS, "api-instances-ingress"),
      recording.only(EGRESS, "api-alb-egress"),
    ];
    for (const other of needed) expect(recording.needs(service, other), other.name).to.equal(true);
  });

  it("can be a child of its cluster", async () => {
    const recording = await record(() => {
      const cluster = new SpotCluster("shop", CLUSTER);
      new BalancedService("api", { ...SERVICE, cluster }, { parent: cluster });
    });
    expect(recording.ofType(ECS_SERVICE)).to.have.lengthOf(1);
  });

  it("can be one of several on a cluster", async () => {
    const recording = await record(() => {
      const cluster = new SpotCluster("shop", CLUSTER);
      for (const name of ["api", "web"]) {
        new BalancedService(name, {
          ...SERVICE,
          cluster,
          protectsWork: true,
          image: { context: "tests/fixtures/plainProgram" },
        });
      }
    });
    expect(recording.ofType(ECS_SERVICE).map(({ name }) => name)).to.deep.equal(["api", "web"]);
    const urns = recording.resources.map(({ urn }) => urn);
    expect(urns.filter((urn, index) => urns.indexOf(urn) !== index)).to.be.empty;
  });

  it("says what it is called, and where it is", async () => {
    const outputs: unknown[] = [];
    await record(async () => {
      const cluster = new SpotCluster("shop", CLUSTER);
      const { url, serviceArn, serviceName, clusterName } = new BalancedService("api", { ...SERVICE, cluster });
      const all = pulumi.all([url, serviceArn, serviceName, clusterName, cluster.clusterName, cluster.clusterArn]);
      await new Promise<void>((resolve) => all.apply((values) => resolve(void outputs.push(...values))));
    });
    expect(outputs).to.deep.equal([
      "http://api-alb-1.eu-west-1.elb.amazonaws.com",
      "arn:aws:ecs:eu-west-1:123456789012:service/shop/api",
      "api",
      "shop",
      "shop",
      "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
    ]);
  });

  it("hands each child's args to its transform", async () => {
    const recording = await recordService({
      transform: {
        loadBalancer: (args) => ({ ...args, idleTimeout: 120 }),
        targetGroup: (args) => ({ ...args, slowStart: 30 }),
        service: (args) => ({ ...args, enableExecuteCommand: true }),
        taskDefinition: (args) => ({ ...args, pidMode: "task" }),
        logGroup: (args) => ({ ...args, logGroupClass: "INFREQUENT_ACCESS" }),
        executionRole: (args) => ({ ...args, path: "/tasks/" }),
      },
    });
    expect(recording.only(LOAD_BALANCER).inputs.idleTimeout).to.equal(120);
    expect(recording.only(TARGET_GROUP).inputs.slowStart).to.equal(30);
    expect(recording.only(ECS_SERVICE).inputs.enableExecuteCommand).to.equal(true);
    expect(recording.only("aws:ecs/taskDefinition:TaskDefinition").inputs.pidMode).to.equal("task");
    expect(recording.only(LOG_GROUP, "api-logs").inputs.logGroupClass).to.equal("INFREQUENT_ACCESS");
    expect(recording.only("aws:iam/role:Role", "api-execution-role").inputs.path).to.equal("/tasks/");
  });
});

describe("BalancedService's input", () => {
  it("says by how much which number of the time budget must come down", async () => {
    const message = await serviceFailure({ deregistrationDelaySeconds: 60 });
    expect(message).to.contain('deregistrationDelaySeconds + stopTimeoutSeconds: given "60 + 60"');
    expect(message).to.contain("at most 110 together: a graceful stop would need 130 of a Spot notice's 120 s");
    expect(message).to.contain("lower deregistrationDelaySeconds by 10 (to 50) or lower stopTimeoutSeconds by 10");
  });

  it("may spend the whole budget and not a second more", async () => {
    const recording = await recordService({ deregistrationDelaySeconds: 50 });
    expect(recording.only(TARGET_GROUP).inputs.deregistrationDelay).to.equal(50);
    expect(await serviceFailure({ deregistrationDelaySeconds: 51 })).to.contain(
      "lower deregistrationDelaySeconds by 1 ",
    );
  });

  it("may not stop more slowly than its cluster's drain function reckons with", async () => {
    const message = await serviceFailure({ stopTimeoutSeconds: 61 });
    expect(message).to.contain("at most the cluster's 60");
    expect(message).to.contain("lower it by 1, or raise the cluster's stopTimeoutSeconds by 1");
  });

  const REFUSED: readonly [string, object, RegExp][] = [
    [
      "a stop timeout of the whole notice",
      { stopTimeoutSeconds: 120 },
      /stopTimeoutSeconds: given 120; allowed: a whole number from 1 to 119/,
    ],
    [
      "a task larger than the smallest instance's CPU",
      { cpu: 2049 },
      /cpu: given 2049; allowed: at most the 2048 CPU units/,
    ],
    ["a task larger than its memory", { memoryReservationMiB: 8000 }, /at most the 7536 MiB for tasks/],
    ["a hard memory below the soft", { memoryMiB: 256 }, /memoryMiB: given 256; .*raise it to 512/],
    ["a port that doesn't exist", { containerPort: 70000 }, /lower it to 65535 or less/],
    ["a health check that outlasts its interval", { healthCheckTimeoutSeconds: 10 }, /lower it to 9 or less/],
    ["a health check of a path without its slash", { healthCheckPath: "health" }, /give "\/health"/],
    [
      "minimum and maximum of 100 percent",
      { minimumHealthyPercent: 100, maximumPercent: 100 },
      /ECS can replace no task/,
    ],
    [
      "zone rebalancing with binpack first",
      { availabilityZoneRebalancing: "ENABLED", placementStrategies: [{ type: "binpack", field: "cpu" }] },
      /put the spread over zones first/,
    ],
    ["an address without its range", { clientCidrs: ["10.0.0.1"] }, /clientCidrs\[0\]: given "10\.0\.0\.1"/],
    ["a request of no time", { longestRequestSeconds: 0 }, /longestRequestSeconds: given 0.*raise it to 1/],
    [
      "packed by nothing",
      { placementStrategies: [{ type: "binpack" }] },
      /placementStrategies\[0\]\.field.*cpu, memory/,
    ],
    [
      "spread over a misspelt zone",
      { placementStrategies: [{ type: "spread", field: "ecs.availability-zone" }] },
      /instanceId, host or attribute:…/,
    ],
    ["random by CPU", { placementStrategies: [{ type: "random", field: "cpu" }] }, /allowed: none; change: remove it/],
    [
      "six strategies",
      { placementStrategies: Array.from({ length: 6 }, () => ({ type: "random" })) },
      /placementStrategies: given 6; allowed: at most 5; change: remove 1/,
    ],
    ["a member of nothing", { placementConstraints: [{ type: "memberOf" }] }, /placementConstraints\[0\]\.expression/],
    [
      "distinct instances by an expression",
      { placementConstraints: [{ type: "distinctInstance", expression: "a" }] },
      /none with distinctInstance/,
    ],
    ["an unknown constraint", { placementConstraints: [{ type: "member" }] }, /did you mean memberOf\?/],
    [
      "eleven constraints",
      { placementConstraints: Array.from({ length: 11 }, () => ({ type: "distinctInstance" })) },
      /placementConstraints: given 11; allowed: at most 10/,
    ],
    ["tags from nowhere", { propagateTags: "TASK" }, /propagateTags: given "TASK"/],
    ["an unknown placement", { placementStrategies: [{ type: "sperad" }] }, /did you mean spread\?/],
  ];
  for (const [what, changes, message] of REFUSED) {
    it(`may not be ${what}`, async () => {
      expect(await serviceFailure(changes)).to.match(message);
    });
  }

  it("may not check health more often than the drain function looks", async () => {
    const message = await serviceFailure(
      { healthCheckIntervalSeconds: 5, healthCheckTimeoutSeconds: 2 },
      { checkIntervalSeconds: 8 },
    );
    expect(message).to.contain("at least the cluster's checkIntervalSeconds, which is 8");
  });
});

describe("BalancedService's longest request", () => {
  const warningsOf = async (changes: Partial<BalancedServiceArgs>): Promise<string[]> => {
    const warnings: string[] = [];
    const log = pulumi.log as { warn: typeof pulumi.log.warn };
    const { warn } = log;
    log.warn = (message) => Promise.resolve(void warnings.push(message));
    try {
      await recordService(changes, { cluster: { onDemandCapacity: { minSize: 0, maxSize: 4 } } });
      return warnings;
    } finally {
      log.warn = warn;
    }
  };

  it("is warned of once where an interruption would cut it off, with what to do", async () => {
    const [warning, ...others] = await warningsOf({ longestRequestSeconds: 600 });
    expect(others).to.be.empty;
    expect(warning).to.equal(
      "BalancedService api: longestRequestSeconds is 600, but a request has 105 s after a Spot notice " +
        '(deregistrationDelaySeconds 45 + stopTimeoutSeconds 60): give capacity: "onDemand", ' +
        "or let clients resume or repeat what was cut off",
    );
  });

  it("is no matter where it fits, where nothing is interrupted, or where it isn't known", async () => {
    expect(await warningsOf({ longestRequestSeconds: 105 })).to.be.empty;
    expect(await warningsOf({ longestRequestSeconds: 600, capacity: "onDemand" })).to.be.empty;
    expect(await warningsOf({})).to.be.empty;
  });

  it("is warned of where only some tasks run on Spot, too", async () => {
    const capacity = { base: 1, spotWeight: 1, onDemandWeight: 1 };
    expect(await warningsOf({ longestRequestSeconds: 600, capacity })).to.have.lengthOf(1);
    expect(await warningsOf({ longestRequestSeconds: 600, capacity: { ...capacity, spotWeight: 0 } })).to.be.empty;
  });
});
