/** The containers of a task: the main one first, then its sidecars, and how they wait for each other. */
import { withDefaults } from "../defaults";
import type { Image } from "./imageArgs";
import { SIDECAR_DEFAULTS, type ContainerArgs, type ContainerHealthCheck, type TaskArgs } from "./taskArgs";

export interface Container extends ContainerArgs {
  readonly name: string;
  /** Before the names of its properties in messages. */
  readonly path: string;
  readonly image: Image;
  readonly cpu: number;
  readonly essential: boolean;
  readonly healthCheck?: ContainerHealthCheck;
  readonly containerPort?: number;
  readonly stopTimeoutSeconds?: number;
}

export function containersOf(name: string, args: TaskArgs & { readonly containerPort?: number }): Container[] {
  const main = { ...args, name, path: "", essential: true, healthCheck: args.containerHealthCheck };
  const sidecars = Object.entries(args.sidecars ?? {}).map(([sidecar, given]) => ({
    ...withDefaults(given, SIDECAR_DEFAULTS),
    name: sidecar,
    path: `sidecars.${sidecar}.`,
  }));
  return [main, ...sidecars];
}

/** The containers that have to be there for `container`, and are stopped after it. One that has to be through is gone by then. */
function needed({ dependsOn = {}, links = [] }: Pick<Container, "dependsOn" | "links">): string[] {
  const running = Object.entries(dependsOn).filter(
    ([, condition]) => condition !== "COMPLETE" && condition !== "SUCCESS",
  );
  return [...new Set([...running.map(([name]) => name), ...links])];
}

/**
 * The containers that stop one after the other, for every container with which that can begin. The agent stops one only when those
 * that need it have exited, so that stop timeouts add up. The dependencies must be known, and have no cycle.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_dependson
 */
export function stopSequences(containers: readonly Container[]): Container[][] {
  const from = (container: Container): Container[][] => {
    const next = containers.filter(({ name }) => needed(container).includes(name)).flatMap(from);
    return next.length === 0 ? [[container]] : next.map((rest) => [container, ...rest]);
  };
  return containers.flatMap(from);
}

/** How long a sequence takes at most. */
export function stopSeconds(sequence: readonly Container[]): number {
  return sequence.reduce((total, { stopTimeoutSeconds = 0 }) => total + stopTimeoutSeconds, 0);
}

/** What sidecars take that stop before or after the main container. */
export function stopSecondsBesideMain(containers: readonly Container[]): number {
  const [main] = containers;
  const others = stopSequences(containers)
    .filter((sequence) => sequence.includes(main!))
    .map((sequence) => stopSeconds(sequence.filter((container) => container !== main)));
  return Math.max(0, ...others);
}

/** A cycle of containers that wait for each other, if there is one. */
export function cycleOf(containers: readonly Container[]): string[] | undefined {
  const visit = (container: Container, way: readonly string[]): string[] | undefined => {
    const start = way.indexOf(container.name);
    if (start >= 0) return [...way.slice(start), container.name];
    const waitsFor = new Set([...Object.keys(container.dependsOn ?? {}), ...(container.links ?? [])]);
    for (const next of containers.filter(({ name }) => waitsFor.has(name))) {
      const cycle = visit(next, [...way, container.name]);
      if (cycle) return cycle;
    }
    return undefined;
  };
  for (const container of containers) {
    const cycle = visit(container, []);
    if (cycle) return cycle;
  }
  return undefined;
}
