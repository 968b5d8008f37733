import { expect } from "chai";
import { actRetire, type Failure } from "../../../functions/retire/act";
import type { RetireAction } from "../../../functions/retire/plan";
import type { TargetState } from "../../../functions/retire/state";
import { awsError, check, FakeAws, GROUP, NOW, S, SETTINGS, type FakeTask } from "../scaleIn/fakeAws";

const targetOf = (task: FakeTask): TargetState => ({
  targetGroupArn: GROUP,
  instanceId: task.instance.instanceId,
  port: task.port,
  health: "healthy",
});
const mark = (task: FakeTask): RetireAction => {
  return { kind: "mark", taskArn: task.arn, targets: [targetOf(task)], again: false, reason: "" };
};
const letGo = (task: FakeTask): RetireAction => {
  return { kind: "letGo", taskArn: task.arn, targets: [targetOf(task)], reason: "" };
};

const run = (aws: FakeAws, actions: readonly RetireAction[]): Promise<Failure[]> =>
  actRetire(actions, { ports: aws.ports(), settings: SETTINGS, deadline: NOW + 20 * S });

const throttled = async (): Promise<void> => {
  throw awsError("ThrottlingException", "Rate exceeded");
};

describe("acting on a retirement", () => {
  let aws: FakeAws;
  beforeEach(() => {
    aws = FakeAws.withTasks(24);
  });

  it("tags each task by a call of its own, and then takes all targets out by one", async () => {
    expect(await run(aws, aws.tasks.slice(0, 16).map(mark))).to.be.empty;
    expect(aws.calls.map((call) => call.command)).to.deep.equal([
      ...Array<string>(16).fill("tagResource"),
      "deregisterTargets",
    ]);
    expect(aws.marked.map((task) => task.mark)).to.deep.equal(Array(16).fill(new Date(NOW).toISOString()));
    const [input] = aws.called("deregisterTargets");
    expect(input!.TargetGroupArn).to.equal(GROUP);
    expect((input!.Targets as unknown[])[0]).to.deep.equal({ Id: "i-00000000000000000", Port: 32768 });
  });

  it("takes out no target whose task it could not tag", async () => {
    const [one, two] = aws.tasks;
    aws.beforeAnswer = async (command, input) => {
      if (command === "tagResource" && input.resourceArn === one!.arn) throw awsError("AccessDeniedException");
    };
    const failures = await run(aws, [mark(one!), mark(two!)]);
    expect(failures.map(({ action }) => action)).to.deep.equal([mark(one!)]);
    expect([aws.healthOf(one!), aws.healthOf(two!)]).to.deep.equal(["healthy", "draining"]);
  });

  it("takes out none so long after its mark that it would not settle in full", async () => {
    aws.beforeAnswer = async (command) => {
      if (command === "tagResource") aws.now += 3 * S;
    };
    expect(await run(aws, [mark(aws.tasks[0]!)])).to.have.lengthOf(1);
    expect(aws.called("deregisterTargets")).to.be.empty;
  });

  it("registers before it takes the mark off, and keeps the mark where it can't register", async () => {
    const [task] = aws.tasks;
    task!.mark = new Date(NOW).toISOString();
    aws.deregister(task!);
    aws.beforeAnswer = throttled;
    expect(await run(aws, [letGo(task!)])).to.have.lengthOf(1);
    expect(task!.mark).to.not.equal(undefined);
    aws.beforeAnswer = () => Promise.resolve();
    aws.now = NOW;
    aws.calls.length = 0;
    expect(await run(aws, [letGo(task!)])).to.be.empty;
    expect(aws.calls.map((call) => call.command)).to.deep.equal(["registerTargets", "untagResource"]);
    expect([task!.mark, aws.healthOf(task!)]).to.deep.equal([undefined, "initial"]);
  });

  it("sends the next look to its queue, delayed", async () => {
    const action: RetireAction = { kind: "check", delaySeconds: 5, until: NOW + 1, outAt: NOW, reason: "" };
    await run(aws, [action, { ...action, outAt: undefined }]);
    const sent = (MessageBody: string): object => ({ QueueUrl: SETTINGS.queueUrl, DelaySeconds: 5, MessageBody });
    const expected = [sent(check(NOW + 1, "api", NOW)), sent(check(NOW + 1))];
    expect(aws.called("sendMessage")).to.deep.equal(expected);
  });

  it("counts what is gone as done, and one such as no hindrance for the others", async () => {
    const [gone, there] = aws.tasks;
    gone!.lastStatus = "STOPPED";
    aws.beforeAnswer = async (command, input) => {
      const targets = (input.Targets ?? []) as { Port: number }[];
      if (command === "deregisterTargets" && targets.some(({ Port }) => Port === gone!.port)) {
        throw awsError("InvalidTargetException");
      }
    };
    expect(await run(aws, [mark(gone!), mark(there!)])).to.be.empty;
    expect(aws.healthOf(there!)).to.equal("draining");
    expect(await run(aws, [letGo(gone!)])).to.be.empty;
  });

  it("tries again what was refused for its rate, and says what failed for good", async () => {
    let refusals = 0;
    aws.beforeAnswer = async (command) => {
      if (command === "tagResource" && refusals++ < 2) await throttled();
    };
    expect(await run(aws, [mark(aws.tasks[0]!)])).to.be.empty;
    aws.beforeAnswer = async () => {
      throw awsError("AccessDeniedException");
    };
    expect(await run(aws, [mark(aws.tasks[1]!), letGo(aws.tasks[2]!)])).to.have.lengthOf(2);
  });
});
