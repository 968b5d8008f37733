import { expect } from "chai";
import * as functions from "../../functions/timeBudget";
import * as policies from "../../policies/timeBudget";

describe("the rules' time budget", () => {
  it("is the components' and the functions'", () => {
    const { INTERRUPTION_NOTICE_SECONDS, DETECTION_SECONDS, MARGIN_SECONDS } = functions;
    expect({ ...policies }).to.deep.equal({ INTERRUPTION_NOTICE_SECONDS, DETECTION_SECONDS, MARGIN_SECONDS });
  });
});
