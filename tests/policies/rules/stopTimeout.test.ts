import { expect } from "chai";
import { stopTimeout as rule } from "../../../policies/rules/stopTimeout";
import { LATER } from "../support/declared";
import { violations, undecided, undecidedInPreview } from "../support/said";
import { webStack, workerStack } from "../support/stacks";

const withTimeout = (seconds: unknown) => {
  const parts = webStack();
  parts.container.stopTimeout = seconds;
  return parts;
};

const agentSays = (value: string) => {
  const parts = webStack();
  parts.boot.push(`echo ECS_CONTAINER_STOP_TIMEOUT=${value} >> /etc/ecs/ecs.config`);
  return parts;
};

describe("stop-timeout", () => {
  it("has nothing against AWS's default, nor against one second less than the notice", () => {
    expect(violations(rule, webStack())).to.deep.equal([]);
    expect(violations(rule, withTimeout(119))).to.deep.equal([]);
    expect(violations(rule, agentSays("1m59s"))).to.deep.equal([]);
  });

  it("refuses a container that takes the whole notice", () => {
    expect(violations(rule, withTimeout(120))).to.deep.equal([
      'ecs.TaskDefinition "web": container web has a stopTimeout of 120 s; allowed: at most 119 s; lower it, e.g. to 60.',
    ]);
  });

  it("refuses an agent that gives it to all its containers", () => {
    expect(violations(rule, agentSays("2m"))).to.deep.equal([
      'ec2.LaunchTemplate "node": ECS_CONTAINER_STOP_TIMEOUT is 120 s for autoscaling.Group "nodes"; allowed: under 120 s; set it lower in the user data, e.g. 60s.',
    ]);
  });

  it("reads a number without a unit as the agent does, which takes its default", () => {
    expect(violations(rule, agentSays("900"))).to.deep.equal([]);
  });

  it("goes by the limit that is configured", () => {
    expect(violations(rule, withTimeout(60), { limitSeconds: 60 })).to.have.length(1);
    expect(violations(rule, withTimeout(59), { limitSeconds: 60 })).to.deep.equal([]);
  });

  it("lets a task on Fargate Spot take the whole notice, and no more", () => {
    const onFargate = (seconds: number) => {
      const parts = withTimeout(seconds);
      parts.service.set("capacityProviderStrategies", [{ capacityProvider: "FARGATE_SPOT", weight: 1 }]);
      return parts;
    };
    expect(violations(rule, onFargate(120))).to.deep.equal([]);
    expect(violations(rule, onFargate(121))[0]).to.include("allowed: at most 120 s");
  });

  it("can't tell where a task definition runs that no service names, and asks only if that matters", () => {
    const unused = (seconds: number) => {
      const parts = withTimeout(seconds);
      parts.stack.remove(parts.service);
      return parts;
    };
    expect(undecided(rule, unused(60))).to.deep.equal([]);
    expect(undecided(rule, unused(300))).to.deep.equal([
      'ecs.TaskDefinition "web": no service of this stack runs it; on Spot, this would be wrong: container web has a stopTimeout of 300 s.',
    ]);
    expect(violations(rule, unused(300), { assumeSpot: true })).to.have.length(1);
  });

  it("can't tell what containers are in a text that isn't known yet", () => {
    expect(undecidedInPreview(rule, workerStack())).to.deep.equal([
      'ecs.TaskDefinition "worker": containerDefinitions isn\'t known before the update.',
    ]);
  });

  it("can't tell what is no JSON", () => {
    const parts = webStack();
    parts.definition.set("containerDefinitions", "{");
    expect(undecided(rule, parts)).to.deep.equal(['ecs.TaskDefinition "web": containerDefinitions is no JSON list.']);
  });

  it("can't tell a variable of the user data", () => {
    expect(undecided(rule, agentSays("$TIMEOUT"))[0]).to.match(
      /^ec2\.LaunchTemplate "node": ECS_CONTAINER_STOP_TIMEOUT: /,
    );
    const parts = webStack();
    parts.template.set("userData", LATER);
    expect(undecided(rule, parts)).to.have.length(1);
  });

  it("lowers what is too long to what fits the notice without a balancer, and leaves the rest", () => {
    const containers = [{ name: "a", stopTimeout: 600 }, { name: "b", stopTimeout: 20 }, { name: "c" }];
    const props = { containerDefinitions: JSON.stringify(containers) };
    expect(rule.remediation!.remediate(props)).to.be.true;
    expect(JSON.parse(props.containerDefinitions)).to.deep.equal([
      { name: "a", stopTimeout: 110 },
      { name: "b", stopTimeout: 20 },
      { name: "c" },
    ]);
    expect(rule.remediation!.remediate(props)).to.be.false;
  });
});
