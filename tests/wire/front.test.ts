import { expect } from "chai";
import { wire, type Wire } from "./harness/hooks";

/** A request as AWS's own client would sign it, whatever its content. */
function post({ front }: Wire, service: string, headers: Record<string, string>, body: string): Promise<Response> {
  const credential = `Credential=administrator/20260101/eu-west-1/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`;
  return fetch(front.url, { method: "POST", headers: { authorization, ...headers }, body });
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const JSON_1_1 = { "content-type": "application/x-amz-json-1.1" };
const ECS = "AmazonEC2ContainerServiceV20141113";

async function refusalOf(call: Promise<unknown>): Promise<Error> {
  return call.then(
    () => {
      throw new Error("it wasn't refused");
    },
    (error: Error) => error,
  );
}

/** The requests that a test makes are wrong on purpose. */
describe("the front", () => {
  beforeEach(() => wire().front.reset());
  afterEach(() => wire().front.reset());

  it("refuses a request without a required member, by JSON and by form, and notes it", async () => {
    const { clients, front } = wire();
    const json = await refusalOf(clients.ecs.stopTask({ cluster: "shop" } as never));
    expect(json).to.include({ name: "ValidationException", message: "ecs:StopTask.task is missing" });
    const form = await refusalOf(clients.elbv2.deregisterTargets({ TargetGroupArn: "a" } as never));
    expect(form).to.include({
      name: "ValidationException",
      message: "elasticloadbalancing:DeregisterTargets.Targets is missing",
    });
    const ec2 = await refusalOf(clients.ec2.terminateInstances({} as never));
    expect(ec2).to.include({ message: "ec2:TerminateInstances.InstanceIds is missing" });
    expect(front.problems).to.have.lengthOf(3);
  });

  it("refuses what is beyond a limit that AWS only documents", async () => {
    const { clients, front } = wire();
    const containerInstances = Array<string>(11).fill("arn");
    const request = { containerInstances, status: "DRAINING" } as const;
    expect(await refusalOf(clients.ecs.updateContainerInstancesState(request))).to.include({
      name: "ValidationException",
    });
    expect(front.problems).to.deep.equal([
      "ecs:UpdateContainerInstancesState: containerInstances has 11 items: at most 10",
    ]);
  });

  it("refuses members that an operation doesn't have", async () => {
    const { front } = wire();
    const json = await post(
      wire(),
      "ecs",
      { ...JSON_1_1, "x-amz-target": `${ECS}.StopTask` },
      '{"task":"t","why":"x"}',
    );
    const form = "Action=DescribeTargetHealth&Version=2015-12-01&TargetGroupArn=a&Targets.member.1.Prot=80&Which.1=x";
    expect([json.status, (await post(wire(), "elasticloadbalancing", FORM, form)).status]).to.deep.equal([400, 400]);
    expect(front.problems.map((problem) => problem.split(":").slice(0, 2).join(":"))).to.deep.equal([
      "ecs:StopTask.why is no member",
      "elasticloadbalancing:DescribeTargetHealth.Targets[0].Id is missing",
      "elasticloadbalancing:DescribeTargetHealth.Targets[0].Prot is no member",
      "elasticloadbalancing:DescribeTargetHealth.Which is no member",
    ]);
  });

  const unreadable: Readonly<
    Record<string, readonly [service: string, headers: Record<string, string>, body: string]>
  > = {
    "is for no operation of the service": ["ecs", { ...JSON_1_1, "x-amz-target": `${ECS}.StopTusk` }, "{}"],
    "is for another service's operation": ["ecs", { ...JSON_1_1, "x-amz-target": "AmazonSQS.SendMessage" }, "{}"],
    "is of another protocol": ["ecs", FORM, "Action=StopTask&Version=2014-11-13"],
    "is of another version": ["autoscaling", FORM, "Action=DescribeAutoScalingGroups&Version=2010-01-01"],
    "is of a service without a model": ["logs", FORM, "Action=PutLogEvents"],
  };
  for (const [what, [service, headers, body]] of Object.entries(unreadable)) {
    it(`takes no request that ${what}`, async () => {
      expect((await post(wire(), service, headers, body)).status).to.equal(400);
      expect(wire().front.problems)
        .to.have.lengthOf(1)
        .and.to.have.nested.property("[0]")
        .that.matches(/^unreadable/);
    });
  }

  it("takes no unsigned request", async () => {
    expect((await fetch(wire().front.url, { method: "POST" })).status).to.equal(400);
    expect(wire().front.problems).to.deep.equal(['unreadable request: no signature in "undefined"']);
  });

  it("notes what a stub answers against the model", async () => {
    const { clients, front } = wire();
    front.answer("ecs:ListTasks", async () => ({ taskArns: "none" }));
    await clients.ecs.listTasks({});
    expect(front.problems).to.deep.equal(['the stub\'s ecs:ListTasks.taskArns is "none": a list']);
  });

  it("carries a stub's answer in the words of each protocol", async () => {
    const { clients, front } = wire();
    const StartTime = new Date("2026-01-01T00:00:00Z");
    const activity = {
      ActivityId: "a",
      AutoScalingGroupName: "g & <g>",
      Cause: "c",
      StatusCode: "Successful",
    } as const;
    const Activities = [{ ...activity, StartTime }];
    front.answer("autoscaling:DescribeScalingActivities", async () => ({ Activities }));
    expect((await clients.autoScaling.describeScalingActivities({})).Activities).to.deep.equal(Activities);
    const TerminatingInstances = [{ InstanceId: "i-1", CurrentState: { Code: 32, Name: "shutting-down" } }];
    front.answer("ec2:TerminateInstances", async () => ({ TerminatingInstances }));
    const terminated = await clients.ec2.terminateInstances({ InstanceIds: ["i-1"] });
    expect(terminated.TerminatingInstances).to.deep.equal(TerminatingInstances);
    const tasks = [{ taskArn: "t", startedAt: StartTime }];
    front.answer("ecs:DescribeTasks", async () => ({ tasks }));
    expect((await clients.ecs.describeTasks({ tasks: ["t"] })).tasks).to.deep.equal(tasks);
    expect(front.problems).to.be.empty;
  });

  it("passes on what a stub refuses, and what moto refuses a stub", async () => {
    const { clients, front } = wire();
    const where = { cluster: "none", tasks: ["t"] };
    expect(await refusalOf(clients.ecs.describeTasks(where))).to.include({ name: "ClusterNotFoundException" });
    const detached = { AutoScalingGroupName: "none", InstanceIds: ["i-1"], ShouldDecrementDesiredCapacity: false };
    expect(await refusalOf(clients.autoScaling.detachInstances(detached))).to.include({
      name: "ValidationError",
      message: "The instance i-1 is not part of Auto Scaling group none.",
    });
    expect(front.problems).to.be.empty;
  });

  it("notes what moto can't do, so that nobody takes its failure for AWS's", async () => {
    const { clients, front } = wire();
    await refusalOf(clients.ecs.executeCommand({ task: "t", command: "ls", interactive: true }));
    expect(front.problems)
      .to.have.lengthOf(1)
      .and.to.have.nested.property("[0]")
      .that.matches(/^moto answers 50\d/);
  });
});
