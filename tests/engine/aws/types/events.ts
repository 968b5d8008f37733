/** EventBridge, Lambda and CloudWatch Logs. */
import type { Account } from "../account";
import { arn, text, type ResourceType } from "../resourceType";

const logGroup: ResourceType = {
  type: "aws:cloudwatch/logGroup:LogGroup",
  named: { property: "name", longest: 512 },
  replacedBy: ["name"],
  outputs: (props, place) => ({ arn: arn("logs", `log-group:${text(props, "name")}`, place) }),
  id: "name",
};

const eventRule: ResourceType = {
  type: "aws:cloudwatch/eventRule:EventRule",
  named: { property: "name", longest: 64 },
  replacedBy: ["name", "eventBusName"],
  outputs: (props, place) => ({ arn: arn("events", `rule/${text(props, "name")}`, place) }),
  id: "name",
  refusesDelete: ({ props, region }, account) => {
    const targeted = account
      .all("aws:cloudwatch/eventTarget:EventTarget", region)
      .some((each) => each.props.rule === props.name);
    return targeted ? "ValidationException: Rule can't be deleted since it has targets." : undefined;
  },
};

const eventTarget: ResourceType = {
  type: "aws:cloudwatch/eventTarget:EventTarget",
  replacedBy: ["rule", "targetId", "eventBusName"],
  outputs: (_, { serial }) => ({ targetId: `target-${serial}` }),
  refusesCreate: ({ props, region }, account) => {
    const exists = account
      .all("aws:cloudwatch/eventRule:EventRule", region)
      .some((rule) => rule.props.name === props.rule);
    return exists ? undefined : `ResourceNotFoundException: Rule ${text(props, "rule")} does not exist.`;
  },
};

const lambdaFunction: ResourceType = {
  type: "aws:lambda/function:Function",
  named: { property: "name", longest: 64 },
  replacedBy: ["name", "packageType"],
  outputs: (props, place) => ({ arn: arn("lambda", `function:${text(props, "name")}`, place) }),
  id: "name",
};

/** Lambda tries the queue as the function's role before it takes the mapping.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const eventSourceMapping: ResourceType = {
  type: "aws:lambda/eventSourceMapping:EventSourceMapping",
  replacedBy: ["eventSourceArn"],
  outputs: (_, place) => ({
    uuid: `mapping-${place.serial}`,
    arn: arn("lambda", `event-source-mapping:${place.serial}`, place),
  }),
  id: "uuid",
  refusesCreate: ({ props, region }, account) => {
    const mapped = account
      .all("aws:lambda/function:Function", region)
      .find((each) => [each.props.arn, each.props.name].includes(props.functionName));
    if (!mapped) return `ResourceNotFoundException: Function not found: ${text(props, "functionName")}`;
    if (!mayReceive(text(mapped.props, "role"), text(props, "eventSourceArn"), account))
      return "InvalidParameterValueException: The function execution role does not have permissions to call ReceiveMessage on SQS";
    const source = account.all("aws:sqs/queue:Queue", region).find((each) => each.props.arn === props.eventSourceArn);
    if (Number(source?.props.visibilityTimeoutSeconds ?? 30) < Number(mapped.props.timeout ?? 3))
      return "InvalidParameterValueException: Queue visibility timeout is less than Function timeout";
    return undefined;
  },
};

function mayReceive(roleArn: string, queueArn: string, account: Account): boolean {
  const role = account.all("aws:iam/role:Role").find(({ props }) => props.arn === roleArn);
  const policies = account.all("aws:iam/rolePolicy:RolePolicy").filter(({ props }) => props.role === role?.props.name);
  return policies.some(({ props }) => {
    const { Statement } = JSON.parse(text(props, "policy")) as {
      Statement: { Action: string[]; Resource: string[] }[];
    };
    return Statement.some(
      ({ Action, Resource }) => Action.includes("sqs:ReceiveMessage") && Resource.includes(queueArn),
    );
  });
}

export const EVENT_TYPES = [logGroup, eventRule, eventTarget, lambdaFunction, eventSourceMapping];
