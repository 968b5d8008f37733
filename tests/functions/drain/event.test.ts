import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { parseEvent } from "../../../functions/drain/event";
import { check, NOW, notice, recommendation, sweep } from "./fakeAws";

const ID = "i-1234567890abcdef0";

/** The sample in the file's header. */
function sample(): string {
  const text = readFileSync(path.join(__dirname, "../../../functions/drain/event.ts"), "utf8");
  const json = /```json\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  return json.replaceAll(/^ \* /gm, "");
}

describe("a message on the events queue", () => {
  it("that is the sample in the header is an interruption two minutes after its time", () => {
    expect(parseEvent(sample(), NOW + 700)).to.deep.equal({
      kind: "interruption",
      instanceId: ID,
      noticedAt: NOW,
      deadline: NOW + 120_000,
    });
  });

  it("that is a check keeps its instance and deadline", () => {
    const event = { kind: "check", instanceId: ID, deadline: NOW + 5 };
    expect(parseEvent(check(ID, NOW + 5), NOW)).to.deep.equal(event);
  });

  it("of the schedule is a sweep, unless a later one must have come", () => {
    expect(parseEvent(sweep(NOW - 60_000), NOW)).to.deep.equal({ kind: "sweep" });
    expect(parseEvent('{"detail-type":"Scheduled Event"}', NOW)).to.deep.equal({ kind: "sweep" });
    const old = { kind: "ignored", reason: "an old sweep: a later one has come" };
    expect(parseEvent(sweep(NOW - 60_001), NOW)).to.deep.equal(old);
  });

  it("that is a recommendation keeps its instance and its moment, which is none to come", () => {
    const event = { kind: "recommendation", instanceId: ID };
    expect(parseEvent(recommendation(ID, NOW - 5), NOW)).to.deep.equal({ ...event, at: NOW - 5 });
    expect(parseEvent(recommendation(ID, NOW + 5), NOW)).to.deep.equal({ ...event, at: NOW });
  });

  it("from a clock ahead of ours gives the instance its two minutes and no more", () => {
    expect(parseEvent(notice(ID, NOW + 3_600_000), NOW)).to.include({ noticedAt: NOW, deadline: NOW + 120_000 });
  });

  it("is dropped with a reason once its instance was to end", () => {
    expect(parseEvent(notice(ID), NOW + 119_999)).to.include({ kind: "interruption" });
    const reason = `too late: ${ID} was to end 0 s ago`;
    expect(parseEvent(notice(ID), NOW + 120_000)).to.deep.equal({ kind: "ignored", reason });
    expect(parseEvent(check(ID, NOW - 3000), NOW)).to.include({ reason: `too late: ${ID} was to end 3 s ago` });
  });

  const ignored: [what: string, body: unknown, reason: string][] = [
    ["nothing", undefined, "not JSON"],
    ["a null body", null, "not a JSON object"],
    ["no JSON", "{", "not JSON"],
    ["JSON that is a number", "7", "not a JSON object"],
    ["a list", "[]", "unknown event null"],
    ["a recommendation for nothing", recommendation("nobody"), "recommendation without an instance id"],
    [
      "a recommendation of no time",
      recommendation(ID).replace(/"time":"[^"]*"/, '"time":"soon"'),
      "recommendation without a time",
    ],
    [
      "a recommendation of another source",
      recommendation(ID).replace("aws.ec2", "my.own"),
      'unknown event "EC2 Instance Rebalance Recommendation"',
    ],
    ["an event of another kind", '{"source":"aws.ec2","detail-type":"Other"}', 'unknown event "Other"'],
    [
      "a notice of another source",
      notice(ID).replace("aws.ec2", "my.own"),
      'unknown event "EC2 Spot Instance Interruption Warning"',
    ],
    [
      "a notice with detail null",
      JSON.stringify({ ...(JSON.parse(notice(ID)) as object), detail: null }),
      "notice without an instance id",
    ],
    [
      "a notice without a time",
      JSON.stringify({ ...(JSON.parse(notice(ID)) as object), time: undefined }),
      "notice without a time",
    ],
    ["a notice whose id is a filter", notice("i-1' or true"), "notice without an instance id"],
    ["a check without an id", '{"kind":"check","deadline":1}', "check without an instance id"],
    ["a check without a deadline", `{"kind":"check","instanceId":"${ID}"}`, "check without a deadline"],
    [
      "a check that would go on for ever",
      check(ID, NOW + 126_000),
      "check whose deadline is further away than any notice's",
    ],
  ];
  for (const [what, body, reason] of ignored) {
    it(`that is ${what} is ignored: ${reason}`, () => {
      expect(parseEvent(body, NOW)).to.deep.equal({ kind: "ignored", reason });
    });
  }

  it("never makes the parser throw", () => {
    const key = fc.constantFrom("kind", "instanceId", "deadline", "detail-type", "source", "time", "detail");
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom("check", "aws.ec2", "EC2 Spot Instance Interruption Warning", "Scheduled Event", ID, -1e300),
      fc.record({ "instance-id": fc.oneof(fc.constant(ID), fc.jsonValue()) }),
    );
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc.dictionary(key, value).map((each) => JSON.stringify(each)),
    );
    fc.assert(
      fc.property(body, (text) => {
        const event = parseEvent(text, NOW);
        if (event.kind === "ignored") expect(event.reason).to.be.a("string").that.is.not.empty;
        if ("deadline" in event)
          expect(event.deadline)
            .to.be.greaterThan(NOW)
            .and.at.most(NOW + 125_000);
      }),
    );
  });
});
