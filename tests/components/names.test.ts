import { expect } from "chai";
import fc from "fast-check";
import { elbName, nameProblems, parseArn } from "../../components/names";

const longNames = fc.stringMatching(/^[a-z][a-z0-9-]{24,60}$/);

describe("a load balancer's logical name", () => {
  it("fits 32 characters once Pulumi has added a hyphen and seven digits", () => {
    fc.assert(fc.property(longNames, (name) => elbName(name).length + 8 <= 32));
  });

  it("is the name itself where that fits", () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{0,23}$/), (name) => elbName(name) === name));
  });

  it("differs where the names differ", () => {
    fc.assert(fc.property(longNames, longNames, (a, b) => a === b || elbName(a) !== elbName(b)));
  });

  it("is the same every time, for a changed one would replace the load balancer", () => {
    expect(elbName("a-service-with-a-rather-long-name-alb")).to.equal("a-service-with-a-651da0");
  });
});

describe("a component's name", () => {
  it("is letters, digits and hyphens, short enough for the names made from it", () => {
    expect(nameProblems("shop-1")).to.be.empty;
    for (const name of ["", "1shop", "shop-", "shop_1", "Shop 1", "a".repeat(37)]) {
      expect(nameProblems(name), name).to.have.lengthOf(1);
    }
  });
});

describe("an ARN", () => {
  it("is taken apart at its first five colons", () => {
    expect(parseArn("arn:aws:logs:eu-west-1:123456789012:log-group:api:*")).to.deep.equal({
      partition: "aws",
      service: "logs",
      region: "eu-west-1",
      accountId: "123456789012",
      resource: "log-group:api:*",
    });
  });
});
