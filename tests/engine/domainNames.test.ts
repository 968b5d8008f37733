import { expect } from "chai";
import { Deployment, type Outcome } from "./support/deployment";
import { GIVEN_VPC } from "./support/networks";
import { changed, leastServing, succeeded, unansweredIn } from "./support/outcomes";

const CERTIFICATE = "aws:acm/certificate:Certificate";
const SHOP = { host: "shop.example.com", path: "/" };

describe("a stack with names of its own", () => {
  let deployment: Deployment;
  const change = (config: object): Promise<Outcome> => changed(deployment, config);
  const certified = (): unknown[] =>
    deployment.account.all(CERTIFICATE).map(({ props }) => [props.domainName, props.subjectAlternativeNames]);

  before(async () => {
    deployment = await Deployment.create({ config: GIVEN_VPC });
    succeeded(await deployment.up());
  });
  after(() => deployment.close());

  it("gets a certificate, HTTPS and the names while it serves, and answers by them", async () => {
    const names = { domainNames: ["shop.example.com"], hostedZoneId: "Z0123456789ABCDEFGHIJ" };
    deployment.account.watched = [SHOP];
    const up = await change(names);
    expect(leastServing(up)).to.equal(2);
    expect(up.calls.at(-1)?.unanswered).to.be.empty;
    expect((await deployment.outputs()).url?.value).to.equal("https://shop.example.com");
  });

  it("takes more names, with another certificate that the listener has before the old one goes", async () => {
    const up = await change({ domainNames: ["shop.example.com", "*.shop.example.com"] });
    expect(unansweredIn(up)).to.be.empty;
    expect(certified()).to.deep.equal([["shop.example.com", ["*.shop.example.com"]]]);
    deployment.account.watched = [SHOP, { host: "my.shop.example.com", path: "/" }];
  });

  it("moves its names to another load balancer once that serves", async () => {
    const up = await change({ internal: true });
    expect(unansweredIn(up)).to.be.empty;
    expect(leastServing(up)).to.equal(2);
  });

  it("gives up a name, and all of them, in an order that AWS accepts", async () => {
    deployment.account.watched = [SHOP];
    expect(unansweredIn(await change({ domainNames: ["shop.example.com"] }))).to.be.empty;
    expect(leastServing(await change({ domainNames: undefined, hostedZoneId: undefined }))).to.equal(2);
    expect(certified()).to.be.empty;
    succeeded(await deployment.destroy());
    expect(deployment.account.size).to.equal(0);
  });
});
