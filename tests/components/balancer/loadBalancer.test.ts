import * as aws from "@pulumi/aws";
import { expect } from "chai";
import type { WebServiceArgs } from "../../support/webService";
import { recordWeb, refusalOf } from "../../support/webService";

const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const LISTENER = "aws:lb/listener:Listener";
const TARGET_GROUP = "aws:lb/targetGroup:TargetGroup";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const RULE = "aws:lb/listenerRule:ListenerRule";
const CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1";

describe("a service's own load balancer", () => {
  it("has AWS's timeouts, HTTP/2, no deletion protection, and drops headers with invalid names", async () => {
    expect((await recordWeb()).only(LOAD_BALANCER).inputs).to.deep.include({
      loadBalancerType: "application",
      internal: false,
      ipAddressType: "ipv4",
      idleTimeout: 60,
      clientKeepAlive: 3600,
      enableHttp2: true,
      enableDeletionProtection: false,
      dropInvalidHeaderFields: true,
      xffHeaderProcessingMode: "append",
    });
  });

  it("takes another answer to each of them", async () => {
    const recording = await recordWeb({
      internal: true,
      idleTimeoutSeconds: 300,
      clientKeepAliveSeconds: 600,
      enableHttp2: false,
      enableDeletionProtection: true,
      dropInvalidHeaderFields: false,
      xffHeaderProcessingMode: "remove",
    });
    expect(recording.only(LOAD_BALANCER).inputs).to.include({
      internal: true,
      idleTimeout: 300,
      clientKeepAlive: 600,
      enableHttp2: false,
      enableDeletionProtection: true,
      dropInvalidHeaderFields: false,
      xffHeaderProcessingMode: "remove",
    });
  });

  it("negotiates TLS by the policy given", async () => {
    const tlsPolicy = "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09";
    const recording = await recordWeb({ certificateArn: CERTIFICATE, tlsPolicy });
    expect(recording.only(LISTENER, "api-https").inputs.sslPolicy).to.equal(tlsPolicy);
  });

  it("has more certificates on its HTTPS listener, which the client's SNI chooses from", async () => {
    const other = "arn:aws:acm:eu-west-1:123456789012:certificate/2";
    const recording = await recordWeb({ certificateArn: CERTIFICATE, sniCertificateArns: { "example.org": other } });
    const sni = recording.only("aws:lb/listenerCertificate:ListenerCertificate", "api-sni-example.org");
    expect(sni.inputs).to.deep.equal({
      listenerArn: recording.only(LISTENER, "api-https").outputs.arn,
      certificateArn: other,
    });
  });

  it("lets everyone in whom its addresses let come, or the ranges given", async () => {
    const clientsOf = async (args: WebServiceArgs) =>
      (await recordWeb(args))
        .ofType(INGRESS)
        .filter(({ inputs }) => inputs.securityGroupId === "api-alb-id")
        .map(({ inputs }) => inputs.cidrIpv4 ?? inputs.cidrIpv6);
    expect(await clientsOf({})).to.deep.equal(["0.0.0.0/0"]);
    expect(await clientsOf({ ipAddressType: "dualstack" })).to.deep.equal(["0.0.0.0/0", "::/0"]);
    const clientCidrs = ["10.0.0.0/8", "2001:db8::/32"];
    expect(await clientsOf({ ipAddressType: "dualstack", clientCidrs })).to.deep.equal(clientCidrs);
  });

  it("goes round its tasks, or sends a request to the task with the fewest, or keeps from tasks that do badly", async () => {
    const algorithmOf = async (loadBalancingAlgorithm?: WebServiceArgs["loadBalancingAlgorithm"]) => {
      const { inputs } = (await recordWeb({ loadBalancingAlgorithm })).only(TARGET_GROUP);
      return [inputs.loadBalancingAlgorithmType, inputs.loadBalancingAnomalyMitigation];
    };
    expect(await algorithmOf()).to.deep.equal(["round_robin", "off"]);
    expect(await algorithmOf("least_outstanding_requests")).to.deep.equal(["least_outstanding_requests", "off"]);
    expect(await algorithmOf("weighted_random")).to.deep.equal(["weighted_random", "on"]);
  });

  it("needs no rules, since every request is for its service", async () => {
    expect((await recordWeb({ certificateArn: CERTIFICATE })).ofType(RULE)).to.be.empty;
  });
});

describe("what is rarer about a load balancer", () => {
  it("sticky sessions are put on by a transform", async () => {
    const stickiness = { type: "lb_cookie", cookieDuration: 3600 };
    const recording = await recordWeb({ transform: { targetGroup: (args) => ({ ...args, stickiness }) } });
    expect(recording.only(TARGET_GROUP).inputs.stickiness).to.deep.equal(stickiness);
  });

  it("so is slow start, which new tasks get less at first by", async () => {
    const recording = await recordWeb({ transform: { targetGroup: (args) => ({ ...args, slowStart: 60 }) } });
    expect(recording.only(TARGET_GROUP).inputs.slowStart).to.equal(60);
  });

  it("slow start is refused with an algorithm that goes by how a task does", async () => {
    const transform = { targetGroup: (args: aws.lb.TargetGroupArgs) => ({ ...args, slowStart: 60 }) };
    const message = await refusalOf({ loadBalancingAlgorithm: "least_outstanding_requests", transform });
    expect(message).to.contain("transform.targetGroup slowStart: given 60");
    expect(message).to.contain('set loadBalancingAlgorithm to "round_robin"');
  });

  it("a web ACL is associated with the load balancer", async () => {
    const webAclArn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/1";
    const recording = await recordWeb({}, ({ balancer }) => {
      const resourceArn = balancer.loadBalancer.arn;
      return new aws.wafv2.WebAclAssociation("api-waf", { resourceArn, webAclArn });
    });
    const association = recording.only("aws:wafv2/webAclAssociation:WebAclAssociation");
    const loadBalancer = recording.only(LOAD_BALANCER);
    expect(association.inputs).to.deep.equal({ resourceArn: loadBalancer.outputs.arn, webAclArn });
    expect(recording.needs(association, loadBalancer)).to.equal(true);
  });

  it("connections are logged beside the requests", async () => {
    const recording = await recordWeb({
      accessLogs: true,
      transform: { loadBalancer: (args) => ({ ...args, connectionLogs: args.accessLogs }) },
    });
    const { inputs } = recording.only(LOAD_BALANCER);
    expect(inputs.connectionLogs).to.deep.equal({ bucket: "api-access-logs", enabled: true });
    expect(inputs.connectionLogs).to.deep.equal(inputs.accessLogs);
  });
});

describe("a load balancer's input", () => {
  const REFUSED: readonly [string, object, RegExp][] = [
    [
      "a certificate and names to make one for",
      { certificateArn: CERTIFICATE, domainNames: ["a.example.com"], hostedZoneId: "Z1" },
      /domainNames: given \["a\.example\.com"\]; .*; change: remove one of the two/,
    ],
    ["names without their zone", { domainNames: ["a.example.com"] }, /hostedZoneId: given nothing; .*Route 53 zone/],
    ["a zone without names", { hostedZoneId: "Z1" }, /domainNames: given nothing; .*remove hostedZoneId/],
    ["no names at all", { domainNames: [], hostedZoneId: "Z1" }, /domainNames: given 0; allowed: 1 to 100 names/],
    [
      "a name in capitals",
      { domainNames: ["API.example.com"], hostedZoneId: "Z1" },
      /domainNames\[0\]: given "API\.example\.com"; .*change: give "api\.example\.com"/,
    ],
    [
      "a wildcard inside a name",
      { domainNames: ["api.*.example.com"], hostedZoneId: "Z1" },
      /domainNames\[0\]: given "api\.\*\.example\.com"; allowed: a domain name/,
    ],
    [
      "a name twice",
      { domainNames: ["a.example.com", "a.example.com"], hostedZoneId: "Z1" },
      /domainNames\[1\]: .*change: remove it/,
    ],
    [
      "a first name that no certificate can be issued to",
      { domainNames: [`${"a".repeat(60)}.example.com`], hostedZoneId: "Z1" },
      /at most 64 characters in the first one/,
    ],
    [
      "more certificates and no first one",
      { sniCertificateArns: { a: CERTIFICATE } },
      /give one of them as certificate/,
    ],
    [
      "more certificates than a listener takes",
      {
        certificateArn: CERTIFICATE,
        sniCertificateArns: Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`${index}`, CERTIFICATE])),
      },
      /sniCertificateArns: given 26; allowed: at most 25/,
    ],
    [
      "TLS 1.0",
      { certificateArn: CERTIFICATE, tlsPolicy: "ELBSecurityPolicy-2016-08" },
      /tlsPolicy: given "ELBSecurityPolicy-2016-08"; allowed: .*TLS 1\.2 or 1\.3/,
    ],
    ["TLS 1.1", { tlsPolicy: "ELBSecurityPolicy-TLS13-1-1-2021-06" }, /tlsPolicy: given/],
    ["an IPv6 range without IPv6", { clientCidrs: ["2001:db8::/32"] }, /clientCidrs\[0\]: .*set ipAddressType/],
    ["a range from its middle", { clientCidrs: ["10.1.2.3/8"] }, /clientCidrs\[0\]: .*change: give "10\.0\.0\.0\/8"/],
    ["a range twice", { clientCidrs: ["10.0.0.0/8", "10.0.0.0/8"] }, /clientCidrs\[1\]: .*each range once/],
    ["no timeout", { idleTimeoutSeconds: 0 }, /idleTimeoutSeconds: given 0; allowed: a whole number from 1 to 4000/],
    ["too long a timeout", { idleTimeoutSeconds: 4001 }, /lower it to 4000 or less/],
    [
      "a timeout that cuts requests off",
      { longestRequestSeconds: 90, idleTimeoutSeconds: 60 },
      /idleTimeoutSeconds: given 60; allowed: at least longestRequestSeconds, which is 90.*raise it to 90/,
    ],
    ["too short a keep-alive", { clientKeepAliveSeconds: 10 }, /clientKeepAliveSeconds: .*raise it to 60 or more/],
    ["an unknown type of address", { ipAddressType: "ipv6" }, /ipAddressType: given "ipv6"/],
    ["an unknown X-Forwarded-For", { xffHeaderProcessingMode: "apend" }, /did you mean append\?/],
    ["an unknown algorithm", { loadBalancingAlgorithm: "round robin" }, /did you mean round_robin\?/],
    ["logs at a prefix with a slash at its end", { accessLogs: { prefix: "logs/" } }, /accessLogs\.prefix: given/],
    ["logs under the folder that AWS adds", { accessLogs: { prefix: "AWSLogs" } }, /accessLogs\.prefix: given/],
    ["logs kept for no time", { accessLogs: { expireDays: 0 } }, /accessLogs\.expireDays: .*raise it to 1/],
    [
      "expiry of a bucket that isn't made here",
      { accessLogs: { bucket: "logs", expireDays: 5 } },
      /accessLogs\.bucket: given "logs"; allowed: expireDays and forceDestroy for a bucket made here only/,
    ],
    ["hosts of no shared balancer", { hosts: ["a.example.com"] }, /hosts: .*remove it, or give a SharedBalancer/],
    ["paths of none", { paths: ["/*"] }, /paths: .*sends it every request/],
    ["a rule's priority without rules", { priority: 5 }, /priority: given 5/],
  ];
  for (const [what, args, message] of REFUSED) {
    it(`may not be ${what}`, async () => {
      expect(await refusalOf(args)).to.match(message);
    });
  }

  it("is told of everything that is wrong at once", async () => {
    const message = await refusalOf({
      domainNames: ["a b"],
      tlsPolicy: "SSL",
      clientCidrs: ["all"],
      clientKeepAliveSeconds: 1,
      hosts: ["x"],
    });
    expect(message).to.contain("6 problems");
  });

  it("makes the timeout as long as requests are, up to AWS's longest: longer ones must say something on their way", async () => {
    const timeoutFor = async (longestRequestSeconds: number) =>
      (await recordWeb({ longestRequestSeconds })).only(LOAD_BALANCER).inputs.idleTimeout;
    expect(await timeoutFor(30)).to.equal(60);
    expect(await timeoutFor(90)).to.equal(90);
    expect(await timeoutFor(7200)).to.equal(4000);
  });
});
