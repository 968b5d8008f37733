import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { BalancedService } from "../../../components/balancedService";
import { SharedBalancer } from "../../../components/balancer/sharedBalancer";
import { SpotCluster } from "../../../components/spotCluster";
import { CLUSTER, SERVICE } from "../../support/fixtures";
import { record, recordFailure, type Recorded, type Recording } from "../../support/recorder";
import { declareShared, recordShared, sharedRefusal, type Behind } from "../../support/webService";

const RULE = "aws:lb/listenerRule:ListenerRule";
const LISTENER = "aws:lb/listener:Listener";
const TARGET_GROUP = "aws:lb/targetGroup:TargetGroup";
const ECS_SERVICE = "aws:ecs/service:Service";
const RECORD = "aws:route53/record:Record";
const CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1";

const SHOP: Behind = { api: { paths: ["/api/*"] }, web: { paths: ["/*"] } };

/** The rules that requests come to a service by. */
const rulesOf = (recording: Recording, service: string): Recorded[] =>
  recording.ofType(RULE).filter(({ name }) => name.startsWith(`${service}-rule`));

const priorityOf = ({ inputs }: Recorded): number => inputs.priority as number;

describe("a shared balancer", () => {
  it("is one load balancer for services with a target group each", async () => {
    const recording = await recordShared(SHOP);
    expect(recording.ofType("aws:lb/loadBalancer:LoadBalancer")).to.have.lengthOf(1);
    expect(recording.ofType(TARGET_GROUP).map(({ name }) => name)).to.deep.equal(["api-targets", "web-targets"]);
    const [api] = rulesOf(recording, "api");
    expect(api?.inputs).to.deep.include({
      listenerArn: recording.only(LISTENER).outputs.arn,
      conditions: [{ pathPattern: { values: ["/api/*"] } }],
      actions: [{ type: "forward", targetGroupArn: recording.only(TARGET_GROUP, "api-targets").outputs.arn }],
    });
  });

  it("answers 404 to what is for none of them", async () => {
    const recording = await recordShared(SHOP);
    const notFound = {
      type: "fixed-response",
      fixedResponse: { contentType: "text/plain", messageBody: "Not found", statusCode: "404" },
    };
    expect(recording.only(LISTENER).inputs.defaultActions).to.deep.equal([notFound]);
    const last = recording.only(RULE, "front-not-found");
    expect(last.inputs).to.deep.include({ conditions: [{ pathPattern: { values: ["/*"] } }], actions: [notFound] });
    for (const rule of ["api", "web"].flatMap((service) => rulesOf(recording, service)))
      expect(priorityOf(rule)).to.be.below(priorityOf(last));
  });

  it("redirects HTTP to HTTPS where it has a certificate, and its rules are of HTTPS", async () => {
    const recording = await recordShared(SHOP, { certificateArn: CERTIFICATE });
    const https = recording.only(LISTENER, "front-https");
    expect(recording.only(LISTENER, "front-http").inputs).to.deep.nested.include({
      "defaultActions[0].type": "redirect",
    });
    for (const rule of recording.ofType(RULE)) expect(rule.inputs.listenerArn, rule.name).to.equal(https.outputs.arn);
  });

  it("has one way to the instances, however many services are behind it", async () => {
    const recording = await recordShared(SHOP);
    const into = recording
      .ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
      .filter(({ inputs }) => inputs.referencedSecurityGroupId !== undefined);
    expect(into.map(({ inputs }) => [inputs.securityGroupId, inputs.referencedSecurityGroupId])).to.deep.equal([
      ["shop-instances-id", "front-alb-id"],
    ]);
    for (const service of recording.ofType(ECS_SERVICE)) expect(recording.needs(service, into[0]!)).to.equal(true);
  });

  it("stands in the public subnets of its cluster's VPC, or in the private ones", async () => {
    const subnetsOf = async (internal: boolean) => {
      const recording = await record(() => {
        const cluster = new SpotCluster("shop", { ...CLUSTER, vpcId: undefined, subnetIds: undefined });
        return new SharedBalancer("front", { cluster, internal });
      });
      return recording.only("aws:lb/loadBalancer:LoadBalancer").inputs.subnets as string[];
    };
    expect((await subnetsOf(false))[0]).to.equal("shop-vpc-public-1");
    expect((await subnetsOf(true))[0]).to.equal("shop-vpc-private-1");
  });

  it("hands the args of a service's rule to its transform", async () => {
    const rewrite = [{ type: "url-rewrite", urlRewriteConfig: { rewrite: { regex: "^/api/", replace: "/" } } }];
    const recording = await recordShared({
      api: { paths: ["/api/*"], transform: { listenerRule: (args) => ({ ...args, transforms: rewrite }) } },
    });
    expect(rulesOf(recording, "api")[0]?.inputs.transforms).to.deep.equal(rewrite);
  });
});

describe("a service behind a shared balancer", () => {
  it("gets requests once its tasks run, whose targets the balancer knows before by a rule that none come to", async () => {
    const recording = await recordShared(SHOP);
    const service = recording.only(ECS_SERVICE, "api");
    const holder = recording.only(RULE, "api-target-holder");
    const [rule] = rulesOf(recording, "api");
    expect(holder.inputs.actions).to.deep.equal(rule?.inputs.actions);
    expect(recording.needs(service, holder)).to.equal(true);
    expect(recording.needs(rule!, service)).to.equal(true);
    expect(recording.needs(service, rule!)).to.equal(false);
  });

  it("has that rule behind the balancer's last one, where AWS's provider puts one without a priority", async () => {
    const recording = await recordShared(SHOP);
    const holder = recording.only(RULE, "api-target-holder");
    expect(holder.inputs).not.to.have.property("priority");
    expect(recording.needs(holder, recording.only(RULE, "front-not-found"))).to.equal(true);
  });

  it("is found at its first host, or where the balancer is", async () => {
    const urls: Record<string, string> = {};
    await record(async () => {
      const cluster = new SpotCluster("shop", CLUSTER);
      const balancer = new SharedBalancer("front", { cluster, domainNames: ["*.example.com"], hostedZoneId: "Z1" });
      const services = {
        api: new BalancedService("api", { ...SERVICE, cluster, balancer, hosts: ["*.example.com", "api.example.com"] }),
        web: new BalancedService("web", { ...SERVICE, cluster, balancer, paths: ["/web/*"] }),
      };
      for (const [name, service] of Object.entries(services))
        await new Promise<void>((done) => service.balancer.url.apply((url) => done(void (urls[name] = url))));
    });
    expect(urls).to.deep.equal({
      api: "https://api.example.com",
      web: "https://front-alb-1.eu-west-1.elb.amazonaws.com",
    });
  });
});

describe("the names of a shared balancer", () => {
  const NAMED = { domainNames: ["shop.example.com"], hostedZoneId: "Z1" };

  it("wait for every service behind it, and for their rules", async () => {
    const recording = await recordShared(SHOP, NAMED);
    const alias = recording.only(RECORD, "front-a-shop.example.com");
    for (const needed of [...recording.ofType(ECS_SERVICE), ...rulesOf(recording, "api"), ...rulesOf(recording, "web")])
      expect(recording.needs(alias, needed), needed.name).to.equal(true);
  });

  it("hold nobody up who waits for the balancer", async () => {
    const recording = await record(() => {
      const cluster = new SpotCluster("shop", CLUSTER);
      const balancer = new SharedBalancer("front", { cluster, ...NAMED });
      new BalancedService("api", { ...SERVICE, cluster, balancer, paths: ["/*"] }, { dependsOn: [balancer] });
    });
    expect(recording.ofType(ECS_SERVICE)).to.have.lengthOf(1);
  });

  it("don't wait for a service that is declared after a pause of the program, which is told so", async () => {
    const warnings: string[] = [];
    const log = pulumi.log as { warn: typeof pulumi.log.warn };
    const { warn } = log;
    log.warn = (message) => Promise.resolve(void warnings.push(message));
    try {
      const recording = await record(async () => {
        const cluster = new SpotCluster("shop", CLUSTER);
        const balancer = new SharedBalancer("front", { cluster, ...NAMED });
        new BalancedService("api", { ...SERVICE, cluster, balancer, paths: ["/api/*"] });
        for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve));
        new BalancedService("late", { ...SERVICE, cluster, balancer, paths: ["/late/*"] });
      });
      const alias = recording.only(RECORD, "front-a-shop.example.com");
      expect(recording.needs(alias, recording.only(ECS_SERVICE, "api"))).to.equal(true);
      expect(recording.needs(alias, recording.only(ECS_SERVICE, "late"))).to.equal(false);
      const ofPauses = warnings.filter((warning) => warning.includes("after a pause of the program"));
      expect(ofPauses, warnings.join("\n")).to.have.lengthOf(1);
      expect(ofPauses[0]).to.match(/^late was declared .* when its load balancer is replaced\./);
    } finally {
      log.warn = warn;
    }
  });

  it("are there before any service is", async () => {
    expect((await recordShared({}, NAMED)).only(RECORD, "front-a-shop.example.com").inputs.type).to.equal("A");
  });
});

describe("a shared balancer's input", () => {
  it("is checked as that of any load balancer", async () => {
    const message = await sharedRefusal({}, { certificateArn: CERTIFICATE, domainNames: ["a.example.com"] });
    expect(message).to.contain("SharedBalancer front: 2 problems");
  });

  const REFUSED: readonly [string, object, RegExp][] = [
    ["no hosts and no paths", {}, /hosts: given nothing; .*paths: \["\/\*"\]/],
    ["a host without a dot", { hosts: ["localhost"] }, /hosts\[0\]: given "localhost"/],
    ["a host in capitals", { hosts: ["API.example.com"] }, /change: give "api\.example\.com"/],
    ["a host of wildcards", { hosts: ["*.*.*.example.com"] }, /hosts\[0\]: .*at most 2 of the wildcards/],
    ["a wildcard behind the last dot", { hosts: ["example.*"] }, /hosts\[0\]: given "example\.\*"/],
    ["a path without its slash", { paths: ["api/*"] }, /paths\[0\]: .*change: give "\/api\/\*"/],
    ["a path with a query", { paths: ["/api?a=b c"] }, /paths\[0\]: .*without query/],
    ["a path twice", { paths: ["/api", "/api"] }, /paths\[1\]: .*remove it/],
    ["a priority beyond the balancer's last rule", { paths: ["/"], priority: 45000 }, /lower it to 44999 or less/],
    ["a certificate of its own", { paths: ["/"], certificateArn: CERTIFICATE }, /give it to the SharedBalancer/],
    [
      "a transform of the balancer",
      { paths: ["/"], transform: { loadBalancer: (args: object) => args } },
      /transform\.loadBalancer: .*give it to the SharedBalancer/,
    ],
    [
      "requests longer than the balancer waits",
      { paths: ["/"], longestRequestSeconds: 120 },
      /the SharedBalancer's idleTimeoutSeconds: given 60; .*raise it to 120/,
    ],
  ];
  for (const [what, args, message] of REFUSED) {
    it(`may not be, of a service behind it, ${what}`, async () => {
      expect(await sharedRefusal({ api: args })).to.match(message);
    });
  }

  it("may not be of a service on another cluster", async () => {
    const { message } = await recordFailure(() => {
      const balancer = declareShared({});
      const cluster = new SpotCluster("other", CLUSTER);
      return new BalancedService("api", { ...SERVICE, cluster, balancer, paths: ["/*"] });
    });
    expect(message).to.contain('balancer: given "front"; allowed: a SharedBalancer of the service\'s own cluster');
  });

  it("may not be a host that its certificate isn't for", async () => {
    const named = { domainNames: ["shop.example.com", "*.example.org"], hostedZoneId: "Z1" };
    const message = await sharedRefusal({ api: { hosts: ["a.example.org", "a.b.example.org"] } }, named);
    expect(message).to.contain('hosts[1]: given "a.b.example.org"').and.not.to.contain("hosts[0]");
    expect(message).to.contain("add it to the SharedBalancer's domainNames");
  });
});
