import { about, anyDecided, known, mapDecided, undecided, type Decided } from "../decided";
import { defineRule, type Problem, type Report } from "../rule";
import { agentOf, type Boot } from "../stack/agents";
import { spotCapacity, spotAndEcs } from "../stack/capacity";
import { isObject, type Resource } from "../stack/resource";
import { onFargateSpot } from "../stack/services";
import type { Stack } from "../stack/stack";
import { containersOf, ownStopTimeout, parseJson, usersOf, type Container } from "../stack/tasks";
import { DETECTION_SECONDS, INTERRUPTION_NOTICE_SECONDS, MARGIN_SECONDS } from "../timeBudget";
import { stopTimeoutSeconds } from "../userData/agentSettings";
import { ASSUME_SPOT, conclude, spotScope, type SpotAssumption } from "./verdict";

interface Config extends SpotAssumption {
  readonly limitSeconds: number;
}

/** What the notice leaves for a container without a target group. */
const LONGEST_THAT_FITS = INTERRUPTION_NOTICE_SECONDS - DETECTION_SECONDS - MARGIN_SECONDS;

export const stopTimeout = defineRule<Config>({
  name: "stop-timeout",
  displayName: "The stop timeout stays under the notice",
  description:
    "On Spot, no container's stop timeout and no agent's default of it reaches the 120 seconds of the notice.",
  severity: "critical",
  enforcementLevel: "mandatory",
  configSchema: {
    limitSeconds: {
      type: "integer",
      default: INTERRUPTION_NOTICE_SECONDS,
      minimum: 1,
      maximum: INTERRUPTION_NOTICE_SECONDS,
      description: "What a stop timeout must stay under, in seconds.",
    },
    assumeSpot: ASSUME_SPOT,
  },
  remediationSteps: "Lower stopTimeout in the container definition, or ECS_CONTAINER_STOP_TIMEOUT in the user data.",
  url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html",
  validate(stack, report, config) {
    judgeAgents(stack, report, config);
    for (const definition of stack.all("taskDefinition")) judgeDefinition(stack, definition, report, config);
  },
  remediation: { type: "aws:ecs/taskDefinition:TaskDefinition", remediate: lowerTimeouts },
});

function judgeAgents(stack: Stack, report: Report, { limitSeconds }: Config): void {
  for (const capacity of spotCapacity(stack)) {
    for (const boot of capacity.boots) {
      const verdict = mapDecided(agentTimeout(stack, boot), (seconds): Problem | undefined =>
        seconds < limitSeconds
          ? undefined
          : {
              found: `ECS_CONTAINER_STOP_TIMEOUT is ${seconds} s for ${capacity.resource.label}`,
              allowed: `under ${limitSeconds} s`,
              fix: `set it lower in the user data, e.g. 60s`,
            },
      );
      conclude(report, boot.resource, spotAndEcs(capacity), verdict);
    }
  }
}

function agentTimeout(stack: Stack, boot: Boot): Decided<number> {
  return about("ECS_CONTAINER_STOP_TIMEOUT", stopTimeoutSeconds(agentOf(stack, boot)));
}

function judgeDefinition(stack: Stack, definition: Resource, report: Report, config: Config): void {
  const users = usersOf(stack, definition);
  const onInstances =
    users.length > 0 ? anyDecided(users.map((user) => spotScope(stack, user, config))) : unused(config);
  const onFargate = anyDecided(users.map((user) => onFargateSpot(stack, user)));
  const containers = containersOf(stack, definition);
  if (containers.kind === "undecided") {
    conclude(report, definition, anyDecided([onInstances, onFargate]), containers);
    return;
  }
  for (const container of containers.value) {
    const seconds = ownStopTimeout(container);
    conclude(report, definition, onInstances, tooLong(container, seconds, config.limitSeconds - 1));
    // Fargate sends SIGTERM at the notice itself, so that a container may take all of it.
    if (onInstances.kind === "known" && !onInstances.value)
      conclude(report, definition, onFargate, tooLong(container, seconds, INTERRUPTION_NOTICE_SECONDS));
  }
}

const unused = ({ assumeSpot }: Config): Decided<boolean> =>
  assumeSpot ? known(true) : undecided("no service of this stack runs it");

function tooLong(
  { name }: Container,
  seconds: Decided<number | undefined>,
  longestAllowed: number,
): Decided<Problem | undefined> {
  return mapDecided(seconds, (own) =>
    own === undefined || own <= longestAllowed
      ? undefined
      : {
          found: `container ${name} has a stopTimeout of ${own} s`,
          allowed: `at most ${longestAllowed} s`,
          fix: `lower it, e.g. to 60`,
        },
  );
}

function lowerTimeouts(props: Record<string, unknown>): boolean {
  const containers = typeof props.containerDefinitions === "string" ? parseJson(props.containerDefinitions) : undefined;
  if (!Array.isArray(containers)) return false;
  const late = (containers as unknown[])
    .filter((each): each is Record<string, unknown> => isObject(each))
    .filter(({ stopTimeout: seconds }) => Number(seconds) >= INTERRUPTION_NOTICE_SECONDS);
  if (late.length === 0) return false;
  for (const container of late) container.stopTimeout = LONGEST_THAT_FITS;
  props.containerDefinitions = JSON.stringify(containers);
  return true;
}
