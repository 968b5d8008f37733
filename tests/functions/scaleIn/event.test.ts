import { expect } from "chai";
import fc from "fast-check";
import { parseEvent, type ScaleInEvent } from "../../../functions/scaleIn/event";
import { alarmChange, check, MINUTE, NOW, S, SETTINGS, sweep } from "./fakeAws";

const parse = (body: unknown, now = NOW): ScaleInEvent => parseEvent(body, SETTINGS, now);

describe("a message on the scale-in function's queue", () => {
  it("is the low alarm's change to ALARM", () => {
    expect(parse(alarmChange())).to.deep.equal({ kind: "alarm" });
  });

  it("is no other alarm's, and no other change", () => {
    expect(parse(alarmChange("api-cpu-high"))).to.deep.equal({
      kind: "ignored",
      reason: 'another alarm, "api-cpu-high"',
    });
    for (const value of ["OK", "INSUFFICIENT_DATA"]) {
      expect(parse(alarmChange(SETTINGS.lowAlarmName, value)).kind).to.equal("ignored");
    }
  });

  it("is the schedule's, which looks for forgotten marks every fifth minute by its own time", () => {
    const looks = Array.from({ length: 11 }, (_, minute) => parse(sweep(NOW + minute * MINUTE), NOW + minute * MINUTE));
    const which = looks.flatMap((event, minute) => (event.kind === "sweep" && event.looks ? [minute] : []));
    expect(which).to.deep.equal([0, 5, 10]);
    expect(looks.every((event) => event.kind === "sweep")).to.equal(true);
  });

  it("is dropped where it is the schedule's of a minute that is over", () => {
    expect(parse(sweep(NOW), NOW + 60 * S).kind).to.equal("sweep");
    expect(parse(sweep(NOW), NOW + 61 * S)).to.deep.equal({
      kind: "ignored",
      reason: "an old sweep: a later one has come",
    });
  });

  it("is the function's own check, of this service, for a while", () => {
    expect(parse(check(NOW + 75 * S))).to.deep.equal({ kind: "check", service: "api", until: NOW + 75 * S });
    expect(parse(check(NOW, "api", NOW - S))).to.include({ outAt: NOW - S });
    for (const outAt of [NOW + 1, "soon"]) {
      const body = JSON.stringify({ kind: "check", service: "api", until: NOW, outAt });
      expect(parse(body)).to.deep.equal({ kind: "check", service: "api", until: NOW });
    }
    expect(parse('{"kind":"check","service":"api"}')).to.deep.equal({ kind: "check", service: "api", until: 0 });
    expect(parse(check(NOW, "web"))).to.include({ kind: "ignored" });
    expect(parse(check(NOW + 3600 * S))).to.include({ kind: "ignored" });
    expect(parse('{"kind":"check","service":"api","until":"soon"}')).to.include({ kind: "ignored" });
  });

  it("never throws, and says why it ignores what it doesn't know", () => {
    const strange = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constant(null),
      fc.anything().map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(strange, (body) => {
        const event = parse(body);
        expect(event.kind === "ignored" ? event.reason : event.kind).to.not.equal("");
      }),
    );
    for (const source of ["aws.cloudwatch", "aws.ec2"]) {
      const foreign = { source, "detail-type": "CloudWatch Alarm State Change", detail: null };
      expect(parse(JSON.stringify(foreign)).kind).to.equal("ignored");
    }
  });
});
