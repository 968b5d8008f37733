import { expect } from "chai";
import type { RetireAction } from "../../../functions/retire/plan";
import { actRound, LOWER_WITHIN_MS, type Round } from "../../../functions/retire/round";
import { awsError, FakeAws, NOW, S, SETTINGS, type FakeTask } from "../scaleIn/fakeAws";

const stop = (task: FakeTask): RetireAction => ({ kind: "stop", taskArn: task.arn, reason: "test: idle" });

function planned(aws: FakeAws, count: number): RetireAction[] {
  const from = aws.service.desiredCount;
  return [...aws.tasks.slice(0, count).map(stop), { kind: "lower", from, to: from - count, reason: "" }];
}

const run = (aws: FakeAws, actions: readonly RetireAction[], deadline = NOW + 20 * S): Promise<Round> =>
  actRound(actions, { ports: aws.ports(), settings: SETTINGS, deadline });

const throttling = (): Error => awsError("ThrottlingException", "Rate exceeded");
const kinds = ({ actions }: Round): string[] => actions.map(({ kind }) => kind);

describe("the end of a round", () => {
  let aws: FakeAws;
  beforeEach(() => {
    aws = FakeAws.withTasks(6);
  });

  /** Throws where `fails` says so, a while after the call was made. */
  function failing(fails: (command: string, input: Record<string, unknown>) => boolean, afterMs = 0): void {
    aws.beforeAnswer = async (command, input) => {
      if (!fails(command, input)) return;
      aws.now += afterMs;
      throw throttling();
    };
  }

  it("stops the tasks, all at once and with a reason, and then lowers the desired count by as many", async () => {
    const { actions, failures } = await run(aws, planned(aws, 2));
    expect(failures).to.be.empty;
    expect(actions).to.deep.equal(planned(FakeAws.withTasks(6), 2));
    const commands = ["stopTask", "stopTask", "describeServices", "updateService"];
    expect(aws.calls.map(({ command }) => command)).to.deep.equal(commands);
    const [{ arn }] = aws.tasks as [FakeTask];
    expect(aws.called("stopTask")[0]).to.deep.equal({ cluster: SETTINGS.clusterArn, task: arn, reason: "test: idle" });
    const request = { cluster: SETTINGS.clusterArn, service: "api", desiredCount: 4 };
    expect(aws.called("updateService")).to.deep.equal([request]);
    expect(aws.alive).to.have.lengthOf(4);
  });

  it("lowers by those that were stopped, where stopping others was refused for its rate", async () => {
    const [, refused] = aws.tasks;
    failing((command, { task }) => command === "stopTask" && task === refused!.arn);
    const round = await run(aws, planned(aws, 3));
    expect(aws.service.desiredCount).to.equal(4);
    expect(round.failures.map(({ action }) => action)).to.deep.equal([stop(refused!)]);
    expect(round.actions).to.deep.include({ kind: "lower", from: 6, to: 4, reason: "" });
    expect(aws.called("stopTask").length).to.be.greaterThan(3);
  });

  it("lowers nothing where it stopped nothing", async () => {
    failing((command) => command === "stopTask");
    const round = await run(aws, planned(aws, 2));
    expect([kinds(round), round.failures.length]).to.deep.equal([["stop", "stop"], 2]);
    expect(aws.called("updateService")).to.be.empty;
  });

  it("counts a task that is stopping already as stopped, and doesn't count one that ECS no longer knows", async () => {
    const [stopping, unknown] = aws.tasks;
    stopping!.desiredStatus = "STOPPED";
    aws.tasks.splice(1, 1);
    const from = aws.service.desiredCount;
    const actions = [stop(stopping!), stop(unknown!), { kind: "lower", from, to: from - 2, reason: "" } as const];
    const round = await run(aws, actions);
    expect(round.failures).to.be.empty;
    expect(kinds(round)).to.deep.equal(["stop", "lower"]);
    expect(aws.service.desiredCount).to.equal(5);
  });

  it("leaves a count that somebody else has set meanwhile, as replacements will keep it", async () => {
    aws.beforeAnswer = async (command) => {
      if (command === "stopTask") aws.service.desiredCount = 9;
    };
    const round = await run(aws, planned(aws, 2));
    expect([kinds(round), round.failures]).to.deep.equal([["stop", "stop", "wait"], []]);
    expect(aws.service.desiredCount).to.equal(9);
  });

  it("tries to lower again while there is time, and no longer", async () => {
    let refusals = 0;
    failing((command) => command === "updateService" && refusals++ < 2);
    expect((await run(aws, planned(aws, 2))).failures).to.be.empty;
    expect(aws.service.desiredCount).to.equal(4);
    aws.service.desiredCount = 6;
    failing((command) => command === "updateService");
    aws.now = NOW;
    expect((await run(aws, planned(aws, 2))).failures).to.have.lengthOf(1);
    expect(aws.now).to.be.within(NOW + 1, NOW + LOWER_WITHIN_MS);
    expect(aws.service.desiredCount).to.equal(6);
  });

  it("doesn't lower too late, when replacements have started", async () => {
    for (const slow of ["stopTask", "describeServices"]) {
      const fresh = FakeAws.withTasks(6);
      fresh.beforeAnswer = async (command) => {
        if (command === slow) fresh.now += LOWER_WITHIN_MS;
      };
      const { failures } = await run(fresh, planned(fresh, 2));
      expect(
        failures.map(({ action }) => action.kind),
        slow,
      ).to.deep.equal(["lower"]);
      expect(fresh.called("updateService"), slow).to.be.empty;
      expect(fresh.service.desiredCount, slow).to.equal(6);
    }
  });

  it("doesn't wait for a stop that isn't answered while the others' replacements start", async () => {
    const [silent] = aws.tasks;
    const ports = aws.ports();
    const given: number[] = [];
    const stopTask = async (input: { task: string }, { requestTimeout }: { requestTimeout: number }): Promise<void> => {
      given.push(requestTimeout);
      if (input.task !== silent!.arn) return;
      aws.now += requestTimeout;
      throw awsError("TimeoutError", "no answer");
    };
    const silentPorts = { ...ports, ecs: { ...ports.ecs, stopTask } } as unknown as typeof ports;
    const round = await actRound(planned(aws, 2), { ports: silentPorts, settings: SETTINGS, deadline: NOW + 20 * S });
    expect(Math.max(...given)).to.be.lessThan(LOWER_WITHIN_MS);
    expect(round.failures.map(({ action }) => action)).to.deep.equal([stop(silent!)]);
    expect(aws.service.desiredCount).to.equal(5);
  });

  it("begins nothing that the invocation's end would break off", async () => {
    expect(kinds(await run(aws, planned(aws, 2), NOW + LOWER_WITHIN_MS - 1))).to.deep.equal(["wait"]);
    expect(aws.calls).to.be.empty;
  });

  it("is to the same number when two do it at once", async () => {
    const rounds = await Promise.all([run(aws, planned(aws, 2)), run(aws, planned(aws, 2))]);
    expect(rounds.flatMap(({ failures }) => failures)).to.be.empty;
    expect(aws.service.desiredCount).to.equal(4);
    expect(aws.alive).to.have.lengthOf(4);
  });
});
