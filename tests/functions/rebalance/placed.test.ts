import type { ContainerInstance, Service, TaskDefinition } from "@aws-sdk/client-ecs";
import { expect } from "chai";
import fc from "fast-check";
import { clusterState, expressionsOf, needsOf, type ServicesRead } from "../../../functions/rebalance/placed";
import { factsOf } from "../../../functions/rebalance/services";
import type { PlacedService } from "../../../functions/rebalance/state";
import { NOW } from "../scaleIn/fakeAws";

const DEFINITION = "arn:aws:ecs:eu-west-1:123456789012:task-definition/api:1";

const instance = (containerInstanceArn: string, more: Partial<ContainerInstance> = {}): ContainerInstance => ({
  containerInstanceArn,
  status: "ACTIVE",
  agentConnected: true,
  ...more,
});

interface Read {
  readonly service?: Service;
  readonly definition?: TaskDefinition;
  readonly instances?: readonly ContainerInstance[];
  readonly members?: Readonly<Record<string, readonly string[]>>;
  readonly most?: number;
}

/** A service of four tasks on three instances, as it is placed. */
function placed({ service, definition = {}, instances, members = {}, most }: Read): PlacedService {
  const facts = factsOf({ serviceName: "api", taskDefinition: DEFINITION, desiredCount: 4, ...service });
  const read: ServicesRead = {
    services: [facts],
    tasks: new Map(),
    definitions: new Map([[DEFINITION, definition]]),
    protectedUntil: new Map(),
    members: new Map(Object.entries(members).map(([expression, arns]) => [expression, new Set(arns)])),
    mostTasks: new Map(most === undefined ? [] : [["api", most]]),
  };
  return clusterState(instances ?? ["i0", "i1", "i2"].map((arn) => instance(arn)), read, NOW).services[0]!;
}

const memberOf = (...expressions: string[]) =>
  expressions.map((expression) => ({ type: "memberOf" as const, expression }));
const allowed = (read: Read): string[] | undefined => {
  const { allowedInstances } = placed(read);
  return allowedInstances && [...allowedInstances];
};

describe("how many more tasks a service may run while they move", () => {
  it("is what both its maximum percent and its maximum leave, and never less than none", () => {
    const counts = fc.record({
      desiredCount: fc.nat(200),
      maximumPercent: fc.integer({ min: 100, max: 400 }),
      most: fc.option(fc.nat(300), { nil: undefined }),
    });
    fc.assert(
      fc.property(counts, ({ desiredCount, maximumPercent, most }) => {
        const { surgeRoom } = placed({ service: { desiredCount, deploymentConfiguration: { maximumPercent } }, most });
        expect(surgeRoom).to.be.at.least(0);
        if (surgeRoom === 0) return;
        expect((desiredCount + surgeRoom) * 100).to.be.at.most(desiredCount * maximumPercent);
        expect(desiredCount + surgeRoom).to.be.at.most(most ?? Infinity);
      }),
    );
  });

  it("is by default as many again, as ECS has it", () => {
    expect(placed({}).surgeRoom).to.equal(4);
    expect(placed({ most: 6 }).surgeRoom).to.equal(2);
    expect(placed({ most: 3 }).surgeRoom).to.equal(0);
  });
});

describe("where a service's tasks may be", () => {
  it("is anywhere, where nothing constrains it", () => {
    expect(allowed({})).to.equal(undefined);
    expect(allowed({ service: { placementConstraints: [{ type: "distinctInstance" }] } })).to.equal(undefined);
  });

  it("is where every expression holds, those of the service and those of its task definition", () => {
    const ours = "attribute:ecs.instance-type =~ m5.*";
    const theirs = "attribute:disk == fast";
    const members = { [ours]: ["i0", "i1"], [theirs]: ["i1", "i2"] };
    const service = { placementConstraints: memberOf(ours) };
    const definition = { placementConstraints: memberOf(theirs) };
    expect(allowed({ service, members })).to.deep.equal(["i0", "i1"]);
    expect(allowed({ definition, members })).to.deep.equal(["i1", "i2"]);
    expect(allowed({ service, definition, members })).to.deep.equal(["i1"]);
    expect(allowed({ service: { placementConstraints: memberOf(ours, theirs) }, members })).to.deep.equal(["i1"]);
  });

  it("is nowhere, where no instance meets an expression, or ECS told nothing of it", () => {
    const service = { placementConstraints: memberOf("attribute:disk == fast") };
    expect(allowed({ service, members: { "attribute:disk == fast": [] } })).to.deep.equal([]);
    expect(allowed({ service })).to.deep.equal([]);
  });

  it("is on instances of its capacity provider, that meet the expressions too", () => {
    const instances = [
      instance("i0", { capacityProviderName: "spot" }),
      instance("i1", { capacityProviderName: "onDemand" }),
      instance("i2", { capacityProviderName: "spot" }),
    ];
    const service = { capacityProviderStrategy: [{ capacityProvider: "spot", weight: 1 }] };
    expect(allowed({ instances, service })).to.deep.equal(["i0", "i2"]);
    const constrained = { ...service, placementConstraints: memberOf("runningTasksCount == 0") };
    const members = { "runningTasksCount == 0": ["i1", "i2"] };
    expect(allowed({ instances, service: constrained, members })).to.deep.equal(["i2"]);
  });

  it("is on none that drains, or whose agent is gone", () => {
    const instances = [
      instance("i0", { status: "DRAINING" }),
      instance("i1", { agentConnected: false }),
      instance("i2"),
    ];
    const service = { placementConstraints: memberOf("all") };
    expect(allowed({ instances, service, members: { all: ["i0", "i1", "i2"] } })).to.deep.equal(["i2"]);
  });

  it("is asked of ECS by the expressions of memberOf alone", () => {
    const constraints = [{ type: "distinctInstance" as const }, ...memberOf("attribute:disk == fast")];
    const { memberOf: expressions, isDistinct } = factsOf({ placementConstraints: constraints });
    expect(expressions).to.deep.equal(["attribute:disk == fast"]);
    expect(isDistinct).to.equal(true);
    expect(expressionsOf({ placementConstraints: memberOf("a", "b") })).to.deep.equal(["a", "b"]);
    expect(expressionsOf({})).to.be.empty;
  });
});

describe("what a task needs of an instance", () => {
  it("is what its definition reserves, or all of its containers together", () => {
    const containerDefinitions = [
      { cpu: 256, memory: 512, memoryReservation: 128 },
      { cpu: 64, memory: 256 },
    ];
    expect(needsOf({ containerDefinitions }).reservation).to.deep.equal({ cpu: 320, memoryMiB: 384 });
    const whole = { containerDefinitions, cpu: "1024", memory: "2048" };
    expect(needsOf(whole).reservation).to.deep.equal({ cpu: 1024, memoryMiB: 2048 });
  });

  it("is the instance's own, where a port of the host is fixed", () => {
    const on = (portMappings: object[], networkMode?: "host") =>
      needsOf({ containerDefinitions: [{ portMappings }], networkMode }).isFixed;
    expect(on([{ containerPort: 80, hostPort: 0 }])).to.equal(false);
    expect(on([{ containerPort: 80, hostPort: 8080 }])).to.equal(true);
    expect(on([{ containerPort: 80 }], "host")).to.equal(true);
  });
});
