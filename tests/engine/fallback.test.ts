import { expect } from "chai";
import { Deployment } from "./support/deployment";
import { GIVEN_VPC } from "./support/networks";
import { changes, steps, succeeded } from "./support/outcomes";
import type { Props } from "./aws/resourceType";

const GROUP = "aws:autoscaling/group:Group";

interface Policy {
  readonly instancesDistribution: Props;
}

describe("on-demand instances that stand in for Spot", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await Deployment.create({ config: { ...GIVEN_VPC, onDemandBaseCapacity: 1, alarms: false } });
    succeeded(await deployment.up());
  });
  after(() => deployment.close());

  const policy = (): Policy => deployment.account.all(GROUP)[0]!.props.mixedInstancesPolicy as Policy;
  const base = (): unknown => policy().instancesDistribution.onDemandBaseCapacity;
  const raise = (onDemandBaseCapacity: number): void =>
    deployment.account.change(GROUP, () => ({
      mixedInstancesPolicy: {
        ...policy(),
        instancesDistribution: { ...policy().instancesDistribution, onDemandBaseCapacity },
      },
    }));
  const declaredBase = (): unknown => {
    const functions = deployment.account.all("aws:lambda/function:Function");
    const [fallback] = functions.filter(({ urn }) => urn.endsWith("::spotproof-fallback"));
    return (fallback!.props.environment as { variables: Props }).variables.DECLARED_BASE_CAPACITY;
  };

  it("are no drift, and no update takes them back", async () => {
    expect(base()).to.equal(1);
    raise(5);
    expect(changes(succeeded(await deployment.preview()))).to.deep.equal({});
    expect(changes(succeeded(await deployment.up()))).to.deep.equal({});
    expect(base()).to.equal(5);
  });

  it("stay through a refresh and the update after it", async () => {
    succeeded(await deployment.refresh());
    expect(changes(succeeded(await deployment.up()))).to.deep.equal({});
    expect(base()).to.equal(5);
  });

  it("have another declared base told to the function, which sets it, and nothing else", async () => {
    deployment.configure({ onDemandBaseCapacity: 2 });
    expect(steps(succeeded(await deployment.up()))).to.deep.equal([
      "update aws:lambda/function:Function spotproof-fallback",
    ]);
    expect(declaredBase()).to.equal("2");
    expect(base()).to.equal(5);
  });

  it("leave every other member of the policy to the program", async () => {
    deployment.configure({ onDemandPercentageAboveBaseCapacity: 10 });
    expect(steps(succeeded(await deployment.up()))).to.deep.equal([`update ${GROUP} spotproof-group`]);
    expect(policy().instancesDistribution).to.include({ onDemandPercentageAboveBaseCapacity: 10 });
  });

  it("are taken back by the function once none may stand in, which stays for that", async () => {
    deployment.configure({ onDemandFallback: { maxInstances: 0 } });
    expect(steps(succeeded(await deployment.up()))).to.deep.equal([
      "update aws:lambda/function:Function spotproof-fallback",
    ]);
  });

  it("don't hold up a destroy", async () => {
    succeeded(await deployment.destroy());
    expect(deployment.account.size).to.equal(0);
  });
});
