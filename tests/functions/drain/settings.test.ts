import { expect } from "chai";
import { readSettings } from "../../../functions/drain/settings";
import { SETTINGS } from "./fakeAws";

const ENVIRONMENT = {
  CLUSTER_ARN: SETTINGS.clusterArn,
  AUTO_SCALING_GROUP_NAME: SETTINGS.autoScalingGroupName,
  QUEUE_URL: SETTINGS.queueUrl,
  REPLACEMENT: "detach",
  RECOMMENDATIONS: "ignore",
  RECOMMENDATION_MINUTES: "60",
  STOP_TIMEOUT_SECONDS: "60",
  CHECK_INTERVAL_SECONDS: "5",
};

describe("the drain function's settings", () => {
  it("come from its environment", () => {
    expect(readSettings(ENVIRONMENT)).to.deep.equal(SETTINGS);
    expect(readSettings({ ...ENVIRONMENT, REPLACEMENT: "capacityRebalancing" }).replacement).to.equal(
      "capacityRebalancing",
    );
  });

  it("name every problem at once, and what to do", () => {
    const environment = { ...ENVIRONMENT, QUEUE_URL: "", REPLACEMENT: "both", STOP_TIMEOUT_SECONDS: "1.5" };
    expect(() => readSettings(environment)).to.throw(
      "Drain function's environment: REPLACEMENT is both: capacityRebalancing or detach; QUEUE_URL is not set; " +
        "STOP_TIMEOUT_SECONDS is 1.5: a whole number of seconds, at least 1. Deploy the cluster again.",
    );
    for (const name of Object.keys(ENVIRONMENT)) {
      expect(() => readSettings({}), name).to.throw(`${name} is not set`);
    }
  });

  for (const seconds of ["0", "-1", "1.5", "soon", "Infinity"]) {
    it(`refuse ${seconds} for a number of seconds`, () => {
      const environment = { ...ENVIRONMENT, CHECK_INTERVAL_SECONDS: seconds };
      expect(() => readSettings(environment)).to.throw(`CHECK_INTERVAL_SECONDS is ${seconds}`);
    });
  }
});
