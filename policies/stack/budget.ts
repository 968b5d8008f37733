/** How long a service's tasks take to stop, and to be replaced, as far as the stack tells. */
import { about, known, undecided, type Decided } from "../decided";
import { stopTimeoutSeconds } from "../userData/agentSettings";
import { agentOf } from "./agents";
import type { Resource } from "./resource";
import { placesOf, spotPlaces, type Place } from "./services";
import type { Stack } from "./stack";
import {
  containersOf,
  deregistrationDelay,
  ownStopTimeout,
  targetGroupsOf,
  taskDefinitionOf,
  type Container,
} from "./tasks";

/** The longest of several times. What can't be told may be longer. */
export interface Longest {
  readonly seconds: number;
  /** Whose it is, for messages. */
  readonly of: string;
  readonly untold: readonly string[];
}

export interface Timed {
  readonly seconds: Decided<number>;
  readonly of: string;
}

/** What the agent takes where its user data says nothing, and AWS for instances and tasks that it runs itself. */
const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

const UNTOLD: Longest = { seconds: 0, of: "not known", untold: [] };

function untold(reason: string, { seconds, of, untold: others }: Longest = UNTOLD): Longest {
  return { seconds, of: seconds > 0 ? of : UNTOLD.of, untold: [...others, reason] };
}

export function longestOf(each: readonly Timed[], none: string): Longest {
  let longest: Longest = { seconds: 0, of: none, untold: [] };
  for (const { seconds, of } of each) {
    if (seconds.kind === "undecided") longest = untold(seconds.reason, longest);
    else if (seconds.value > longest.seconds) longest = { ...longest, seconds: seconds.value, of };
  }
  return longest;
}

export function longestDeregistrationDelay(stack: Stack, service: Resource): Longest {
  const groups = targetGroupsOf(stack, service);
  if (groups.kind === "undecided") return untold(groups.reason);
  const each = groups.value.map((group) => ({ seconds: deregistrationDelay(group), of: group.label }));
  return longestOf(each, "no target group");
}

/** The longest stop timeout of a service's containers, with the agents' where a container sets none. */
export function longestStopTimeout(stack: Stack, service: Resource): Longest {
  const definition = taskDefinitionOf(stack, service);
  const containers =
    definition.kind === "known" && definition.value ? containersOf(stack, definition.value) : definition;
  if (containers.kind === "undecided") return untold(containers.reason);
  const list = containers.value as readonly Container[] | undefined;
  return longestOf(list?.flatMap((each) => stopTimes(stack, service, each)) ?? [], "no container");
}

function stopTimes(stack: Stack, service: Resource, container: Container): Timed[] {
  const of = `container ${container.name}`;
  const own = ownStopTimeout(container);
  if (own.kind === "undecided") return [{ seconds: own, of }];
  if (own.value !== undefined) return [{ seconds: known(own.value), of }];
  const spot = spotPlaces(stack, service);
  const places = spot.length > 0 ? spot : placesOf(stack, service);
  return places.flatMap((place) => agentTimes(stack, place));
}

function agentTimes(stack: Stack, { on, spot, capacity }: Place): Timed[] {
  if (on !== "instances") return [{ seconds: known(DEFAULT_STOP_TIMEOUT_SECONDS), of: "AWS's default" }];
  if (!capacity)
    return [
      { seconds: undecided(spot.kind === "undecided" ? spot.reason : "its instances aren't in this stack"), of: "" },
    ];
  return [
    ...capacity.boots.map((boot) => {
      const of = `the agent's setting in ${boot.resource.label}`;
      return { seconds: about(of, stopTimeoutSeconds(agentOf(stack, boot))), of };
    }),
    ...capacity.unseenBoots.map((reason) => ({ seconds: undecided<number>(reason), of: "" })),
  ];
}
