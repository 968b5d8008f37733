import { expect } from "chai";
import { nearestType } from "../../../rehearsal/inputs/instanceTypeNeighbour";
import { priceTable } from "../../../rehearsal/inputs/prices";
import { SHIPPED_FACTS } from "../../../rehearsal/inputs/prices.data";
import { fixture, inputErrorOf, problemsOf, recorded, removeFixtures } from "./files";

after(removeFixtures);

const prices = (...lines: string[]) => fixture("prices.csv", lines);
const ONDEMAND = "instance_type,ondemand_usd_per_h";
const ADVISOR = "region,instance_type,savings_pct,interruption_bucket";
const HISTORY = "instance_type,timestamp_utc,spot_usd_per_h";

describe("the shipped prices", () => {
  it("know the common types of us-east-1 as facts", () => {
    const table = priceTable("us-east-1");
    expect(table.onDemandUsdPerHour("m5.large")).to.equal(0.096);
    expect(table.spotUsdPerHour("m5.large", 0)).to.be.closeTo(0.0326, 5e-5);
    expect(table.interruptionBucket("m5.large")).to.equal(3);
    expect(table.estimated("m5.large")).to.equal(null);
    expect(table.source).to.equal("shipped table of us-east-1");
  });

  it("are sensible for every type of every shipped Region", () => {
    for (const [region, types] of Object.entries(SHIPPED_FACTS)) {
      const table = priceTable(region);
      for (const type of types.keys()) {
        expect(table.onDemandUsdPerHour(type), type).to.be.within(0.01, 4);
        expect(table.spotUsdPerHour(type, 0), type).to.be.within(0, table.onDemandUsdPerHour(type));
        expect(table.interruptionBucket(type), type).to.be.within(0, 4);
      }
    }
  });

  it("say where a Region's price is an estimate", () => {
    const table = priceTable("eu-west-1");
    expect(table.onDemandUsdPerHour("m5.large")).to.equal(0.107);
    expect(table.onDemandUsdPerHour("m6a.large")).to.be.closeTo(0.0965, 1e-4);
    expect(table.estimated("m6a.large")).to.equal("on-demand price from us-east-1 × 1.117");
  });

  it("estimate an unknown type from its neighbour by size, and say so", () => {
    const table = priceTable("us-east-1");
    expect(table.onDemandUsdPerHour("m5.8xlarge")).to.equal(2 * table.onDemandUsdPerHour("m5.4xlarge"));
    expect(table.estimated("m5.8xlarge")).to.equal(
      "on-demand price from m5.4xlarge by size, saving and interruption bucket of m5.4xlarge",
    );
  });

  it("refuse a type without a neighbour and a Region without facts, with a way out", () => {
    expect(inputErrorOf(() => priceTable("us-east-1").onDemandUsdPerHour("u9.large")).message).to.contain(
      "--prices FILE",
    );
    expect(problemsOf(() => priceTable("us-east-1").interruptionBucket("m5.metal"))).to.deep.equal([
      "instance type m5.metal",
    ]);
    expect(problemsOf(() => priceTable("mars-1"))).to.deep.equal(["region mars-1"]);
  });

  it("agree with the lists that they come from", function () {
    const advisor = recorded(this, "price/spot_advisor_linux_2025-06.csv");
    const onDemand = recorded(this, "price/ec2_instances_us-east-1_2026-07.csv");
    const table = priceTable("us-east-1");
    const lists = priceTable("us-east-1", [advisor, onDemand]);
    for (const type of SHIPPED_FACTS["us-east-1"]!.keys()) {
      expect(table.spotUsdPerHour(type, 0), type).to.equal(lists.spotUsdPerHour(type, 0));
      expect(table.interruptionBucket(type), type).to.equal(lists.interruptionBucket(type));
    }
  });
});

describe("the nearest type", () => {
  const known = ["c6g.large", "c6i.large", "m5.large", "m5.4xlarge", "m6a.large", "m7g.large"];

  it("is of the same series, then architecture, options, generation and size", () => {
    expect(nearestType("m5.2xlarge", known)).to.include({ type: "m5.4xlarge", sizeRatio: 0.5 });
    expect(nearestType("m7a.xlarge", known)).to.include({ type: "m6a.large", sizeRatio: 2 });
    expect(nearestType("m6gd.large", known)).to.include({ type: "m7g.large", sizeRatio: 1 });
    expect(nearestType("c6a.large", known)).to.include({ type: "c6i.large" });
  });

  it("is none for another series, a size without a factor or no type at all", () => {
    for (const type of ["r5.large", "m5.metal", "large", ""]) expect(nearestType(type, known)).to.equal(undefined);
  });
});

describe("price files", () => {
  it("override the shipped on-demand price", () => {
    const table = priceTable("us-east-1", [prices(`${ONDEMAND},vcpu`, "m5.large,0.5,2", "x9.large,1,2")]);
    expect(table.onDemandUsdPerHour("m5.large")).to.equal(0.5);
    expect(table.onDemandUsdPerHour("x9.large")).to.equal(1);
    expect(table.onDemandUsdPerHour("m5.xlarge")).to.equal(0.192);
    expect(table.source).to.equal("shipped table of us-east-1, then prices.csv");
  });

  it("override saving and bucket in their Region, also in one that isn't shipped", () => {
    const path = prices(ADVISOR, "us-east-1,m5.large,50,4", "mars-1,m5.large,10,1");
    expect(priceTable("us-east-1", [path]).spotUsdPerHour("m5.large", 0)).to.equal(0.048);
    expect(priceTable("us-east-1", [path]).interruptionBucket("m5.large")).to.equal(4);
    const mars = priceTable("mars-1", [path]);
    expect(mars.interruptionBucket("m5.large")).to.equal(1);
    expect(mars.source).to.equal("shipped prices of us-east-1 × 1.117, then prices.csv");
    expect(problemsOf(() => priceTable("eu-west-1", [path]))).to.deep.equal(["prices.csv no row of eu-west-1"]);
  });

  it("give Spot prices over time, from the rehearsal's start on", () => {
    const path = prices(
      HISTORY,
      "m5.large,2020-03-01T00:00:00Z,0.03",
      "m5.large,2020-03-01T01:00:00Z,0.04",
      "c5.large,2020-03-01T00:30:00Z,0.02",
    );
    const table = priceTable("us-east-1", [path]);
    const at = (type: string, minutes: number) => table.spotUsdPerHour(type, minutes * 60_000);
    expect([0, 59, 60, 9999].map((minutes) => at("m5.large", minutes))).to.deep.equal([0.03, 0.03, 0.04, 0.04]);
    expect(at("c5.large", 0)).to.equal(0.02);
    expect(at("c5.xlarge", 0)).to.be.closeTo(0.0748, 1e-9);
    const lowest = (type: string, from: number, to: number) =>
      table.lowestSpotUsdPerHour(type, from * 60_000, to * 60_000);
    expect([lowest("m5.large", 0, 90), lowest("m5.large", 60, 90)]).to.deep.equal([0.03, 0.04]);
    expect(lowest("c5.xlarge", 0, 90)).to.be.closeTo(0.0748, 1e-9);
  });

  it("are refused with every wrong row", () => {
    expect(
      problemsOf(() => priceTable("us-east-1", [prices(ONDEMAND, "m5.large,cheap", "c5.large,-1")])),
    ).to.deep.equal(['prices.csv:2 ondemand_usd_per_h is "cheap"', 'prices.csv:3 ondemand_usd_per_h is "-1"']);
    expect(problemsOf(() => priceTable("us-east-1", [prices(ADVISOR, "us-east-1,m5.large,120,5")]))).to.deep.equal([
      'prices.csv:2 savings_pct is "120"',
      'prices.csv:2 interruption_bucket is "5"',
    ]);
    const back = prices(HISTORY, "m5.large,2020-03-02,1", "m5.large,2020-03-02T00:00,1", "m5.large,2020-03-01T00:00,1");
    expect(problemsOf(() => priceTable("us-east-1", [back]))).to.deep.equal([
      'prices.csv:2 timestamp_utc is "2020-03-02"',
      "prices.csv:4 timestamp_utc of m5.large goes back",
    ]);
    expect(problemsOf(() => priceTable("us-east-1", [prices("type,usd", "m5.large,1")]))).to.deep.equal([
      "prices.csv:1 the columns type,usd",
    ]);
  });
});
