import type { InterceptedCall } from "../world/world";
import { SCALING } from "../world/ecs/cluster";
import type { Law } from "./law";

/** What was done to an object, and its opposite: what adds to what serves, and what takes from it. */
interface Deed {
  readonly object: string;
  readonly way: "adds" | "takes";
  /** Whoever adds takes as many again: that undoes nothing. */
  readonly isForAWhile?: boolean;
}

interface Done extends Deed {
  readonly by: string;
  readonly at: number;
}

/** Later, the reason has passed for which it was done. */
const SOON_MS = 10 * 60_000;

const DID = { adds: "added", takes: "took" } as const;

type Input = Readonly<Record<string, unknown>>;

const each = (objects: unknown, way: Deed["way"]): Deed[] =>
  (objects as readonly string[]).map((object) => ({ object, way }));

/** A task's mark takes it out of service. */
const DEEDS: Readonly<Record<string, (input: Input) => Deed[]>> = {
  UpdateContainerInstancesState: ({ containerInstances, status }) =>
    each(containerInstances, status === "ACTIVE" ? "adds" : "takes"),
  DetachInstances: ({ InstanceIds }) => each(InstanceIds, "takes"),
  AttachInstances: ({ InstanceIds }) => each(InstanceIds, "adds"),
  TagResource: ({ resourceArn }) => each([resourceArn], "takes"),
  UntagResource: ({ resourceArn }) => each([resourceArn], "adds"),
};

const deedsOf = ({ command, input }: InterceptedCall): Deed[] => DEEDS[command]?.(input as Input) ?? [];

/** Application Auto Scaling follows the load. */
export const nobodyUndoesAnother: Law = {
  name: "no function undoes what another has just done",
  watch: (world, promises, report) => {
    const last = new Map<string, Done>();
    const done = (by: string, { object, way, isForAWhile }: Deed): void => {
      const at = world.clock.now;
      const before = last.get(object);
      last.set(object, { object, way, by, at });
      if (before === undefined || before.by === by || before.way === way || at - before.at > SOON_MS) return;
      if (isForAWhile && way === "adds") return;
      report(object, `${by} ${way} what ${before.by} ${DID[before.way]} ${(at - before.at) / 1000} s before`);
    };
    world.modified.subscribe((call) => deedsOf(call).forEach((deed) => done(call.functionName, deed)));
    watchCounts(promises, done);
  },
};

function watchCounts(promises: Parameters<Law["watch"]>[1], done: (by: string, deed: Deed) => void): void {
  for (const cluster of new Set(promises.map((promise) => promise.cluster))) {
    cluster.desiredCountChanged.subscribe(({ service, from, to, by }) => {
      if (by !== SCALING) done(by, { object: service.spec.name, way: to > from ? "adds" : "takes", isForAWhile: true });
    });
  }
}
