import { expect } from "chai";
import { readSettings } from "../../../functions/scaleIn/settings";
import { ENVIRONMENT, SETTINGS } from "./fakeAws";

describe("the scale-in function's settings", () => {
  it("come from its environment", () => {
    expect(readSettings(ENVIRONMENT)).to.deep.equal(SETTINGS);
  });

  it("may be of a service without balancer and without alarms to scale out", () => {
    const settings = readSettings({ ...ENVIRONMENT, TARGET_GROUP_ARNS: "[]", SCALE_OUT_ALARM_NAMES: "[]" });
    expect(settings).to.include({ workPatienceSeconds: 0 });
    expect([...settings.targetGroupArns, ...settings.scaleOutAlarmNames]).to.be.empty;
  });

  it("may say how much load a task may have", () => {
    expect(readSettings(ENVIRONMENT).mostPerTask).to.equal(undefined);
    expect(readSettings({ ...ENVIRONMENT, MOST_PER_TASK: "2" }).mostPerTask).to.equal(2);
  });

  it("name every variable that is not set", () => {
    for (const name of Object.keys(ENVIRONMENT)) expect(() => readSettings({}), name).to.throw(`${name} is not set`);
  });

  const wrong: Readonly<Record<string, readonly string[]>> = {
    TARGET_GROUP_ARNS: ["arn", '{"a":1}', "[1]", '[""]'],
    SCALE_OUT_ALARM_NAMES: ["alarm", "[null]"],
    LOAD_METRICS: [
      "null",
      "[]",
      '[{"namespace":"n"}]',
      '{"namespace":"n","metricName":"m","stat":"Sum","dimensions":{}}',
      '[{"namespace":"n","metricName":"m","stat":"Sum","dimensions":{"a":1}}]',
    ],
    TIERS: ["[]", "2", '[{"below":0,"remove":1}]', '[{"below":10,"remove":0.5}]', '[{"below":10}]', "[null]"],
    TIERS_PER: ["minute"],
    MOST_SHARE_PERCENT: ["0", "101", "half"],
    MOST_PER_TASK: ["0", "half"],
    CHECK_INTERVAL_SECONDS: ["0", "901", "1.5"],
    HEALTH_CHECK_SECONDS: ["0", "often"],
    SETTLE_SECONDS: ["-1", "soon"],
    WORK_PATIENCE_SECONDS: ["-1", "Infinity"],
  };
  for (const [name, values] of Object.entries(wrong)) {
    it(`refuse a wrong ${name}, and say what is allowed and what to do`, () => {
      for (const value of values) {
        const read = (): unknown => readSettings({ ...ENVIRONMENT, [name]: value });
        expect(read, value).to.throw(`Scale-in function's environment: ${name} is ${value}: `);
        expect(read, value).to.throw("Deploy the service again.");
      }
    });
  }

  it("name everything that is wrong at once", () => {
    expect(() => readSettings({ ...ENVIRONMENT, TIERS: "[]", QUEUE_URL: "", SETTLE_SECONDS: "x" })).to.throw(
      /QUEUE_URL is not set; TIERS is .*; SETTLE_SECONDS is x: a whole number of seconds, at least 1\./,
    );
  });
});
