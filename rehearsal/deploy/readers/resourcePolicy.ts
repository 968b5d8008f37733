/** Who may send to a queue or invoke a function: the policies of the resources themselves. */
import { isAllowed, type Statement } from "../../world/iam";
import { json, list, object, text, type DeclaredProgram, type Inputs } from "../read";

const EVENTS = "events.amazonaws.com";

/** Whether EventBridge may deliver a rule's events there. */
export function allowsEvents(arn: string, ruleArn: string, program: DeclaredProgram): boolean {
  const isFunction = program.named("aws:lambda/function:Function", arn) !== undefined;
  const statements = isFunction ? functionStatements(arn, program) : queueStatements(arn, program);
  const action = isFunction ? "lambda:InvokeFunction" : "sqs:SendMessage";
  return isAllowed(statements, { action, resources: [{ arn, context: { "aws:SourceArn": ruleArn } }] });
}

function queueStatements(arn: string, program: DeclaredProgram): Statement[] {
  const queue = program.named("aws:sqs/queue:Queue", arn);
  const apart = program
    .ofType("aws:sqs/queuePolicy:QueuePolicy")
    .filter(({ inputs }) => inputs.queueUrl === queue?.outputs.url || inputs.queueUrl === queue?.id);
  return [queue?.inputs.policy, ...apart.map(({ inputs }) => inputs.policy)].flatMap((policy) => {
    const { Statement: given } = object(json(policy));
    const statements = (Array.isArray(given) ? given : [given]) as (Statement & Inputs)[];
    return statements.filter((statement) => statement !== undefined && isForEvents(statement.Principal));
  });
}

function isForEvents(principal: unknown): boolean {
  if (principal === "*") return true;
  const { Service } = object(principal);
  return Service === EVENTS || list<unknown>(Service).includes(EVENTS);
}

function functionStatements(arn: string, program: DeclaredProgram): Statement[] {
  const fn = program.named("aws:lambda/function:Function", arn);
  const names = [fn?.id, fn?.outputs.name, arn];
  return program
    .ofType("aws:lambda/permission:Permission")
    .filter(({ inputs }) => inputs.principal === EVENTS && names.includes(inputs.function as string))
    .map(({ inputs }): Statement => ({
      Effect: "Allow",
      Action: text(inputs.action),
      Resource: arn,
      ...(inputs.sourceArn === undefined
        ? {}
        : { Condition: { ArnLike: { "aws:SourceArn": text(inputs.sourceArn) } } }),
    }));
}
