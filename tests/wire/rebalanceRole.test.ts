import { expect } from "chai";
import { MOVES_TAG } from "../../functions/tags";
import { actionsCalled } from "../callback/emittedText";
import { batchOf } from "../functions/scaleIn/fakeAws";
import {
  groupTag,
  rebalanceStage,
  retire,
  roundsEvent,
  sent,
  start,
  surged,
  sweep,
  tagResting,
  type RebalanceStage,
} from "./rebalanceStage";
import {
  CHANGES,
  changesIn,
  check,
  CLUSTER,
  desiredCount,
  leftOf,
  look,
  lookWithout,
  marked,
  SERVICE,
  setDesiredCount,
  type Left,
} from "./servedTasks";
import { decisionsIn, failedIn, onTheWire, without } from "./stage";

const SEND = "sqs:SendMessage";

/** The IAM actions of the function's calls. */
const actionsOf = ({ deployed }: RebalanceStage): string[] => actionsCalled(deployed.files["__index.js"]!);

interface LeftTagged extends Left {
  readonly isTagged: boolean;
}

async function leftTagged(stage: RebalanceStage): Promise<LeftTagged> {
  return { ...(await leftOf(stage)), isTagged: (await groupTag(stage)) !== undefined };
}

describe("the rebalance function's role, over HTTP,", () => {
  onTheWire();

  it("allows every call from the raised count to the rest, and none that no look makes", async () => {
    const stage = await rebalanceStage();
    const { front } = stage;
    await look(stage, roundsEvent());
    await start(stage, 2, 2);
    await look(stage, sent(stage));
    await retire(stage, ...(await marked(stage)));
    await look(stage, check());
    expect(await desiredCount()).to.equal(8);
    await retire(stage, stage.tasks.at(-1)!);
    await setDesiredCount(14);
    await look(stage, check());
    expect(await marked(stage)).to.be.empty;
    await tagResting(stage, -1);
    await look(stage, sweep());
    expect(await groupTag(stage)).to.equal(undefined);
    const seen = new Set(front.calls().map((call) => call.action));
    expect([...seen].sort()).to.deep.equal(actionsOf(stage));
  });

  it("allows nothing of a service that doesn't say how its tasks are moved", async () => {
    const stage = await rebalanceStage();
    const { clients, front, lambda } = stage;
    const { services } = await clients.ecs.describeServices({ cluster: CLUSTER, services: [SERVICE] });
    const resourceArn = services?.[0]?.serviceArn;
    front.meanwhile("ecs:UpdateService", () => clients.ecs.untagResource({ resourceArn, tagKeys: [MOVES_TAG] }));
    const invocation = await lambda.invoke(batchOf(roundsEvent()));
    expect(decisionsIn(invocation, "failed")).to.have.nested.property("[0].error").that.includes("ecs:UpdateService");
    expect(await desiredCount()).to.equal(8);
  });

  it("is named with every permission to read that it lacks, and nothing is done", async () => {
    const stage = await rebalanceStage();
    const { front, lambda, deployed } = stage;
    const health = "elasticloadbalancing:DescribeTargetHealth";
    const reading = actionsOf(stage).filter((action) => !CHANGES.test(action) && action !== SEND);
    expect(reading).to.have.lengthOf(12).and.include(health);
    for (const action of reading.filter((each) => each !== health)) {
      front.role = without(deployed.statements, action);
      const invocation = await lambda.invoke(batchOf(roundsEvent()));
      expect(failedIn(invocation), action).to.deep.equal(["m0"]);
      expect(invocation.lines.join()).to.include(`not authorized to perform: ${action}`);
    }
    await surged(stage, 2, 2);
    front.role = without(deployed.statements, health);
    const invocation = await lambda.invoke(batchOf(sweep()));
    expect(failedIn(invocation)).to.deep.equal(["m0"]);
    expect(invocation.lines.join()).to.include(`not authorized to perform: ${health}`);
    expect(changesIn(stage)).to.be.empty;
  });

  const nothing = (): Promise<string> => Promise.resolve(roundsEvent());
  const serving = async (stage: RebalanceStage): Promise<string> => {
    await surged(stage, 2, 2);
    return sweep();
  };
  const letGo = async (stage: RebalanceStage): Promise<string> => {
    await surged(stage, 2, 2);
    await retire(stage, stage.tasks[0]!);
    await setDesiredCount(14);
    return check();
  };
  const ending = async (stage: RebalanceStage): Promise<string> => {
    await surged(stage, 2, 2);
    await retire(stage, ...stage.tasks.slice(0, 2));
    return check();
  };
  const rested = async (stage: RebalanceStage): Promise<string> => {
    await tagResting(stage, -1);
    return sweep();
  };
  interface Tried {
    readonly action: string;
    readonly when: string;
    /** What leads up to the call, whose message it comes with. */
    readonly prepare: (stage: RebalanceStage) => Promise<string>;
    /** What is left as it was. */
    readonly left: Partial<LeftTagged>;
  }
  const changing: readonly Tried[] = [
    {
      action: "autoscaling:CreateOrUpdateTags",
      when: "a round begins",
      prepare: nothing,
      left: { desired: 8, isTagged: false },
    },
    { action: "ecs:UpdateService", when: "a round begins", prepare: nothing, left: { desired: 8, isTagged: true } },
    { action: SEND, when: "a round begins", prepare: nothing, left: { desired: 10, isTagged: true } },
    { action: "ecs:TagResource", when: "tasks are chosen", prepare: serving, left: { marked: 0, targets: 10 } },
    {
      action: "elasticloadbalancing:DeregisterTargets",
      when: "tasks are chosen",
      prepare: serving,
      left: { targets: 10 },
    },
    {
      action: "elasticloadbalancing:RegisterTargets",
      when: "a task is let go",
      prepare: letGo,
      left: { marked: 1, targets: 9 },
    },
    { action: "ecs:UntagResource", when: "a task is let go", prepare: letGo, left: { marked: 1, targets: 10 } },
    { action: "ecs:StopTask", when: "a round ends", prepare: ending, left: { stopped: 0, desired: 10 } },
    { action: "ecs:UpdateService", when: "a round ends", prepare: ending, left: { stopped: 2, desired: 10 } },
    { action: "autoscaling:DeleteTags", when: "it has rested", prepare: rested, left: { isTagged: true } },
  ];
  for (const { action, when, prepare, left } of changing) {
    it(`is named where it lacks ${action} when ${when}, and what goes with it is left undone`, async () => {
      const stage = await rebalanceStage();
      await lookWithout(action, stage, await prepare(stage));
      expect(await leftTagged(stage)).to.include(left);
    });
  }

  it("is tried for each action that changes something", async () => {
    const changes = actionsOf(await rebalanceStage()).filter((action) => CHANGES.test(action));
    expect([...changes, SEND]).to.have.members([...new Set(changing.map(({ action }) => action))]);
  });
});
