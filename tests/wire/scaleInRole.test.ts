import { expect } from "chai";
import { actionsCalled } from "../callback/emittedText";
import { alarmChange, batchOf } from "../functions/scaleIn/fakeAws";
import { retire, scaleInStage, type ScaleInStage } from "./scaleInStage";
import {
  CHANGES,
  changesIn,
  check,
  desiredCount,
  leftOf,
  look,
  lookWithout,
  marked,
  protect,
  type Left,
} from "./servedTasks";
import { failedIn, onTheWire, without } from "./stage";

describe("the scale-in function's role, over HTTP,", () => {
  onTheWire();

  it("allows every call from the alarm to the end", async () => {
    const stage = await scaleInStage();
    const { front, deployed } = stage;
    await look(stage, alarmChange());
    const [working, idle] = await marked(stage);
    await protect(working!);
    await look(stage, check());
    await retire(stage, idle!);
    await look(stage, check());
    expect(await desiredCount()).to.equal(4);
    const seen = new Set(front.calls().map((call) => call.action));
    expect([...seen].sort()).to.deep.equal(actionsCalled(deployed.files["__index.js"]!));
  });

  it("is named with every permission to read that it lacks, and nothing is done", async () => {
    const stage = await scaleInStage();
    const { front, lambda, deployed } = stage;
    const actions = actionsCalled(deployed.files["__index.js"]!);
    const reading = actions.filter((action) => !CHANGES.test(action) && action !== "sqs:SendMessage");
    expect(reading).to.have.lengthOf(9);
    for (const action of reading) {
      front.role = without(deployed.statements, action);
      const invocation = await lambda.invoke(batchOf(alarmChange()));
      expect(failedIn(invocation)).to.deep.equal(["m0"]);
      expect(invocation.lines.join()).to.include(`not authorized to perform: ${action}`);
    }
    expect(changesIn(stage)).to.be.empty;
  });

  const choose = async ({ lambda }: ScaleInStage): Promise<string> => {
    await lambda.invoke(batchOf(alarmChange()));
    return check();
  };
  const letGo = async (stage: ScaleInStage): Promise<string> => {
    await retire(stage, stage.tasks[0]!);
    await protect(stage.tasks[0]!);
    return check();
  };
  const endRound = async (stage: ScaleInStage): Promise<string> => {
    await retire(stage, ...stage.tasks.slice(0, 2));
    return check();
  };
  /** What leads up to the call, whose message it comes with; and what is left as it was. */
  const changing: Readonly<Record<string, readonly [(stage: ScaleInStage) => Promise<string>, left: Partial<Left>]>> = {
    "ecs:TagResource": [() => Promise.resolve(alarmChange()), { marked: 0, targets: 5 }],
    "elasticloadbalancing:DeregisterTargets": [() => Promise.resolve(alarmChange()), { targets: 5 }],
    "sqs:SendMessage": [choose, { marked: 2 }],
    "elasticloadbalancing:RegisterTargets": [letGo, { marked: 1, targets: 4 }],
    "ecs:UntagResource": [letGo, { marked: 1, targets: 5 }],
    "ecs:StopTask": [endRound, { stopped: 0, desired: 5 }],
    "ecs:UpdateService": [endRound, { stopped: 2, desired: 5 }],
  };
  for (const [action, [prepare, left]] of Object.entries(changing)) {
    it(`is named where it lacks ${action}, and what goes with it is left undone`, async () => {
      const stage = await scaleInStage();
      await lookWithout(action, stage, await prepare(stage));
      expect(await leftOf(stage)).to.include(left);
    });
  }

  it("is tried for each action that changes something", async () => {
    const { deployed } = await scaleInStage();
    const changes = actionsCalled(deployed.files["__index.js"]!).filter((action) => CHANGES.test(action));
    expect([...changes, "sqs:SendMessage"]).to.have.members(Object.keys(changing));
  });
});
