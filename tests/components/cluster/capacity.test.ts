import { expect } from "chai";
import type { ServiceCapacity } from "../../../components/service/capacityStrategy";
import { SpotCluster } from "../../../components/spotCluster";
import type { SpotClusterArgs } from "../../../components/spotClusterArgs";
import { CLUSTER, recordCluster, recordService, serviceFailure } from "../../support/fixtures";
import { recordFailure, type Recording } from "../../support/recorder";

const GROUP = "aws:autoscaling/group:Group";
const PROVIDER = "aws:ecs/capacityProvider:CapacityProvider";
const ASSOCIATION = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders";
const ON_DEMAND: Partial<SpotClusterArgs> = { onDemandCapacity: { minSize: 1, maxSize: 4 } };

const onDemandGroup = (recording: Recording) => recording.only(GROUP, "shop-on-demand-group");

describe("A cluster's on-demand capacity", () => {
  it("is there only on request", async () => {
    const recording = await recordCluster();
    expect(recording.ofType(GROUP)).to.have.lengthOf(1);
    expect(recording.only(ASSOCIATION).inputs.capacityProviders).to.deep.equal(["shop-capacity-provider"]);
  });

  it("is a group of the same instances, of which none is Spot, whatever the first group's shares", async () => {
    const recording = await recordCluster({
      ...ON_DEMAND,
      onDemandBaseCapacity: 2,
      onDemandPercentageAboveBaseCapacity: 10,
      replacement: "capacityRebalancing",
    });
    const { inputs } = onDemandGroup(recording);
    expect(inputs).to.deep.nested.include({
      minSize: 1,
      maxSize: 4,
      capacityRebalance: false,
      "mixedInstancesPolicy.instancesDistribution.onDemandBaseCapacity": 0,
      "mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity": 100,
    });
    const spot = recording.only(GROUP, "shop-group").inputs;
    const launchOf = (group: typeof inputs) =>
      (group.mixedInstancesPolicy as { launchTemplate: object }).launchTemplate;
    expect(launchOf(inputs)).to.deep.equal(launchOf(spot));
    for (const same of ["tags", "vpcZoneIdentifiers", "instanceRefresh", "protectFromScaleIn", "forceDelete"]) {
      expect(inputs[same], same).to.deep.equal(spot[same]);
    }
    expect(spot).to.deep.include({ minSize: 2, maxSize: 20, capacityRebalance: true });
  });

  it("leaves its desired capacity to managed scaling, too", async () => {
    const group = onDemandGroup(await recordCluster(ON_DEMAND));
    expect(group.inputs).not.to.have.any.keys("desiredCapacity", "name", "namePrefix");
    expect(group.ignoreChanges).to.deep.equal(["desiredCapacity", "tags"]);
  });

  it("is scaled, protected and drained by a provider of its own, as the Spot group is by its", async () => {
    const recording = await recordCluster(ON_DEMAND);
    const settingsOf = (name: string) => recording.only(PROVIDER, name).inputs.autoScalingGroupProvider as object;
    const provider = settingsOf("shop-on-demand-provider");
    expect(provider).to.deep.equal({
      ...settingsOf("shop-capacity-provider"),
      autoScalingGroupArn: onDemandGroup(recording).outputs.arn,
    });
  });

  it("is associated with the cluster beside Spot, which stays the default", async () => {
    const recording = await recordCluster(ON_DEMAND);
    const association = recording.only(ASSOCIATION);
    expect(association.inputs).to.deep.include({
      capacityProviders: ["shop-capacity-provider", "shop-on-demand-provider"],
      defaultCapacityProviderStrategies: [{ capacityProvider: "shop-capacity-provider", weight: 100 }],
    });
    const provider = recording.only(PROVIDER, "shop-on-demand-provider");
    expect(recording.needs(association, provider), "association before provider").to.equal(true);
    expect(recording.needs(provider, onDemandGroup(recording)), "provider before group").to.equal(true);
  });

  it("leaves the functions to the group that has interruptions", async () => {
    const recording = await recordCluster(ON_DEMAND);
    for (const { name, inputs } of recording.ofType("aws:lambda/function:Function")) {
      expect(inputs, name).to.nested.include({ "environment.variables.AUTO_SCALING_GROUP_NAME": "shop-group" });
    }
  });

  it("hands its parts' args to transforms of their own, which may not name them", async () => {
    const recording = await recordCluster({
      ...ON_DEMAND,
      transform: {
        onDemandAutoScalingGroup: (args) => ({ ...args, maxInstanceLifetime: 604800 }),
        onDemandCapacityProvider: (args) => ({ ...args, tags: { team: "web" } }),
      },
    });
    expect(onDemandGroup(recording).inputs.maxInstanceLifetime).to.equal(604800);
    expect(recording.only(GROUP, "shop-group").inputs).not.to.have.property("maxInstanceLifetime");
    expect(recording.only(PROVIDER, "shop-on-demand-provider").inputs.tags).to.deep.equal({ team: "web" });
    const { message } = await recordFailure(
      () =>
        new SpotCluster("shop", {
          ...CLUSTER,
          ...ON_DEMAND,
          transform: { onDemandCapacityProvider: (args) => ({ ...args, name: "mine" }) },
        }),
    );
    expect(message).to.contain('transform.onDemandCapacityProvider.name: given "mine"');
  });

  it("has a size that is right", async () => {
    const messageOf = async (onDemandCapacity: object): Promise<string> => {
      const args = { ...CLUSTER, onDemandCapacity } as SpotClusterArgs;
      return (await recordFailure(() => new SpotCluster("shop", args))).message;
    };
    expect(await messageOf({ minSize: 3, maxSize: 2 })).to.contain(
      "onDemandCapacity.minSize: given 3; allowed: at most onDemandCapacity.maxSize, which is 2",
    );
    expect(await messageOf({ minSize: -1, maxSize: 0 })).to.match(/2 problems/);
  });
});

describe("A service's capacity", () => {
  const strategyOf = async (capacity?: ServiceCapacity): Promise<unknown> =>
    (await recordService({ capacity }, { cluster: ON_DEMAND })).only("aws:ecs/service:Service").inputs
      .capacityProviderStrategies;

  it("is Spot where nothing is said, also in a cluster that has both", async () => {
    const spot = [{ capacityProvider: "shop-capacity-provider", weight: 100 }];
    expect(await strategyOf()).to.deep.equal(spot);
    expect(await strategyOf("spot")).to.deep.equal(spot);
  });

  it("may be on demand alone", async () => {
    expect(await strategyOf("onDemand")).to.deep.equal([{ capacityProvider: "shop-on-demand-provider", weight: 100 }]);
  });

  it("may be a base on demand, and the rest by weights", async () => {
    expect(await strategyOf({ base: 2, spotWeight: 3, onDemandWeight: 1 })).to.deep.equal([
      { capacityProvider: "shop-on-demand-provider", base: 2, weight: 1 },
      { capacityProvider: "shop-capacity-provider", weight: 3 },
    ]);
    expect(await strategyOf({ spotWeight: 1, onDemandWeight: 1 })).to.have.nested.property("[0].base", 0);
  });

  it("is refused where the cluster hasn't got it, with what to write", async () => {
    for (const capacity of ["onDemand", { base: 1, spotWeight: 1, onDemandWeight: 0 }]) {
      const message = await serviceFailure({ capacity });
      expect(message).to.contain('allowed: "spot", because the cluster has no on-demand capacity');
      expect(message).to.contain("give the SpotCluster e.g. onDemandCapacity: { minSize: 0, maxSize: 4 }");
    }
  });

  const REFUSED: readonly [string, unknown, RegExp][] = [
    ["an unknown word", "ondemand", /did you mean onDemand\?/],
    ["nowhere", { spotWeight: 0, onDemandWeight: 0 }, /a weight above 0.*give spotWeight: 1/],
    [
      "a weight that ECS doesn't take",
      { spotWeight: 1001, onDemandWeight: 0 },
      /capacity\.spotWeight.*lower it to 1000/,
    ],
    ["half a task", { base: 0.5, spotWeight: 1, onDemandWeight: 0 }, /capacity\.base: given 0\.5/],
  ];
  for (const [what, capacity, message] of REFUSED) {
    it(`may not be ${what}`, async () => {
      expect(await serviceFailure({ capacity }, ON_DEMAND)).to.match(message);
    });
  }
});
