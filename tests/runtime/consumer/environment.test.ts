import { expect } from "chai";
import { consumerSettings } from "../../../runtime/consumer/environment";

const QUEUES = [{ name: "high", url: "https://sqs.test/high", weight: 3, visibilityTimeoutSeconds: 60 }];

describe("a worker's environment", () => {
  it("says what the component declared", () => {
    const settings = consumerSettings({
      SPOTPROOF_QUEUES: JSON.stringify(QUEUES),
      SPOTPROOF_POLLING: "weighted",
      SPOTPROOF_CONCURRENCY: "4",
      SPOTPROOF_STOP_TIMEOUT_SECONDS: "90",
      SPOTPROOF_PROTECTS_WORK: "false",
    });
    const rest = { polling: "weighted", concurrency: 4, stopTimeoutSeconds: 90, protectsWork: false };
    expect(settings).to.deep.equal({ queues: QUEUES, ...rest });
  });

  it("needs the queues only", () => {
    const settings = consumerSettings({ SPOTPROOF_QUEUES: JSON.stringify(QUEUES) });
    const rest = { polling: "strict", concurrency: 1, stopTimeoutSeconds: 60, protectsWork: true };
    expect(settings).to.deep.equal({ queues: QUEUES, ...rest });
  });

  it("is refused with every variable that is wrong", () => {
    const environment = {
      SPOTPROOF_QUEUES: '[{"name":"high"}]',
      SPOTPROOF_POLLING: "fair",
      SPOTPROOF_CONCURRENCY: "0",
      SPOTPROOF_STOP_TIMEOUT_SECONDS: "soon",
      SPOTPROOF_PROTECTS_WORK: "no",
    };
    for (const name of Object.keys(environment)) expect(() => consumerSettings(environment)).to.throw(`${name} is "`);
    expect(() => consumerSettings({})).to.throw("SPOTPROOF_QUEUES is missing");
  });
});
