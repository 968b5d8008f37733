/** Goes on with a service whose tasks move: one step, whatever the step before has come to. */
import type { ContainerInstance } from "@aws-sdk/client-ecs";
import { planRetire, type RetireAction } from "../retire/plan";
import { readRetireState } from "../retire/read";
import { actRound, type Round } from "../retire/round";
import type { RetireSettings } from "../retire/settings";
import { actAndCheck, endRound, endsRound, type Chain, type Stepping } from "../retire/step";
import { act, type Acting, type Failed, type RebalanceAction } from "./act";
import type { Moving } from "./groupTag";
import { chooseMoved, planMoving, type MovingState, type Next } from "./moving";
import { isOpen, needsOf, roomOf } from "./placed";
import { readBounds, readDefinitions, readServices } from "./read";
import type { ServiceFacts } from "./services";

export interface Tending extends Acting {
  readonly ports: Acting["ports"] & Stepping["ports"];
  /** Reads every instance of the cluster, once. */
  readonly instances: () => Promise<readonly ContainerInstance[]>;
}

export interface Tended {
  readonly service: string;
  readonly retired: Round;
  readonly actions: readonly RebalanceAction[];
  readonly failures: readonly Failed[];
  /** Whether somebody has to look again, and no message says so yet. */
  readonly needsLook: boolean;
}

/** How looks of a service send each other on. */
export interface ServiceChain extends Pick<Chain, "until"> {
  /** When the targets of all marked tasks were out, as the look before knows. */
  readonly outAt: number | undefined;
}

const NO_ROUND: Round = { actions: [], failures: [] };

export async function tend(name: string, tag: Moving, chain: ServiceChain, tending: Tending): Promise<Tended> {
  const [facts] = await readServices(tending, [name]);
  if (facts === undefined)
    return ended(name, [{ kind: "untag", service: name, reason: "the service is gone" }], tending);
  const settings = retireSettings(facts, tending);
  if (settings === undefined) {
    const tag = {
      kind: "untag",
      service: name,
      reason: "the service doesn't say any more how tasks are moved",
    } as const;
    return ended(name, [tag], tending);
  }
  const stepping: Stepping = { ports: tending.ports, deadline: tending.deadline, settings };
  const [state, bounds] = await Promise.all([readRetireState(stepping, "all"), readBounds(tending, [name])]);
  if (state === undefined)
    return ended(name, [{ kind: "untag", service: name, reason: "the service is gone" }], tending);
  const service = { ...state, outAt: chain.outAt };
  const moving: MovingState = { tag, service, least: bounds.get(name)?.least ?? 0 };
  const next = planMoving(moving, settings, tending.ports.now());
  return step(next, moving, { facts, chain, stepping, tending });
}

interface Around {
  readonly facts: ServiceFacts;
  readonly chain: ServiceChain;
  readonly stepping: Stepping;
  readonly tending: Tending;
}

async function step(next: Next, moving: MovingState, around: Around): Promise<Tended> {
  const { facts, stepping, tending } = around;
  const service = facts.name;
  switch (next.kind) {
    case "wait":
      return looked(service, { actions: [{ kind: "wait", reason: next.reason }], failures: [] });
    case "rest":
      return ended(service, [{ kind: "rest", service, until: next.until, reason: next.reason }], tending);
    case "giveBack":
      return looked(service, await actRound(next.actions, stepping));
    case "choose":
      return choose(next.count, moving, around);
    case "retire":
      return retire(next, moving, around);
    default:
      return next satisfies never;
  }
}

const looked = (service: string, retired: Round): Tended => {
  return { service, retired, actions: [], failures: [], needsLook: true };
};

async function ended(service: string, actions: readonly RebalanceAction[], tending: Tending): Promise<Tended> {
  const acted = await act(actions, tending);
  return { service, retired: NO_ROUND, ...acted, needsLook: acted.failures.length > 0 };
}

/** Marks as many as are too many, and says so first where they are the new ones. */
async function choose(
  count: number,
  moving: MovingState,
  { facts, chain, stepping, tending }: Around,
): Promise<Tended> {
  const { name: service, taskDefinitionArn } = facts;
  const [instances, definitions] = await Promise.all([
    tending.instances(),
    readDefinitions(tending, [taskDefinitionArn]),
  ]);
  const { reservation } = needsOf(definitions.get(taskDefinitionArn) ?? {});
  const place = { instances: instances.filter(isOpen).map(roomOf), reservation };
  const plannedAt = tending.ports.now();
  const { marks, isVain } = chooseMoved(moving, count, place, stepping.settings, plannedAt);
  if (marks.length === 0)
    return looked(service, { actions: [{ kind: "wait", reason: "none of its tasks can go yet" }], failures: [] });
  const vain: RebalanceAction[] =
    isVain && !moving.tag.isVain
      ? [
          {
            kind: "tag",
            service,
            tag: { ...moving.tag, isVain },
            reason: "new tasks have come to where they help nobody",
          },
        ]
      : [];
  const { failures } = await act(vain, tending);
  const acted = await actAndCheck(marks, moving.service, { until: chain.until, isWanted: true, plannedAt }, stepping);
  return { service, retired: acted, actions: vain, failures, needsLook: !acted.isChecked };
}

async function retire(
  { aim }: Extract<Next, { kind: "retire" }>,
  moving: MovingState,
  { facts, chain, stepping, tending }: Around,
): Promise<Tended> {
  const plannedAt = tending.ports.now();
  const planned = planRetire(moving.service, aim, stepping.settings, plannedAt);
  const next = planned.filter((action) => !endsRound(action));
  const acted = await actAndCheck(next, moving.service, { until: chain.until, isWanted: true, plannedAt }, stepping);
  const { outAt } = acted;
  const ends = planned.some(endsRound) && outAt !== undefined;
  const round = ends
    ? await endRound({ ...moving.service, outAt }, () => aimAgain(moving, tending), stepping)
    : NO_ROUND;
  const retired = {
    actions: [...acted.actions, ...round.actions] satisfies readonly RetireAction[],
    failures: [...acted.failures, ...round.failures],
  };
  return { service: facts.name, retired, actions: [], failures: [], needsLook: !acted.isChecked };

  /** The minimum may have risen. */
  async function aimAgain({ tag }: MovingState, reading: Tending): Promise<typeof aim> {
    const bounds = await readBounds(reading, [facts.name]);
    return { ...aim, minCount: Math.max(tag.before, bounds.get(facts.name)?.least ?? 0) };
  }
}

/** Undefined where the service says nothing of how its tasks are moved. */
function retireSettings(
  { name, figures, targetGroupArns }: ServiceFacts,
  { settings }: Acting,
): RetireSettings | undefined {
  if (figures === undefined) return undefined;
  const { clusterArn, queueUrl } = settings;
  const { checkIntervalSeconds, healthCheckSeconds, settleSeconds, workPatienceSeconds } = figures;
  const pace = { checkIntervalSeconds, healthCheckSeconds, settleSeconds, workPatienceSeconds };
  return { retirer: "rebalance", clusterArn, serviceName: name, queueUrl, targetGroupArns, ...pace };
}
