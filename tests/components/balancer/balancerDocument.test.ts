import { compileFunction } from "node:vm";
import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { BalancedService } from "../../../components/balancedService";
import { SharedBalancer } from "../../../components/balancer/sharedBalancer";
import { SpotCluster } from "../../../components/spotCluster";
import { readText } from "../../project/project";
import { CLUSTER, SERVICE } from "../../support/fixtures";
import { record, type Recording } from "../../support/recorder";

const CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1";

interface Example {
  readonly title: string;
  readonly code: string;
}

/** The document's code, each piece by the heading above it. */
function examples(): Example[] {
  let title = "";
  return [...readText("docs/balancer.md").matchAll(/^#+ (.*)$|^```ts\n([\s\S]*?)^```/gm)].flatMap(
    ([, heading, code]) => {
      title = heading ?? title;
      return code === undefined ? [] : [{ title, code }];
    },
  );
}

/** Runs an example as a program that has what the document says it has. */
function run({ code }: Example): Promise<Recording> {
  return record(() => {
    const cluster = new SpotCluster("shop-cluster", CLUSTER);
    const given = {
      aws,
      BalancedService,
      SharedBalancer,
      cluster,
      service: { ...SERVICE, cluster },
      hostedZoneId: "Z1",
      certificateArn: CERTIFICATE,
      webAclArn: "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/1",
    };
    const program = compileFunction(code, Object.keys(given)) as (...values: unknown[]) => void;
    program(...Object.values(given));
  });
}

const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const LISTENER = "aws:lb/listener:Listener";
const TARGET_GROUP = "aws:lb/targetGroup:TargetGroup";
const RULE = "aws:lb/listenerRule:ListenerRule";

const inputsOf = (recording: Recording, type: string, name?: string) => recording.only(type, name).inputs;

const clientsOf = (recording: Recording) =>
  recording
    .ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    .flatMap(({ inputs }) => (inputs.cidrIpv4 ?? inputs.cidrIpv6 ?? []) as string | string[]);

/** Services in the order in which their rules are looked at. */
const servicesInOrder = (recording: Recording) =>
  recording
    .ofType(RULE)
    .filter(({ name }) => name.includes("-rule"))
    .sort((a, b) => Number(a.inputs.priority) - Number(b.inputs.priority))
    .map(({ name }) => name.split("-rule")[0]);

/** What each example is there for. */
const SHOWS: Readonly<Record<string, (recording: Recording) => void>> = {
  "Names in Route 53": (it) => {
    expect(inputsOf(it, "aws:acm/certificate:Certificate").domainName).to.equal("shop.example.com");
    expect(it.ofType("aws:route53/record:Record").filter(({ inputs }) => inputs.aliases)).to.have.lengthOf(2);
  },
  "A certificate that you have": (it) =>
    expect(inputsOf(it, LISTENER, "api-https").certificateArn).to.contain("certificate/6f0c1c1e"),
  "Several certificates": (it) =>
    expect(inputsOf(it, "aws:lb/listenerCertificate:ListenerCertificate").certificateArn).to.contain("0f7b8c55"),
  "Another TLS policy": (it) =>
    expect(inputsOf(it, LISTENER, "api-https").sslPolicy).to.equal("ELBSecurityPolicy-TLS13-1-2-2021-06"),
  "Ranges of clients": (it) => {
    expect(inputsOf(it, LOAD_BALANCER).internal).to.equal(true);
    expect(clientsOf(it)).to.deep.equal(["10.0.0.0/8"]);
  },
  IPv6: (it) => expect(clientsOf(it)).to.deep.equal(["203.0.113.0/24", "2001:db8::/32"]),
  "Access logs": (it) => {
    expect(inputsOf(it, LOAD_BALANCER).accessLogs).to.deep.include({ bucket: "api-access-logs", prefix: "api" });
    expect(it.ofType("aws:s3/bucketPolicy:BucketPolicy")).to.have.lengthOf(1);
  },
  "A bucket that you have": (it) => {
    expect(inputsOf(it, LOAD_BALANCER).accessLogs).to.deep.include({ bucket: "all-our-logs" });
    expect(it.ofType("aws:s3/bucket:Bucket")).to.be.empty;
  },
  "Connection logs": (it) =>
    expect(inputsOf(it, LOAD_BALANCER).connectionLogs).to.deep.equal({ bucket: "api-access-logs", enabled: true }),
  "Long requests": (it) => expect(inputsOf(it, LOAD_BALANCER).idleTimeout).to.equal(120),
  "Which task gets a request": (it) =>
    expect(inputsOf(it, TARGET_GROUP).loadBalancingAlgorithmType).to.equal("least_outstanding_requests"),
  "Sticky sessions": (it) => expect(inputsOf(it, TARGET_GROUP).stickiness).to.deep.include({ type: "lb_cookie" }),
  "Slow start": (it) => expect(inputsOf(it, TARGET_GROUP).slowStart).to.equal(60),
  "A web application firewall": (it) =>
    expect(inputsOf(it, "aws:wafv2/webAclAssociation:WebAclAssociation").resourceArn).to.equal(
      it.only(LOAD_BALANCER).outputs.arn,
    ),
  "Deletion protection": (it) => expect(inputsOf(it, LOAD_BALANCER).enableDeletionProtection).to.equal(true),
  "By path": (it) => expect(servicesInOrder(it)).to.deep.equal(["api", "api", "web"]),
  "By host": (it) => expect(servicesInOrder(it)).to.deep.equal(["api", "tenants"]),
  "The order of rules": (it) => expect(servicesInOrder(it)).to.deep.equal(["status", "web"]),
  "A path that the tasks don't know": (it) => {
    const rule = it.ofType(RULE).find(({ inputs }) => inputs.transforms);
    expect(rule?.name).to.match(/^api-rule-/);
  },
};

describe("the document on the load balancer", () => {
  for (const example of examples()) {
    it(`shows what works under "${example.title}"`, async () => {
      const shows = SHOWS[example.title];
      if (!shows) throw new Error(`nothing is known to look for under "${example.title}"`);
      shows(await run(example));
    });
  }

  it("has an example of everything that it should show", () => {
    expect(examples().map(({ title }) => title)).to.have.members(Object.keys(SHOWS));
  });
});
