import path from "node:path";
import { expect } from "chai";
import type { Account } from "./aws/account";
import type { Props } from "./aws/resourceType";
import { Deployment } from "./support/deployment";
import { changes, steps, succeeded } from "./support/outcomes";

const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const GROUP = "aws:autoscaling/group:Group";

const templateOf = (account: Account) => account.all(TEMPLATE)[0]!;
const versionOf = (account: Account): string => {
  const policy = account.all(GROUP)[0]!.props.mixedInstancesPolicy as Policy;
  return policy.launchTemplate.launchTemplateSpecification.version;
};

interface Policy {
  readonly launchTemplate: { readonly launchTemplateSpecification: { readonly version: string } };
}

/** The refresh function makes a version with an AMI's id, and puts the program's own on top of it. */
function makeVersions({ props, live }: ReturnType<typeof templateOf>): number {
  const brought = Number(props.latestVersion) + 1;
  const withAmi = { ...props, imageId: "ami-0123456789abcdef0" };
  live.versions = { ...(live.versions as object), [brought]: withAmi, [brought + 1]: { ...props } };
  return brought;
}

/** What the function and AWS have done when a refresh has ended well. */
function refreshInstances(account: Account): void {
  const brought = makeVersions(templateOf(account));
  account.change(TEMPLATE, () => ({ latestVersion: brought + 1, defaultVersion: brought }));
  account.change(GROUP, ({ mixedInstancesPolicy }) => ({
    mixedInstancesPolicy: withVersion(mixedInstancesPolicy, brought),
  }));
}

function withVersion(policy: unknown, version: number): Props {
  const { launchTemplate } = policy as Policy;
  const { launchTemplateSpecification } = launchTemplate;
  return {
    ...(policy as Props),
    launchTemplate: {
      ...launchTemplate,
      launchTemplateSpecification: { ...launchTemplateSpecification, version: String(version) },
    },
  };
}

/** What is left of one that AWS rolled back. */
function rollBack(account: Account): void {
  const brought = makeVersions(templateOf(account));
  account.change(TEMPLATE, () => ({ latestVersion: brought + 1 }));
}

describe("an instance refresh of the function's", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await Deployment.create({ program: path.join(__dirname, "programs/clusterAlone.ts") });
    succeeded(await deployment.up());
  });
  after(() => deployment.close());

  it("is left alone by an update without a change, which hasn't seen it", async () => {
    refreshInstances(deployment.account);
    expect(changes(succeeded(await deployment.up()))).to.deep.equal({});
    expect(versionOf(deployment.account)).to.equal("2");
  });

  it("is nothing that an update would put back, also where it looks first", async () => {
    expect(changes(succeeded(await deployment.preview({ refresh: true })))).to.deep.equal({});
  });

  it("is one difference to a refresh by Pulumi, the group's version, and none to what follows", async () => {
    expect(changes(succeeded(await deployment.refresh()))).to.deep.equal({ update: 1 });
    expect(changes(succeeded(await deployment.refresh()))).to.deep.equal({});
    expect(changes(succeeded(await deployment.preview()))).to.deep.equal({});
    expect(changes(succeeded(await deployment.up()))).to.deep.equal({});
    expect(versionOf(deployment.account)).to.equal("2");
  });

  it("that was rolled back is not begun anew by an update", async () => {
    rollBack(deployment.account);
    expect(changes(succeeded(await deployment.refresh()))).to.deep.equal({});
    expect(changes(succeeded(await deployment.up()))).to.deep.equal({});
    expect(versionOf(deployment.account)).to.equal("2");
  });

  for (const looksFirst of [false, true]) {
    const how = looksFirst ? "that has seen it" : "that hasn't";
    it(`gives way to a changed template, in an update ${how}: the parameter again, and the group goes to it`, async () => {
      refreshInstances(deployment.account);
      if (looksFirst) succeeded(await deployment.refresh());
      deployment.configure({ rootVolumeSizeGiB: looksFirst ? 50 : 40 });
      const outcome = succeeded(await deployment.up());
      expect(steps(outcome)).to.deep.equal([`update ${TEMPLATE} shop-template`, `update ${GROUP} shop-group`]);
      const { props } = templateOf(deployment.account);
      expect(props.imageId).to.match(/^resolve:ssm:/);
      expect(versionOf(deployment.account)).to.equal(String(props.defaultVersion));
      expect(props.defaultVersion).to.equal(props.latestVersion);
    });
  }
});
