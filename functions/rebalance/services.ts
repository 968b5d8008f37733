/** What a service's description says of how its tasks are placed and whether they may be moved. */
import type { Service } from "@aws-sdk/client-ecs";
import { isDeploying } from "../goesOn";
import { MOVES_TAG } from "../tags";
import { tagKeyOf } from "./groupTag";
import { parseMovesTag, type MovesFigures } from "./movesTag";

export interface ServiceFacts {
  readonly name: string;
  readonly arn: string;
  readonly taskDefinitionArn: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly isDeploying: boolean;
  /** Of the desired count, how many tasks it may run meanwhile. */
  readonly maximumPercent: number;
  readonly figures: MovesFigures | undefined;
  readonly targetGroupArns: readonly string[];
  /** Where its tasks may run; undefined where on any instance. */
  readonly capacityProvider: string | undefined;
  /** In the cluster query language. */
  readonly memberOf: readonly string[];
  readonly isDistinct: boolean;
  /** Why none of its tasks is moved; undefined where they may be. */
  readonly staysBecause: string | undefined;
}

/** ECS's own. */
const MOST_PERCENT = 200;

export function factsOf(service: Service): ServiceFacts {
  const { serviceName: name = "", serviceArn: arn = "", taskDefinition: taskDefinitionArn = "" } = service;
  const { desiredCount = 0, runningCount = 0, loadBalancers = [] } = service;
  const figures = figuresOf(service);
  return {
    ...{ name, arn, taskDefinitionArn, desiredCount, runningCount },
    isDeploying: isDeploying(service),
    maximumPercent: service.deploymentConfiguration?.maximumPercent ?? MOST_PERCENT,
    figures,
    targetGroupArns: loadBalancers.flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
    ...placementOf(service),
    staysBecause: reasonToStay(service, figures) ?? placedOtherwise(service),
  };
}

const figuresOf = ({ tags = [] }: Service): MovesFigures | undefined =>
  parseMovesTag(tags.find(({ key }) => key === MOVES_TAG)?.value);

function placementOf({
  placementConstraints = [],
  capacityProviderStrategy = [],
}: Service): Pick<ServiceFacts, "capacityProvider" | "memberOf" | "isDistinct"> {
  const own = capacityProviderStrategy.filter(hasShare);
  return {
    capacityProvider: own[0]?.capacityProvider,
    memberOf: placementConstraints
      .filter(({ type }) => type === "memberOf")
      .flatMap(({ expression }) => expression ?? []),
    isDistinct: placementConstraints.some(({ type }) => type === "distinctInstance"),
  };
}

const hasShare = ({ base = 0, weight = 0 }: { readonly base?: number; readonly weight?: number }): boolean =>
  base > 0 || weight > 0;

function reasonToStay({ serviceName = "", schedulingStrategy }: Service, figures?: MovesFigures): string | undefined {
  if (schedulingStrategy === "DAEMON") return "it has a task on every instance";
  if (figures === undefined) return `it has no tag ${MOVES_TAG} that says how its tasks are moved`;
  if (!figures.isOn) return "it is switched off for the service";
  return tagKeyOf(serviceName) === undefined ? "its name is too long for the key of a tag" : undefined;
}

/** Tasks that ECS places by anything but an even spread would be put straight back, or anywhere. */
function placedOtherwise({ placementStrategy = [], capacityProviderStrategy = [] }: Service): string | undefined {
  const other = placementStrategy.find(({ type, field }) => type !== "spread" || !isEven(field ?? ""));
  if (other?.type === "binpack") return `binpack places it on ${other.field}: ECS would put its tasks straight back`;
  if (other !== undefined) return `ECS places it by ${other.type} ${other.field ?? ""}`.trim();
  return capacityProviderStrategy.filter(hasShare).length > 1
    ? "its tasks are divided between capacity providers"
    : undefined;
}

const isEven = (field: string): boolean => /^(attribute:ecs\.availability-zone|instanceId|host)$/.test(field);
