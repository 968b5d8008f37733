import { expect } from "chai";
import type { Moving } from "../../../functions/rebalance/groupTag";
import { chooseMoved, planMoving, type Place } from "../../../functions/rebalance/moving";
import type { RetireSettings } from "../../../functions/retire/settings";
import type { TaskState } from "../../../functions/retire/state";
import { stateOf, task } from "../retire/states";
import { MINUTE, NOW, S, SETTINGS as OF_SERVICE } from "../scaleIn/fakeAws";

const SETTINGS: RetireSettings = { ...OF_SERVICE, retirer: "rebalance" };
const SINCE = NOW - 30 * S;
const TAG: Moving = { kind: "moving", before: 4, raised: 5, since: SINCE, isVain: false };
const RESERVATION = { cpu: 256, memoryMiB: 256 };

interface Times {
  readonly createdAt?: number;
  readonly startedAt?: number;
}

/** One of long ago, unless said otherwise. */
const on = (instance: string, arn: string, times: Times = {}): TaskState => ({
  ...task(arn, { instance }),
  createdAt: NOW - 60 * MINUTE,
  startedAt: NOW - 60 * MINUTE,
  ...times,
});
const NEW = { createdAt: SINCE + S, startedAt: SINCE + 10 * S };
/** In place of one that was lost just before, and so it began to run after the raise. */
const IN_PLACE = { createdAt: SINCE - S, startedAt: SINCE + 10 * S };

function placeOf(tasks: readonly TaskState[]): Place {
  const arns = [...new Set(tasks.map(({ instanceArn }) => instanceArn!))];
  const instances = arns.map((arn) => {
    const count = tasks.filter(({ instanceArn }) => instanceArn === arn).length;
    const registered = { cpu: 4096, memoryMiB: 4096 };
    return { arn, zone: "z1", registered, reserved: { cpu: count * 256, memoryMiB: count * 256 } };
  });
  return { instances, reservation: RESERVATION };
}

function chosen(tasks: readonly TaskState[], now = NOW): { readonly arns: string[]; readonly isVain: boolean } {
  const moving = { tag: TAG, service: stateOf(tasks), least: 0 };
  const { marks, isVain } = chooseMoved(moving, 1, placeOf(tasks), SETTINGS, now);
  return { arns: marks.flatMap((action) => ("taskArn" in action ? [action.taskArn] : [])), isVain };
}

describe("the tasks that go once others run", () => {
  it("are new ones, in vain, where those have come to where they help nobody", () => {
    const tasks = [on("i0", "a"), on("i0", "b"), on("i1", "c"), on("i1", "d"), on("i0", "e", NEW)];
    expect(chosen(tasks)).to.deep.equal({ arns: ["e"], isVain: true });
  });

  it("are no task that ECS has made in place of a lost one: it is none of the new ones, however late it began to run", () => {
    const tasks = [on("i0", "a"), on("i0", "b"), on("i1", "c"), on("i1", "d", NEW), on("i0", "e", IN_PLACE)];
    expect(chosen(tasks).isVain).to.equal(false);
    expect(chosen(tasks).arns).to.have.members(["a"]);
  });

  it("are none that ECS made in place of a lost one where only such could go: it is young, and nothing is in vain", () => {
    const tasks = [on("i0", "a", IN_PLACE), on("i0", "b", IN_PLACE), on("i1", "c", NEW)];
    expect(chosen(tasks).arns).to.deep.equal(["c"]);
    const without = tasks.slice(0, 2);
    expect(chosen(without)).to.deep.equal({ arns: [], isVain: false });
    expect(chosen(without, NOW + 11 * MINUTE).isVain).to.equal(false);
  });

  it("are none that began to run less than five minutes ago, unless they are new", () => {
    const young = { createdAt: SINCE - 2 * MINUTE, startedAt: SINCE - MINUTE };
    const tasks = [on("i0", "a", young), on("i0", "b", young), on("i0", "c"), on("i1", "d", NEW)];
    expect(chosen(tasks)).to.deep.equal({ arns: ["c"], isVain: false });
  });
});

describe("what comes next for a service that runs more tasks than it wants", () => {
  const next = (desiredCount: number, least = 0, now = NOW + 2 * MINUTE) => {
    const tasks = Array.from({ length: desiredCount }, (_, n) => on("i0", `t${n}`));
    return planMoving({ tag: TAG, service: stateOf(tasks), least }, SETTINGS, now);
  };

  it("is to retire as many as are left of the raise, down to the minimum of a service that scales", () => {
    expect(next(5)).to.deep.equal({ kind: "choose", count: 1 });
    expect(next(5, 5)).to.include({ kind: "rest", reason: "somebody else has set the desired count" });
  });

  it("is to rest where somebody else has set the count, once the raise would long have been seen", () => {
    expect(next(6)).to.include({ kind: "rest", reason: "somebody else has raised the desired count" });
    expect(next(3)).to.include({ kind: "rest", reason: "somebody else has set the desired count" });
    expect(next(4)).to.include({ kind: "rest", reason: "the desired count is as before" });
    expect(next(4, 0, NOW)).to.deep.equal({ kind: "wait", reason: "it was raised a moment ago" });
  });
});
