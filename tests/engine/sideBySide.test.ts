import { expect } from "chai";
import { Account } from "./aws/account";
import { Deployment } from "./support/deployment";
import { GIVEN_VPC } from "./support/networks";
import { succeeded } from "./support/outcomes";

describe("stacks of one account side by side", () => {
  const account = new Account();
  const deployments: Record<string, Deployment> = {};
  before(async () => {
    const stacks = { dev: "eu-west-1", prod: "eu-west-1", elsewhere: "us-east-1" };
    for (const [stack, region] of Object.entries(stacks)) {
      const config = { ...(stack === "prod" ? {} : GIVEN_VPC), "aws:region": region };
      deployments[stack] = await Deployment.create({ account, stack: stack === "elsewhere" ? "dev" : stack, config });
    }
    await Promise.all(Object.values(deployments).map(async (deployment) => succeeded(await deployment.up())));
  });
  after(() => Object.values(deployments).forEach((deployment) => deployment.close()));

  it("make each resource in the region of its own stack", () => {
    const regions = account.calls.map(({ region }) => region);
    expect(new Set(regions)).to.deep.equal(new Set(["eu-west-1", "us-east-1"]));
    expect(deployments.elsewhere?.stateText()).not.to.include("eu-west-1");
    expect(deployments.dev?.stateText()).not.to.include("us-east-1");
  });

  it("name nothing of each other", () => {
    for (const [name, deployment] of Object.entries(deployments)) {
      const others = Object.entries(deployments).filter(([other]) => other !== name);
      for (const id of idsIn(deployment)) {
        for (const [other, { stateText }] of others.map(
          ([key, each]) => [key, { stateText: each.stateText() }] as const,
        ))
          expect(stateText.includes(`"${id}"`), `${id} of ${name} in ${other}`).to.equal(false);
      }
    }
  });

  it("go one by one, each with what is its own", async () => {
    const before = account.size;
    const own = idsIn(deployments.dev!).length;
    succeeded(await deployments.dev!.destroy());
    expect(account.size).to.equal(before - own);
    succeeded(await deployments.prod!.destroy());
    succeeded(await deployments.elsewhere!.destroy());
    expect(account.size).to.equal(0);
  });
});

/** Of the resources of AWS in a stack's state. */
function idsIn(deployment: Deployment): string[] {
  const { checkpoint } = JSON.parse(deployment.stateText()) as {
    checkpoint: { latest: { resources: { type: string; id?: string }[] } };
  };
  return checkpoint.latest.resources.flatMap(({ type, id }) =>
    type.startsWith("aws:") && id !== undefined ? [id] : [],
  );
}
