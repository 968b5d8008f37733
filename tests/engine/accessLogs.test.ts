import path from "node:path";
import { expect } from "chai";
import { Deployment, type Outcome } from "./support/deployment";
import { changed, leastServing, steps, succeeded } from "./support/outcomes";

const BUCKET = "aws:s3/bucket:Bucket";

describe("access logs", () => {
  let deployment: Deployment;
  const change = async (accessLogs: object | undefined): Promise<Outcome> => {
    const up = await changed(deployment, { "logged:accessLogs": accessLogs });
    expect(leastServing(up)).to.equal(2);
    return up;
  };
  const logging = (): unknown =>
    deployment.account
      .all("aws:lb/loadBalancer:LoadBalancer")
      .map(({ props }) => (props.accessLogs as object & { enabled: boolean }).enabled)[0];

  before(async () => {
    deployment = await Deployment.create({ program: path.join(__dirname, "programs/logged.ts") });
    succeeded(await deployment.up());
  });
  after(() => deployment.close());

  it("begin once the bucket lets the load balancer write", async () => {
    await change({});
    expect(logging()).to.equal(true);
    expect(deployment.account.all(BUCKET).map(({ live }) => live.hasObjects)).to.deep.equal([true]);
  });

  it("end with the bucket kept, because AWS deletes none with logs in it", async () => {
    deployment.configure({ "logged:accessLogs": undefined });
    const failed = await deployment.up();
    expect(failed.error).to.include("BucketNotEmpty");
    expect(leastServing(failed)).to.equal(2);
    expect(logging()).to.equal(false);
    expect(deployment.account.all(BUCKET)).to.have.length(1);
  });

  it("go with their bucket where an update before has allowed it", async () => {
    await change({ forceDestroy: true });
    const up = await change(undefined);
    expect(steps(up))
      .to.include("update aws:lb/loadBalancer:LoadBalancer api-alb")
      .and.include(`delete ${BUCKET} api-access-logs`);
    expect(logging()).to.equal(false);
    expect(deployment.account.all(BUCKET)).to.be.empty;
  });

  it("are no obstacle to a destroy then", async () => {
    await change({ forceDestroy: true });
    succeeded(await deployment.destroy());
    expect(deployment.account.size).to.equal(0);
  });
});
