import { expect } from "chai";
import { rehearse } from "../../rehearsal/rehearse";
import { readScenario } from "../../rehearsal/scenario";
import type { LogLine } from "../../rehearsal/world/log";

const SCENARIO = readScenario("refresh");
const NAMES = ["two", "twoTurnedOff"];

describe("a new AMI for two instances", () => {
  const log = new Map<string, LogLine[]>(NAMES.map((name) => [name, []]));
  let failed: Record<string, number>;

  before(async function () {
    this.timeout(120_000);
    const variants = SCENARIO.variants.filter((each) => typeof each !== "string" && NAMES.includes(each.name));
    const { result } = await rehearse({
      scenario: { ...SCENARIO, variants, days: 0.15 },
      allFlags: false,
      watcher: {
        begin: () => undefined,
        progress: () => undefined,
        sink: (name) => (line) => void log.get(name)!.push(line),
      },
      wallClock: () => 0,
    });
    failed = Object.fromEntries(Object.entries(result.variants).map(([name, each]) => [name, each.requests.failed]));
    expect(result.variants.two!.lawsBroken).to.deep.equal([]);
  });

  const of = (name: string, event: string): LogLine[] => log.get(name)!.filter((line) => line.event === event);

  it("is brought to both in the window, without a failed request", () => {
    const [amiAt] = of("two", "ssm.NewAmi").map(({ t }) => t);
    const [started] = of("two", "autoScaling.InstanceRefreshStarted").map(({ t }) => t);
    expect(amiAt).to.equal(3_600_000);
    // The window opens at 02:00; the rehearsal begins at 00:30.
    expect(started).to.be.within(5_400_000, 5_460_000);
    expect(of("two", "autoScaling.InstanceRefreshSucceeded")).to.have.lengthOf(1);
    const refreshed = of("two", "autoScaling.Terminating").filter(({ cause }) => cause === "instance refresh");
    expect(refreshed).to.have.lengthOf(2);
    expect(failed.two).to.equal(0);
  });

  it("costs thousands of requests where somebody turns both off instead", () => {
    expect(failed.twoTurnedOff).to.be.greaterThan(1000);
  });
});
