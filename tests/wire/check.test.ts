import { expect } from "chai";
import { problemsIn } from "./harness/check";
import { wire } from "./harness/hooks";

/** What is wrong with the input of an operation, by AWS's model of it. */
function problems(service: string, operation: string, input: object): string[] {
  const model = wire().models.of(service);
  return problemsIn(model, model.operations[operation]!.input!, input, "input");
}

describe("a request, held against AWS's model", () => {
  it("is right with its required members, within its bounds", () => {
    expect(problems("ecs", "UpdateContainerInstancesState", { containerInstances: ["a"], status: "DRAINING" })).to.be
      .empty;
    expect(problems("sqs", "SendMessage", { QueueUrl: "u", MessageBody: "b", DelaySeconds: 5 })).to.be.empty;
    expect(problems("elasticloadbalancing", "DeregisterTargets", { TargetGroupArn: "a", Targets: [{ Id: "i-1" }] })).to
      .be.empty;
  });

  it("may leave out members that it doesn't have to have, and give them as undefined", () => {
    expect(problems("ecs", "ListTasks", { cluster: "shop", nextToken: undefined })).to.be.empty;
  });

  it("is wrong without a required member, at any depth", () => {
    expect(problems("ecs", "UpdateContainerInstancesState", { containerInstances: [] })).to.deep.equal([
      "input.status is missing",
    ]);
    expect(problems("elasticloadbalancing", "DeregisterTargets", { TargetGroupArn: "a", Targets: [{}] })).to.deep.equal(
      ["input.Targets[0].Id is missing"],
    );
  });

  it("is wrong with a member that the operation doesn't have", () => {
    const [problem] = problems("ecs", "StopTask", { task: "t", why: "because" });
    expect(problem).to.equal("input.why is no member: cluster, task, reason");
  });

  it("is wrong with a value that isn't in its enumeration", () => {
    const [problem] = problems("ecs", "UpdateContainerInstancesState", { containerInstances: [], status: "GONE" });
    expect(problem).to.match(/^input\.status is GONE: .*DRAINING/);
  });

  it("is wrong with a string that is too long, too short or of the wrong characters", () => {
    const detach = (AutoScalingGroupName: string): string[] =>
      problems("autoscaling", "DetachInstances", { AutoScalingGroupName, ShouldDecrementDesiredCapacity: false });
    expect(detach("g".repeat(255))).to.be.empty;
    expect(detach("g".repeat(256))).to.deep.equal(["input.AutoScalingGroupName has 256 characters: at most 255"]);
    expect(detach("")).to.deep.equal(["input.AutoScalingGroupName has 0 characters: at least 1"]);
    expect(detach("g\u0007").join()).to.include("it must match");
    expect(detach("👍")).to.be.empty;
  });

  it("is wrong with a list that is too long, and with a number that is too large or too small", () => {
    const tagged = (count: number): string[] =>
      problems("ecs", "CreateCluster", { tags: Array(count).fill({ key: "team" }) });
    expect(tagged(50)).to.be.empty;
    expect(tagged(51)).to.deep.equal(["input.tags has 51 items: at most 50"]);
    const checked = (HealthCheckIntervalSeconds: number): string[] =>
      problems("elasticloadbalancing", "CreateTargetGroup", { Name: "web", HealthCheckIntervalSeconds });
    expect(checked(300)).to.be.empty;
    expect(checked(301)).to.deep.equal(["input.HealthCheckIntervalSeconds is 301: at most 300"]);
    expect(checked(4)).to.deep.equal(["input.HealthCheckIntervalSeconds is 4: at least 5"]);
  });

  it("is wrong with a value of another type", () => {
    expect(problems("ecs", "StopTask", { task: 7 })).to.deep.equal(["input.task is 7: a string"]);
    expect(problems("sqs", "SendMessage", { QueueUrl: "u", MessageBody: "b", DelaySeconds: "5" })).to.deep.equal([
      'input.DelaySeconds is "5": an integer',
    ]);
    expect(problems("ecs", "DescribeTasks", { tasks: "t" })).to.deep.equal(['input.tasks is "t": a list']);
    expect(problems("ecs", "StopTask", { task: null })).to.deep.equal(["input.task is null: a string"]);
  });
});
