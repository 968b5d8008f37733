import path from "node:path";
import { expect } from "chai";
import type { Call } from "./aws/account";
import { Deployment, type Outcome } from "./support/deployment";
import { changed, changes, leastServing, succeeded, unansweredIn } from "./support/outcomes";

const HOST = "shop.example.com";
const API = { name: "api", paths: ["/api/*"] };
const WEB = { name: "web", paths: ["/*"] };
const ADMIN = { name: "admin", paths: ["/admin/*"] };

const types = (calls: readonly Call[], action: Call["action"]): string[] =>
  calls.filter((call) => call.action === action).map(({ type }) => type);

describe("services behind a shared load balancer", () => {
  let deployment: Deployment;
  const change = (config: object): Promise<Outcome> => changed(deployment, config);

  before(async () => {
    const program = path.join(__dirname, "programs/shared.ts");
    deployment = await Deployment.create({ program, config: { "shared:services": [API, WEB] } });
    succeeded(await deployment.up());
    deployment.account.watched = ["/", "/api/items", "/admin/users"].map((each) => ({ host: HOST, path: each }));
  });
  after(() => deployment.close());

  it("are added while the others serve, and get requests only once they serve themselves", async () => {
    const up = await change({ "shared:services": [API, ADMIN, WEB] });
    expect(Object.keys(changes(up)).sort()).to.deep.equal(["create"]);
    expect(unansweredIn(up)).to.be.empty;
    expect(leastServing(up)).to.equal(4);
    expect(up.calls.at(-1)?.serving).to.equal(6);
  });

  it("change their paths by a rule beside the old one", async () => {
    const up = await change({ "shared:services": [{ ...API, paths: ["/api*"] }, ADMIN, WEB] });
    expect(types(up.calls, "create")).to.deep.equal(["aws:lb/listenerRule:ListenerRule"]);
    expect(types(up.calls, "delete")).to.deep.equal(["aws:lb/listenerRule:ListenerRule"]);
    expect(unansweredIn(up)).to.be.empty;
  });

  it("take another target group with another service, to which the rule goes on once that serves", async () => {
    for (const targetGroupName of ["the-api", undefined]) {
      const up = await change({ "shared:services": [{ ...API, targetGroupName }, ADMIN, WEB] });
      const created = types(up.calls, "create");
      expect(created).to.include("aws:lb/targetGroup:TargetGroup").and.include("aws:ecs/service:Service");
      expect(unansweredIn(up)).to.be.empty;
      expect(leastServing(up)).to.equal(6);
    }
    expect(deployment.account.all("aws:lb/targetGroup:TargetGroup")).to.have.length(3);
  });

  it("move to another balancer, and its name after all of them", async () => {
    const up = await change({ "shared:internal": true });
    expect(unansweredIn(up)).to.be.empty;
    const balancers = deployment.account.all("aws:lb/loadBalancer:LoadBalancer");
    expect(balancers.map(({ props }) => props.internal)).to.deep.equal([true]);
  });

  it("leave without taking a request of the others", async () => {
    const up = await change({ "shared:services": [ADMIN, WEB] });
    expect(unansweredIn(up)).to.be.empty;
    expect(up.calls.at(-1)?.serving).to.equal(4);
  });

  it("are all destroyed in an order that AWS accepts", async () => {
    succeeded(await deployment.destroy());
    expect(deployment.account.size).to.equal(0);
  });
});
