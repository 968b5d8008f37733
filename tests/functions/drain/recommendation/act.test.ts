import { expect } from "chai";
import { act, type Failure } from "../../../../functions/drain/act";
import type { Action } from "../../../../functions/drain/plan";
import { arnOf, awsError, FakeAws, idOf, NOW, SETTINGS } from "../fakeAws";

const reason = "";
const of = (instanceId: string) => ({ instanceId, containerInstanceArn: arnOf(instanceId), reason });
const mark = (instanceId: string): Action => ({ kind: "mark", ...of(instanceId), at: NOW });
const unmark = (instanceId: string): Action => ({ kind: "unmark", ...of(instanceId), inVain: true });
const activate = (instanceId: string): Action => ({ kind: "activate", ...of(instanceId) });
const attach = (instanceId: string, lowerTo?: number): Action => ({ kind: "attach", instanceId, lowerTo, reason });

const run = (aws: FakeAws, ...actions: Action[]): Promise<Failure[]> =>
  act(actions, { ports: aws.ports(), settings: SETTINGS, deadline: NOW + 20_000, ends: new Map() });

describe("acting on recommendations", () => {
  let aws: FakeAws;
  beforeEach(() => {
    aws = new FakeAws();
    for (let n = 0; n < 12; n++) aws.join(idOf(n));
  });

  it("sets instances ACTIVE in batches of 10", async () => {
    for (const each of aws.instances.values()) each.status = "DRAINING";
    expect(await run(aws, ...[...aws.instances.keys()].map(activate))).to.be.empty;
    const sizes = aws.called("updateContainerInstancesState").map((input) => (input.containerInstances as []).length);
    expect(sizes).to.deep.equal([10, 2]);
    expect(new Set([...aws.instances.values()].map(({ status }) => status))).to.deep.equal(new Set(["ACTIVE"]));
  });

  it("lowers the desired capacity before it attaches, where that is asked for", async () => {
    aws.group.delete(idOf(0));
    expect(await run(aws, attach(idOf(0), 11))).to.be.empty;
    expect(aws.calls.map(({ command }) => command)).to.deep.equal(["setDesiredCapacity", "attachInstances"]);
    expect(aws.sizes.DesiredCapacity).to.equal(12);
  });

  it("changes nothing when it is done again", async () => {
    const actions = [mark(idOf(0)), unmark(idOf(1)), activate(idOf(2)), attach(idOf(3))];
    aws.group.delete(idOf(3));
    for (let times = 0; times < 2; times++) {
      expect(await run(aws, ...actions)).to.be.empty;
      expect([...aws.instances.get(idOf(0))!.tags.values()]).to.deep.equal(["2026-01-01T00:00:00.000Z"]);
      expect([aws.sizes.DesiredCapacity, aws.group.size]).to.deep.equal([13, 12]);
    }
  });

  it("takes an instance that is gone for done", async () => {
    const gone = idOf(99);
    aws.fails = (command) =>
      command === "attachInstances"
        ? awsError("ValidationError", `Invalid Instance ID(s): [${gone}] specified`)
        : undefined;
    expect(await run(aws, mark(gone), unmark(gone), activate(gone), attach(gone))).to.be.empty;
  });

  it("tells what was refused", async () => {
    aws.fails = () => awsError("AccessDeniedException");
    const failures = await run(aws, mark(idOf(0)), activate(idOf(1)), attach(idOf(2)));
    const kinds = failures.flatMap(({ actions }) => actions.map(({ kind }) => kind));
    expect(kinds).to.have.members(["mark", "activate", "attach"]);
  });
});
