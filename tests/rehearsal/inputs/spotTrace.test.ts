import { expect } from "chai";
import type { Market, MarketEvent } from "../../../rehearsal/inputs/market";
import { type LevelTrace, marketFromTrace, readSpotTrace } from "../../../rehearsal/inputs/spotTrace";
import { inputErrorOf, problemsOf, recorded, removeFixtures } from "./files";
import { AVAILABILITY, capacities, COUNTS, counts, EVENTS, GEOMETRY, marketOf, reclaims, trace } from "./traces";

after(removeFixtures);

describe("an event trace", () => {
  const path = () =>
    trace(EVENTS, "60,add,n1", "60,add,n2", "120,add,n3", "120,add,n4", "600,remove,n1", "600,remove,n2", "900,add,n5");

  it("starts empty and counts the nodes", () => {
    const { steps, durationMs, source } = readSpotTrace(path()) as LevelTrace;
    expect(steps.map(({ atMs, level }) => [atMs, level])).to.deep.equal([
      [0, 0],
      [60_000, 2],
      [120_000, 4],
      [600_000, 2],
      [900_000, 3],
    ]);
    expect(durationMs).to.equal(900_000);
    expect(source).to.equal("trace.csv: nodes of one Spot group, 0.3 h, at most 4");
  });

  it("takes removals of one instant as one fall, and refuses launches from its notice on", () => {
    const market = marketOf(path(), 4);
    expect(reclaims(market)).to.deep.equal([[600, 0.5]]);
    expect(capacities(market)).to.deep.equal([
      [0, 0],
      [60, 2],
      [120, 4],
      [480, 2],
      [900, 3],
    ]);
    expect(market.source).to.contain("scaled to 4");
  });

  it("keeps a fall that an addition at the same instant makes up for", () => {
    const refilled = trace(EVENTS, "0,add,n1", "0,add,n2", "600,remove,n1", "600,add,n3");
    expect(reclaims(marketOf(refilled))).to.deep.equal([[600, 0.5]]);
    expect(capacities(marketOf(refilled))).to.deep.equal([[0, 6]]);
  });

  it("tells every wrong row at once", () => {
    const wrong = trace(
      EVENTS,
      "soon,add,n1",
      "60,resize,n2",
      "60,add,n3",
      "30,add,n4",
      "-5,add,n5",
      "90,remove,n9",
      "99,add,n3",
    );
    expect(problemsOf(() => readSpotTrace(wrong))).to.deep.equal([
      'trace.csv:2 t_s is "soon"',
      'trace.csv:3 op is "resize"',
      "trace.csv:5 t_s goes back to 30 from 60",
      'trace.csv:6 t_s is "-5"',
      "trace.csv:7 n9 is removed while it isn't there",
      "trace.csv:8 n3 is added while it is there",
    ]);
  });
});

describe("a count trace", () => {
  it("is the capacity of all pools together, scaled to the group and never rounded to 0", () => {
    const market = marketOf(counts([0, 40], [1000, 20], [2000, 1], [3000, 0], [4000, 40]), 4);
    expect(capacities(market)).to.deep.equal([
      [0, 4],
      [880, 2],
      [1880, 1],
      [2880, 0],
      [4000, 4],
    ]);
    expect(reclaims(market)).to.deep.equal([
      [1000, 0.5],
      [2000, 0.95],
      [3000, 1],
    ]);
    expect(market.events.every((event) => Object.keys(event.pool).length === 0)).to.equal(true);
  });

  it("holds launches to the lowest level that a notice is out for, through a rise in between", () => {
    expect(capacities(marketOf(counts([0, 2], [100, 6], [180, 3])))).to.deep.equal([
      [0, 2],
      [100, 3],
    ]);
  });

  it("refuses launches from the start on for a fall within the first two minutes", () => {
    expect(capacities(marketOf(counts([0, 6], [60, 3])))).to.deep.equal([[0, 3]]);
  });

  it("reads one location of several, by option or behind a #, and lists them if none is chosen", () => {
    const path = trace(COUNTS, "c,g4dn.xlarge,x,0,1", "d,p2.xlarge,x,0,2", "c,g4dn.xlarge,x,9,3");
    expect(readSpotTrace(path, { location: "d" }).source).to.contain("#d: running count of p2.xlarge");
    expect(readSpotTrace(`${path}#c`).durationMs).to.equal(9000);
    expect(inputErrorOf(() => readSpotTrace(path)).message).to.contain(
      "2 locations; allowed: one of c, d; choose it behind a #",
    );
    expect(problemsOf(() => readSpotTrace(`${path}#e`))).to.deep.equal(['trace.csv location "e"']);
  });

  it("tells every wrong row at once", () => {
    const wrong = trace(
      COUNTS,
      "c,x,x,0,-1",
      "c,x,x,60,2.5",
      "c,x,x,60,2",
      "c,x,x,30,",
      "c,x,x,90",
      "c,x,x,Infinity,2",
    );
    expect(problemsOf(() => readSpotTrace(wrong))).to.deep.equal([
      "trace.csv:6 4 fields",
      'trace.csv:2 running is "-1"',
      'trace.csv:3 running is "2.5"',
      "trace.csv:4 t_s 60 after 60",
      'trace.csv:5 running is ""',
      "trace.csv:5 t_s 30 after 60",
      'trace.csv:7 t_s is "Infinity"',
    ]);
  });
});

describe("an availability trace", () => {
  const rows = ["x,v100,0,1000,1", "x,v100,1000,1500,0", "x,v100,1500,3000,1", "y,v100,0,2000,0", "y,v100,2000,3000,1"];
  const eventsOf = (market: Market, zone: string): MarketEvent[] =>
    market.events.filter(({ pool }) => pool.availabilityZone === zone);

  it("reclaims everything in the zone at a down edge, and refuses launches from the notice to the up edge", () => {
    const market = marketOf(trace(AVAILABILITY, ...rows));
    const pool = { availabilityZone: "a" };
    expect(eventsOf(market, "a")).to.deep.equal([
      { atMs: 0, kind: "capacity", pool, capacity: null },
      { atMs: 880_000, kind: "capacity", pool, capacity: 0 },
      { atMs: 1_000_000, kind: "reclaim", pool, share: 1, spreadMs: 0 },
      { atMs: 1_500_000, kind: "capacity", pool, capacity: null },
    ]);
    expect(eventsOf(market, "b").map(({ atMs, kind }) => [atMs, kind])).to.deep.equal([
      [0, "capacity"],
      [2_000_000, "capacity"],
    ]);
    expect(market.durationMs).to.equal(3_000_000);
  });

  it("uses zones again for a group with more zones, leaves those it doesn't need, and says both", () => {
    const recordedZones = readSpotTrace(trace(AVAILABILITY, ...rows));
    const three = marketFromTrace(recordedZones, { ...GEOMETRY, availabilityZones: ["a", "b", "c"] });
    expect(eventsOf(three, "c")).to.have.length(eventsOf(three, "a").length);
    expect(three.source).to.contain("a as x, b as y, c as x").and.contain("zones are used again");
    const one = marketFromTrace(recordedZones, { ...GEOMETRY, availabilityZones: ["a"] });
    expect(one.source).to.contain("1 of the trace's zones aren't used");
  });

  it("has nothing where no row says that it has", () => {
    const gap = trace(AVAILABILITY, "x,v100,0,1000,1", "x,v100,2000,3000,1", "x,v100,3000,4000,1");
    const edges = eventsOf(marketOf(gap), "a").map(({ atMs, kind }) => [atMs / 1000, kind]);
    expect(edges).to.deep.equal([
      [0, "capacity"],
      [880, "capacity"],
      [1000, "reclaim"],
      [2000, "capacity"],
    ]);
  });

  it("tells intervals that overlap, go back or are empty, and values other than 0 and 1", () => {
    const wrong = trace(AVAILABILITY, "x,v,0,100,1", "x,v,90,200,0", "x,v,50,300,1", "y,v,9,9,1", "y,v,9,20,2");
    expect(problemsOf(() => readSpotTrace(wrong))).to.deep.equal([
      "trace.csv:3 the interval of x from 90 overlaps the one before it, which ends at 100",
      "trace.csv:4 start_s of x goes back to 50 from 90",
      "trace.csv:5 end_s 9 and start_s 9",
      'trace.csv:6 available is "2"',
    ]);
  });

  it("asks which of several resources", () => {
    const path = trace(AVAILABILITY, "x,v1,0,100,1", "x,v8,0,100,0");
    expect(problemsOf(() => readSpotTrace(path))).to.deep.equal(["trace.csv 2 resources"]);
    expect(readSpotTrace(`${path}#v8`).source).to.contain("availability of v8");
  });
});

describe("a file that is no trace", () => {
  it("is refused with its first line and the formats", () => {
    expect(problemsOf(() => readSpotTrace("nowhere.csv"))).to.deep.equal(["nowhere.csv no such file"]);
    expect(problemsOf(() => readSpotTrace(trace()))).to.deep.equal(["trace.csv an empty file"]);
    expect(problemsOf(() => readSpotTrace(trace(EVENTS)))).to.deep.equal(["trace.csv a header without rows"]);
    expect(problemsOf(() => readSpotTrace(trace("minute,requests", "1,2")))).to.deep.equal([
      "trace.csv:1 the columns minute,requests",
    ]);
    expect(problemsOf(() => readSpotTrace(trace(EVENTS, '1,"add,n1')))[0]).to.match(/^trace.csv:\d Quote Not Closed/);
  });

  it("is told which column is missing", () => {
    const { message } = inputErrorOf(() => readSpotTrace(trace("t_s,op", "1,add")));
    expect(message).to.contain("add the column node");
  });
});

describe("the recorded traces", () => {
  it("are read with all their falls", function () {
    const events = readSpotTrace(recorded(this, "spot/events_asg_g4dn_bamboo.csv")) as LevelTrace;
    expect(events.falls).to.have.length(48);
    expect(events.falls.reduce((sum, { from, to }) => sum + from - to, 0)).to.equal(74);
    expect(Math.max(...events.steps.map(({ level }) => level))).to.equal(24);
  });

  it("give a market for each location of the counts", function () {
    const path = recorded(this, "spot/counts_asg_2020-11_bamboo.csv");
    expect(problemsOf(() => readSpotTrace(path))).to.deep.equal(["counts_asg_2020-11_bamboo.csv 4 locations"]);
    const hours = ["us-east-1c", "us-east-1d", "us-east-1e", "us-east-1"].map((location) => {
      const market = marketFromTrace(readSpotTrace(path, { location }), GEOMETRY);
      return Math.round(market.durationMs! / 3_600_000);
    });
    expect(hours).to.deep.equal([24, 13, 19, 89]);
  });

  it("give as many reclaims of a zone as it was preempted", function () {
    const path = recorded(this, "spot/preempt_1node_2023-04-22_p3_4az.csv");
    const zones = ["a", "b", "c", "d"];
    const market = marketFromTrace(readSpotTrace(path), { ...GEOMETRY, availabilityZones: zones });
    const lost = zones.map(
      (zone) => market.events.filter(({ kind, pool }) => kind === "reclaim" && pool.availabilityZone === zone).length,
    );
    expect(lost).to.deep.equal([41, 60, 44, 57]);
    expect(market.durationMs).to.equal(638_752_000);
  });
});
