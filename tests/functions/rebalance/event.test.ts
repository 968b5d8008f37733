import { expect } from "chai";
import { parseEvent } from "../../../functions/rebalance/event";
import { MINUTE, NOW } from "../scaleIn/fakeAws";
import { launched, schedule } from "./fakeAws";

const OURS = { autoScalingGroupName: "shop", intervalMinutes: 15 };
const parse = (body: unknown, now = NOW) => parseEvent(body, OURS, now);
const own = (message: object): string => JSON.stringify(message);

describe("what arrives on the rebalance function's queue", () => {
  it("is the schedule, with every third of which an interval of 15 minutes begins", () => {
    const begins = [0, 5, 10, 15, 20].map((minutes) => {
      const at = NOW + minutes * MINUTE;
      return parse(schedule(at), at);
    });
    expect(begins).to.deep.equal([true, false, false, true, false].map((each) => ({ kind: "schedule", begins: each })));
  });

  it("is an instance of the group, and no other's", () => {
    expect(parse(launched())).to.deep.equal({ kind: "joined" });
    expect(parse(launched("other"))).to.deep.equal({ kind: "ignored", reason: `another group's instance, "other"` });
  });

  it("is its own messages", () => {
    const look = { kind: "look", until: NOW + MINUTE, begins: true };
    expect(parse(own(look))).to.deep.equal(look);
    const check = { kind: "check", service: "api", until: NOW + MINUTE, outAt: NOW - 1 };
    expect(parse(own(check))).to.deep.equal(check);
  });

  const IGNORED: Readonly<Record<string, unknown>> = {
    "not JSON": "{",
    "not a JSON object": "1",
    'unknown event "Something"': own({ "detail-type": "Something" }),
    "an old schedule: a later one has come": schedule(NOW - 6 * MINUTE),
    "look that doesn't say until when": own({ kind: "look" }),
    "look that goes on for longer than any": own({ kind: "look", until: NOW + 20 * MINUTE }),
    "check that names no service": own({ kind: "check", until: NOW }),
  };
  for (const [reason, body] of Object.entries(IGNORED)) {
    it(`is ignored: ${reason}`, () => expect(parse(body)).to.deep.equal({ kind: "ignored", reason }));
  }
});
