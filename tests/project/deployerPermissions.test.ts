import { expect } from "chai";
import { BalancedService } from "../../components/balancedService";
import { SharedBalancer } from "../../components/balancer/sharedBalancer";
import { SpotCluster } from "../../components/spotCluster";
import { SqsWorkerTier } from "../../components/sqsWorkerTier";
import type { Row } from "../../tools/docs/deployer/actions";
import {
  deployerPolicies,
  LONGEST_POLICY,
  policyLength,
  policyText,
  type PolicyDocument,
} from "../../tools/docs/deployer/policies";
import { declaredBy, declaredByAllStacks, declaredByProgram, type Declared } from "../../tools/docs/deployer/program";
import { awsTypes, POLICIES, ROWS, withoutRow } from "../../tools/docs/deployer/rows";
import { TIER } from "../components/worker/tierFixture";
import { CLUSTER, recordService, SERVICE } from "../support/fixtures";
import { record } from "../support/recorder";

const ROW_ACTIONS = (row: Row): string[] => [...row.create, ...row.read, ...(row.update ?? []), ...row.delete];

/** Whatever the components can declare. */
async function declaredWithEverything(): Promise<Declared> {
  const { resources } = await record(() => {
    const cluster = new SpotCluster("shop", CLUSTER);
    const names = { domainNames: ["shop.example.com"], hostedZoneId: "Z0123456789ABCDEFGHIJ" };
    const certificate = "arn:aws:acm:eu-west-1:123456789012:certificate/0f7b8c55-5b0a-4d1e-8a51-8f5b1d2f9a11";
    const balancer = new SharedBalancer("front", {
      cluster,
      ...names,
      accessLogs: true,
      sniCertificateArns: { other: certificate },
    });
    const scaling = { minCount: 2, maxCount: 9, schedules: [{ cron: "0 20 ? * MON-FRI *", minCount: 2 }] };
    const image = { context: "tests/fixtures/plainProgram" };
    new BalancedService("api", { ...SERVICE, cluster, balancer, paths: ["/api/*"], image, scaling });
    new SqsWorkerTier("mail", { ...TIER, cluster });
  });
  return declaredBy(resources);
}

describe("the deployer's permissions", () => {
  let declared: Declared;
  let policies: ReturnType<typeof deployerPolicies>;
  before(async function () {
    this.timeout(60_000);
    declared = await declaredByAllStacks();
    policies = deployerPolicies(declared);
  });

  const statements = (...names: (keyof typeof policies)[]): PolicyDocument["Statement"] =>
    names.flatMap((name) => policies[name].Statement);

  it("have a row for every type that a stack or a component can declare, and none for another", async () => {
    const types = awsTypes([...declared.types, ...(await declaredWithEverything()).types]);
    expect(withoutRow(types)).to.be.empty;
    expect(POLICIES.flatMap((policy) => Object.keys(ROWS[policy]))).to.have.members(types);
  });

  it("are for what the stacks declare only", async () => {
    const scales = ({ functions, compute }: typeof policies): boolean =>
      policyText(functions).includes("application-autoscaling:RegisterScalableTarget") &&
      policyText(compute).includes("aws-service-role/ecs.application-autoscaling.amazonaws.com");
    expect(scales(policies)).to.equal(false);
    expect(scales(deployerPolicies(await declaredWithEverything()))).to.equal(true);
  });

  it("cover the resources of a VPC made by the cluster", () => {
    expect(declared.types).to.include("awsx:ec2:Vpc");
    expect(awsTypes(declared.types)).to.include("aws:ec2/natGateway:NatGateway").and.not.include("awsx:ec2:Vpc");
  });

  it("fail for a type without a row, which they name", () => {
    const more = { ...declared, types: [...declared.types, "aws:dynamodb/table:Table"] };
    expect(() => deployerPolicies(more)).to.throw("no row for aws:dynamodb/table:Table");
  });

  it("allow every action of the rows", async () => {
    const everything = deployerPolicies(await declaredWithEverything());
    const all = [policies, everything].flatMap((each) => POLICIES.flatMap((policy) => each[policy].Statement));
    const allowed = new Set(all.flatMap(({ Action }) => Action));
    const needed = POLICIES.flatMap((policy) => Object.values(ROWS[policy]).flatMap(ROW_ACTIONS));
    expect(needed.filter((action) => !allowed.has(action))).to.be.empty;
  });

  it("name actions whole", () => {
    for (const { Action } of statements(...POLICIES, "preview"))
      for (const action of Action) expect(action).to.match(/^[a-z0-9]+:[A-Z]\w+$/);
  });

  it("leave the resource open only for reads, where AWS has no narrower one or a condition narrows it", () => {
    const open = statements(...POLICIES, "preview").filter(({ Resource }) => Resource.includes("*"));
    const unnarrowed = open.filter(({ Condition }) => Condition === undefined).flatMap(({ Action }) => Action);
    expect(unnarrowed.filter((action) => !action.includes(":Describe"))).to.deep.equal([
      "ecs:DeregisterTaskDefinition",
    ]);
  });

  it("stay within the account, the Region and the components' names", () => {
    for (const { Sid, Resource } of statements(...POLICIES, "preview")) {
      for (const arn of Resource.filter((each) => each !== "*")) {
        expect(arn, Sid).to.match(/^arn:aws:([a-z0-9-]+:REGION|iam:|cloudwatch:):(ACCOUNT_ID)?:/);
        if (/:(iam|ecs|sqs|sns|events|logs|autoscaling|cloudwatch|elasticloadbalancing):/.test(arn))
          expect(arn, Sid).to.match(/spotproof-\*|web-\*|aws-service-role/);
      }
    }
  });

  it("pass roles to the services that trust them, and to no other", () => {
    const passing = statements(...POLICIES).filter(({ Action }) => Action.includes("iam:PassRole"));
    expect(passing.map(({ Condition }) => Condition)).to.deep.equal([
      {
        StringEquals: {
          "iam:PassedToService": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "lambda.amazonaws.com"],
        },
      },
    ]);
    expect(passing[0]!.Resource).to.deep.equal(
      ["spotproof", "web"].map((name) => `arn:aws:iam::ACCOUNT_ID:role/${name}-*`),
    );
  });

  it("let a preview read, and nothing else", () => {
    for (const action of statements("preview").flatMap(({ Action }) => Action))
      expect(action).to.match(/:(Describe|Get|List)/);
  });

  it("cover a worker tier of another program, and let nobody at the jobs in its queues", async () => {
    const { functions, ...others } = deployerPolicies(await declaredByProgram("examples/web-and-workers"));
    const queues = functions.Statement.find(({ Sid }) => Sid === "Sqs");
    expect(queues?.Action).to.include.members(["sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:DeleteQueue"]);
    expect(queues?.Resource).to.include("arn:aws:sqs:REGION:ACCOUNT_ID:jobs-*");
    const all = [functions, ...Object.values(others)];
    expectToFit({ functions, ...others });
    for (const { Action } of all.flatMap(({ Statement }) => Statement))
      expect(Action.filter((action) => /^sqs:.*Message|^sqs:PurgeQueue/.test(action))).to.be.empty;
  });

  it("are of a program that has a stack", async () => {
    const message = await declaredByProgram("examples").catch((error: Error) => error.message);
    expect(message).to.equal(
      "Deployer's permissions: given examples; allowed: a program's folder with a Pulumi.<stack>.yaml; add one",
    );
  });

  it("fit IAM's managed policies, for the longest Region's name", () => expectToFit(policies));

  function expectToFit(given: Readonly<Record<string, PolicyDocument>>): void {
    for (const [name, policy] of Object.entries(given)) {
      const filled = policyText(policy).replaceAll("ACCOUNT_ID", "123456789012").replaceAll("REGION", "ap-southeast-2");
      expect(policyLength(JSON.parse(filled) as PolicyDocument), name).to.be.below(LONGEST_POLICY);
      const ids = policy.Statement.map(({ Sid }) => Sid);
      expect(new Set(ids).size, name).to.equal(ids.length);
    }
  }

  it("follow the names that a program gives its components", async () => {
    const { resources } = await recordService();
    expect(declaredBy(resources).components).to.deep.equal(["api", "shop"]);
    const { functions } = deployerPolicies(declaredBy(resources));
    expect(policyText(functions)).to.include("function:shop-*").and.not.include("spotproof-*");
  });
});
