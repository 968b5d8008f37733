import { expect } from "chai";
import { actionsCalled } from "../callback/emittedText";
import { batchOf, sweep } from "../functions/refresh/fakeAws";
import { CURRENT_AMI } from "./harness/motoRefreshes";
import { GROUP, refreshStage } from "./refreshStage";
import { decisionsIn, failedIn, onTheWire, without } from "./stage";

const CHANGES = /:(Create|Delete|Modify|Start|Cancel)/;

describe("the refresh function, over HTTP,", () => {
  onTheWire();

  it("makes a version with the AMI, puts the program's on top, and starts the refresh with the group's own types", async () => {
    const { lambda, front, scene, launchTemplateId } = await refreshStage();
    const invocation = await lambda.invoke(batchOf(sweep(Date.now())));
    expect(failedIn(invocation)).to.be.empty;
    expect(decisionsIn(invocation, "failed")).to.be.empty;
    const [request] = front.calls("autoscaling:StartInstanceRefresh");
    const { MixedInstancesPolicy } = request!.input.DesiredConfiguration as { MixedInstancesPolicy: object };
    expect(MixedInstancesPolicy).to.deep.equal({
      LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateId: launchTemplateId, Version: "2" },
        Overrides: [{ InstanceType: "m5.large" }, { InstanceType: "m6i.large" }],
      },
    });
    const { LaunchTemplateVersions = [] } = await scene.clients.ec2.describeLaunchTemplateVersions({
      LaunchTemplateId: launchTemplateId,
    });
    const images = LaunchTemplateVersions.sort((a, b) => a.VersionNumber! - b.VersionNumber!);
    expect(images.map((each) => each.LaunchTemplateData?.ImageId?.slice(0, 11))).to.deep.equal([
      "resolve:ssm",
      CURRENT_AMI.slice(0, 11),
      "resolve:ssm",
    ]);
  });

  it("starts no second one", async () => {
    const { lambda, front } = await refreshStage();
    for (let n = 0; n < 3; n++) await lambda.invoke(batchOf(sweep(Date.now())));
    expect(front.calls("autoscaling:StartInstanceRefresh")).to.have.lengthOf(1);
    expect(front.calls("autoscaling:StartInstanceRefresh")[0]!.input.AutoScalingGroupName).to.equal(GROUP);
  });

  it("is named with every permission to read that it lacks, and nothing is done", async () => {
    const { lambda, front, deployed, scene } = await refreshStage();
    await scene.drain(scene.instanceIds[0]!);
    const reading = actionsCalled(deployed.files["__index.js"]!).filter((action) => !CHANGES.test(action));
    expect(reading).to.have.lengthOf.above(5);
    for (const action of reading.filter((each) => each !== "ecs:DescribeServices")) {
      front.role = without(deployed.statements, action);
      const invocation = await lambda.invoke(batchOf(sweep(Date.now())));
      expect(failedIn(invocation), action).to.deep.equal(["m0"]);
      expect(invocation.lines.join()).to.include(`not authorized to perform: ${action}`);
    }
    expect(front.calls().filter(({ action }) => CHANGES.test(action))).to.be.empty;
  });

  for (const action of ["ec2:CreateLaunchTemplateVersion", "autoscaling:StartInstanceRefresh"]) {
    it(`is named where it lacks ${action}, and comes back to it`, async () => {
      const { lambda, front, deployed } = await refreshStage();
      front.role = without(deployed.statements, action);
      const invocation = await lambda.invoke(batchOf(sweep(Date.now())));
      expect(failedIn(invocation)).to.deep.equal(["m0"]);
      const errors = decisionsIn(invocation, "failed").map((record) => String(record.error));
      expect(errors.join()).to.include(`not authorized to perform: ${action}`);
      front.role = deployed.statements;
      expect(failedIn(await lambda.invoke(batchOf(sweep(Date.now()))))).to.be.empty;
      expect(front.calls("autoscaling:StartInstanceRefresh")).to.not.be.empty;
    });
  }
});
