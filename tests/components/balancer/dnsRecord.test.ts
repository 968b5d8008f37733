import { expect } from "chai";
import type { Recording } from "../../support/recorder";
import { recordWeb, type WebServiceArgs } from "../../support/webService";

const RECORD = "aws:route53/record:Record";
const hostedZoneId = "Z1";

const aliasesIn = (recording: Recording) => recording.ofType(RECORD).filter(({ inputs }) => inputs.aliases);

describe("the names of a load balancer", () => {
  it("are aliases of it", async () => {
    const recording = await recordWeb({ domainNames: ["shop.example.com", "*.shop.example.com"], hostedZoneId });
    expect(aliasesIn(recording).map(({ name }) => name)).to.deep.equal([
      "api-a-shop.example.com",
      "api-a-*.shop.example.com",
    ]);
    expect(recording.only(RECORD, "api-a-shop.example.com").inputs).to.deep.equal({
      zoneId: "Z1",
      name: "shop.example.com",
      type: "A",
      aliases: [
        {
          name: "api-alb-1.eu-west-1.elb.amazonaws.com",
          zoneId: recording.only("aws:lb/loadBalancer:LoadBalancer").outputs.zoneId,
          evaluateTargetHealth: true,
        },
      ],
    });
  });

  it("have IPv6 addresses where it has", async () => {
    const args: WebServiceArgs = { domainNames: ["shop.example.com"], hostedZoneId, ipAddressType: "dualstack" };
    expect(aliasesIn(await recordWeb(args)).map(({ inputs }) => inputs.type)).to.deep.equal(["A", "AAAA"]);
  });

  it("wait for the service, so that they leave a balancer only for one that serves", async () => {
    const recording = await recordWeb({ domainNames: ["shop.example.com"], hostedZoneId });
    const [alias] = aliasesIn(recording);
    expect(recording.needs(alias!, recording.only("aws:ecs/service:Service"))).to.equal(true);
  });

  it("aren't there where none are given", async () => {
    expect((await recordWeb({ certificateArn: "arn:aws:acm:eu-west-1:1:certificate/1" })).ofType(RECORD)).to.be.empty;
  });

  it("are where clients find it, the first one that is no wildcard", async () => {
    const urlOf = async (args: WebServiceArgs): Promise<string> => {
      let url = "";
      await recordWeb(
        args,
        ({ balancer }) => new Promise<void>((done) => balancer.url.apply((it) => done(void (url = it)))),
      );
      return url;
    };
    expect(await urlOf({})).to.equal("http://api-alb-1.eu-west-1.elb.amazonaws.com");
    expect(await urlOf({ domainNames: ["*.example.com", "shop.example.com"], hostedZoneId })).to.equal(
      "https://shop.example.com",
    );
    expect(await urlOf({ domainNames: ["*.example.com"], hostedZoneId })).to.equal(
      "https://api-alb-1.eu-west-1.elb.amazonaws.com",
    );
  });

  it("have their args handed to a transform", async () => {
    const weighted = { setIdentifier: "eu", weightedRoutingPolicies: [{ weight: 10 }] };
    const transform: WebServiceArgs["transform"] = { dnsRecord: (args) => ({ ...args, ...weighted }) };
    const recording = await recordWeb({ domainNames: ["shop.example.com"], hostedZoneId, transform });
    expect(aliasesIn(recording)[0]?.inputs).to.deep.include(weighted);
  });
});
