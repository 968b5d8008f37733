import { expect } from "chai";
import { drainingEnabled as rule } from "../../../policies/rules/drainingEnabled";
import { LATER } from "../support/declared";
import { violations, undecided } from "../support/said";
import { webStack } from "../support/stacks";

const MANAGED_DRAINING = "autoScalingGroupProvider.managedDraining";

const withoutManaged = () => {
  const parts = webStack();
  parts.provider.set(MANAGED_DRAINING, "DISABLED");
  return parts;
};

describe("draining-enabled", () => {
  it("has nothing against an agent that drains", () => {
    expect(violations(rule, withoutManaged())).to.deep.equal([]);
  });

  it("has nothing against managed draining, which AWS switches on by default", () => {
    const parts = webStack();
    parts.boot.pop();
    expect(violations(rule, parts)).to.deep.equal([]);
  });

  it("refuses a group that neither drains", () => {
    const parts = withoutManaged();
    parts.boot.pop();
    expect(violations(rule, parts)).to.deep.equal([
      'autoscaling.Group "nodes": the agent\'s draining is off in the user data of ec2.LaunchTemplate "node", and managedDraining is DISABLED on ecs.CapacityProvider "spot"; allowed: on Spot, one of the two is on; set ECS_ENABLE_SPOT_INSTANCE_DRAINING=true in the user data, or managedDraining to "ENABLED" on its capacity provider.',
    ]);
  });

  it("refuses a group without a provider, and says so", () => {
    const parts = withoutManaged();
    parts.boot.pop();
    parts.stack.remove(parts.provider, parts.association);
    expect(violations(rule, parts)[0]).to.include("and no capacity provider of this stack has it");
  });

  it("can't tell what user data that isn't known yet switches on", () => {
    const parts = withoutManaged();
    parts.template.set("userData", LATER);
    expect(violations(rule, parts)).to.deep.equal([]);
    expect(undecided(rule, parts)).to.deep.equal([
      'autoscaling.Group "nodes": ec2.LaunchTemplate "node": it may have been set where it couldn\'t be read: userData isn\'t known before the update.',
    ]);
  });

  it("can't tell what a template of another stack boots", () => {
    const parts = withoutManaged();
    parts.stack.remove(parts.template);
    parts.group.set("mixedInstancesPolicy.launchTemplate.launchTemplateSpecification", { launchTemplateId: "lt-0a" });
    expect(undecided(rule, parts)).to.deep.equal([
      'autoscaling.Group "nodes": mixedInstancesPolicy lt-0a isn\'t in this stack.',
    ]);
  });

  it("doesn't ask where managed draining is on", () => {
    const parts = webStack();
    parts.template.set("userData", LATER);
    expect(undecided(rule, parts)).to.deep.equal([]);
  });

  it("takes a group for ECS capacity by its tag", () => {
    const parts = withoutManaged();
    parts.template.set("userData", undefined);
    parts.stack.remove(parts.provider, parts.association);
    expect(violations(rule, parts)).to.deep.equal([]);
    parts.group.set("tags", [{ key: "AmazonECSManaged", value: "true" }]);
    expect(violations(rule, parts)).to.have.length(1);
  });

  it("switches managed draining on, where it was switched off", () => {
    const props = { autoScalingGroupProvider: { autoScalingGroupArn: "arn", managedDraining: "DISABLED" } };
    expect(rule.remediation!.remediate(props)).to.be.true;
    expect(props.autoScalingGroupProvider.managedDraining).to.equal("ENABLED");
    expect(rule.remediation!.remediate(props)).to.be.false;
  });
});
