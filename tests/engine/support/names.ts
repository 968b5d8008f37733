/** Names that a test's program takes from the configuration. */
import { expect } from "chai";
import type { Deployment } from "./deployment";
import { leastServing, succeeded, unansweredIn } from "./outcomes";

/** A child or component gets a name of the user's, and then its old one again, on a stack that goes on serving. */
export async function renameAndBack(deployment: Deployment, name: string): Promise<void> {
  for (const given of [`my-${name.toLowerCase().slice(0, 20)}`, undefined]) {
    deployment.configure({ [`names:${name}`]: given });
    const up = succeeded(await deployment.up());
    expect(up.calls).not.to.be.empty;
    expect(leastServing(up)).to.equal(2);
    expect(unansweredIn(up)).to.be.empty;
  }
}

/** What could not be replaced by one beside it may have no name. */
export async function expectNameRefused(deployment: Deployment, child: string): Promise<void> {
  deployment.configure({ [`names:${child}`]: "mine" });
  const { error, calls } = await deployment.preview();
  deployment.configure({ [`names:${child}`]: undefined });
  expect(error).to.include(`transform.${child}.name: given "mine"; allowed: none: Pulumi names it`);
  expect(calls).to.deep.equal([]);
}
