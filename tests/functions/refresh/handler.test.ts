import { expect } from "chai";
import { handleRefresh } from "../../../functions/refresh/handler";
import { batchOf, FakeAws, refreshEvent, sweep } from "./fakeAws";
import { HOUR, NEW, NOW, OLD, PARAMETER, SETTINGS } from "./states";

const REMAINING_MS = 25_000;

describe("the refresh function", () => {
  const look = (aws: FakeAws, settings = SETTINGS, ...bodies: string[]) =>
    handleRefresh(batchOf(...(bodies.length > 0 ? bodies : [sweep(aws.now)])), settings, aws.ports(), REMAINING_MS);
  const metrics = (aws: FakeAws) => aws.logs.filter((record) => "_aws" in record);

  it("makes the version, puts the program's on top, and starts the refresh in one look", async () => {
    const aws = new FakeAws();
    expect(await look(aws)).to.deep.equal({ batchItemFailures: [] });
    expect(aws.versions.map((each) => each.LaunchTemplateData.ImageId)).to.deep.equal([PARAMETER, NEW, PARAMETER]);
    const [request] = aws.called("startInstanceRefresh");
    expect(request).to.deep.equal({
      AutoScalingGroupName: "shop-group",
      Strategy: "Rolling",
      DesiredConfiguration: {
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: { LaunchTemplateId: SETTINGS.launchTemplateId, Version: "2" },
            Overrides: [{ InstanceType: "m5.large" }],
          },
        },
      },
      Preferences: {
        MinHealthyPercentage: 100,
        MaxHealthyPercentage: 200,
        InstanceWarmup: 180,
        ScaleInProtectedInstances: "Refresh",
        SkipMatching: true,
        AutoRollback: false,
      },
    });
  });

  it("names checkpoints and alarms where there are some", async () => {
    const aws = new FakeAws();
    await look(aws, { ...SETTINGS, checkpointPercents: [20, 100], alarmNames: ["api-5xx"] });
    expect(aws.called("startInstanceRefresh")[0]!.Preferences).to.deep.include({
      CheckpointPercentages: [20, 100],
      CheckpointDelay: 600,
      AlarmSpecification: { Alarms: ["api-5xx"] },
    });
  });

  it("starts one however often and in however many batches it is told", async () => {
    const aws = new FakeAws();
    await look(aws, SETTINGS, sweep(aws.now), refreshEvent("Started"), sweep(aws.now));
    await Promise.all([look(aws), look(aws)]);
    expect(aws.called("startInstanceRefresh")).to.have.lengthOf(1);
    expect(aws.versions).to.have.lengthOf(3);
  });

  it("goes on where it was cut off after the first version", async () => {
    const aws = new FakeAws();
    let calls = 0;
    aws.fails = (command) => (command === "startInstanceRefresh" && calls++ === 0 ? new Error("crash") : undefined);
    expect((await look(aws)).batchItemFailures).to.have.lengthOf(1);
    expect(await look(aws)).to.deep.equal({ batchItemFailures: [] });
    expect(aws.versions).to.have.lengthOf(3);
    expect(aws.refreshes).to.have.lengthOf(1);
  });

  it("takes a refresh that somebody else has just started for its own", async () => {
    const aws = new FakeAws();
    aws.fails = (command) =>
      command === "startInstanceRefresh"
        ? Object.assign(new Error("one is"), { name: "InstanceRefreshInProgress" })
        : undefined;
    expect(await look(aws)).to.deep.equal({ batchItemFailures: [] });
  });

  it("tells how many instances run an older AMI, and changes nothing, in the mode notify", async () => {
    const aws = new FakeAws();
    await look(aws, { ...SETTINGS, refresh: "notify" });
    expect(metrics(aws)).to.have.lengthOf(1);
    expect(metrics(aws)[0]).to.include({ ClusterName: "shop", OutdatedInstances: 2, RefreshSeconds: 0 });
    const changing = aws.calls.filter(({ command }) => !/^(describe|list)/.test(command));
    expect(changing).to.deep.equal([]);
  });

  it("asks ECS for nothing outside the window", async () => {
    const aws = new FakeAws();
    aws.now = NOW + 12 * HOUR;
    await look(aws);
    expect(aws.called("listServices")).to.be.empty;
    expect(aws.logs).to.deep.include({ decision: "wait", reason: "no maintenance window is open" });
  });

  it("waits while a service has fewer tasks than it wants, deploys, or an instance drains", async () => {
    const changes: ((aws: FakeAws) => void)[] = [
      (aws) => (aws.service = { ...aws.service, runningCount: 1 }),
      (aws) => (aws.service = { ...aws.service, deployments: [{}, {}] }),
      (aws) => (aws.draining = [0, 256]),
      (aws) => (aws.tags = [{ Key: "spotproof:fallback", Value: "2 2026-01-01T00:00:00Z" }]),
      (aws) => (aws.tags = [{ Key: "spotproof:rebalance:web", Value: "2 4 2026-01-01T00:00:00Z" }]),
    ];
    for (const change of changes) {
      const aws = new FakeAws();
      change(aws);
      await look(aws);
      expect(aws.called("startInstanceRefresh")).to.be.empty;
      expect(aws.logs.some((record) => record.decision === "wait")).to.equal(true);
    }
  });

  it("cancels one that takes too long, and tells how long it has taken", async () => {
    const aws = new FakeAws();
    await look(aws);
    aws.now += 3 * HOUR;
    await look(aws);
    expect(aws.called("cancelInstanceRefresh")).to.deep.equal([{ AutoScalingGroupName: "shop-group" }]);
    expect(metrics(aws).at(-1)).to.include({ RefreshSeconds: 10_800, RefreshesCancelled: 1 });
  });

  it("remembers on the group the AMI that it went back from", async () => {
    const aws = new FakeAws();
    await look(aws);
    aws.refreshes = aws.refreshes.map((each) => ({ ...each, Status: "RollbackSuccessful" }));
    await look(aws, SETTINGS, refreshEvent("Rollback Succeeded"), refreshEvent("Rollback Succeeded"));
    const [request] = aws.called("createOrUpdateTags");
    expect(request!.Tags).to.deep.equal([
      {
        ResourceId: "shop-group",
        ResourceType: "auto-scaling-group",
        Key: "spotproof:refused-ami",
        Value: NEW,
        PropagateAtLaunch: false,
      },
    ]);
    expect(metrics(aws).at(-1)).to.include({ RefreshesFailed: 1 });
  });

  it("does nothing where every instance has the current AMI", async () => {
    const aws = new FakeAws();
    aws.current = OLD;
    await look(aws);
    expect(aws.calls.filter(({ command }) => !/^(describe|list)/.test(command))).to.deep.equal([]);
    expect(aws.logs).to.be.empty;
  });

  it("ignores other groups, old sweeps and what it doesn't know", async () => {
    const aws = new FakeAws();
    await look(aws, SETTINGS, refreshEvent("Failed", "another"), sweep(aws.now - HOUR), "{}", "{");
    expect(aws.calls).to.be.empty;
    expect(aws.logs).to.have.lengthOf(4);
  });

  it("lets the messages come back where it can't read", async () => {
    const aws = new FakeAws();
    aws.fails = (command) => (command === "describeInstances" ? new Error("no") : undefined);
    expect((await look(aws)).batchItemFailures).to.deep.equal([{ itemIdentifier: "m0" }]);
  });
});
