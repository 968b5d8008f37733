import { connectTo } from "../../api/dispatch";
import { checkStatement, type Statement } from "../../world/iam";
import { embeddedMetrics } from "../../world/cloudWatch/embeddedMetrics";
import { LambdaFunction, type Connect } from "../../world/lambda/function";
import { mapEvents } from "../../world/lambda/eventSource";
import type { World } from "../../world/world";
import type { Resource } from "../monitor";
import { block, json, list, number, object, optionalNumber, strings, text, type DeclaredProgram } from "../read";
import type { Deployment, Reader } from "./reader";

/** The text of the archive's handler file. */
export async function handlerText(resource: Resource): Promise<string> {
  const archive = (await resource.inputs.code) as { readonly assets?: unknown } | undefined;
  const assets = (await archive?.assets) as Readonly<Record<string, { readonly text?: unknown }>> | undefined;
  const file = `${text(resource.inputs.handler).split(".")[0]}.js`;
  const found = await assets?.[file]?.text;
  if (typeof found !== "string") {
    throw new Error(
      `function ${resource.name} has no ${file} as text in its archive: only functions that Pulumi serialized can be rehearsed`,
    );
  }
  return found;
}

const connections = new WeakMap<World, Connect>();

/** One connection for all functions of a world, since they share the account's throttle buckets. */
function connectionOf(world: World): Connect {
  const known = connections.get(world);
  if (known !== undefined) return known;
  const made = connectTo(world);
  connections.set(world, made);
  return made;
}

export async function readFunction(resource: Resource, { world, program }: Deployment): Promise<void> {
  const { inputs, outputs } = resource;
  const spec = {
    name: text(outputs.name),
    arn: text(outputs.arn),
    text: await handlerText(resource),
    environment: { AWS_REGION: world.options.region, ...strings(block(inputs.environment).variables) },
    timeoutMs: number(inputs.timeout, 3) * 1000,
    memoryMiB: number(inputs.memorySize, 128),
    reservedConcurrency: reserved(optionalNumber(inputs.reservedConcurrentExecutions)),
    statements: statementsOf(inputs.role, program),
  };
  const fn = new LambdaFunction(spec, world.context, connectionOf(world));
  fn.printed.subscribe((line) => {
    for (const datum of embeddedMetrics(line)) world.metrics.put(datum);
  });
  world.functions.push(fn);
}

/** The provider's -1 reserves none. */
const reserved = (concurrency: number | undefined): number | undefined =>
  concurrency === undefined || concurrency < 0 ? undefined : concurrency;

/** Inline and attached policies of a role, as far as the program declares them. */
export function statementsOf(roleArn: unknown, program: DeclaredProgram): Statement[] {
  const role = program.named("aws:iam/role:Role", roleArn);
  if (role === undefined) return [];
  const names = [role.id, role.outputs.name, role.outputs.arn];
  const inline = program
    .ofType("aws:iam/rolePolicy:RolePolicy")
    .filter((policy) => names.includes(policy.inputs.role as string));
  const attached = program
    .ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    .filter((attachment) => names.includes(attachment.inputs.role as string))
    .flatMap((attachment) => program.named("aws:iam/policy:Policy", attachment.inputs.policyArn) ?? []);
  return [...inline, ...attached].flatMap((policy) => {
    const { Statement } = object(json(policy.inputs.policy));
    const statements = (Array.isArray(Statement) ? Statement : [Statement]) as Statement[];
    for (const statement of statements) checkStatement({ ...statement }, `policy ${policy.name}`);
    return statements;
  });
}

export const readEventSourceMapping: Reader = ({ inputs }, { world }) => {
  const queue = [...world.queues.values()].find((each) => each.spec.arn === inputs.eventSourceArn);
  const fn = world.functions.find(
    (each) => each.spec.arn === inputs.functionName || each.spec.name === inputs.functionName,
  );
  if (queue === undefined || fn === undefined || inputs.enabled === false) return;
  const spec = {
    batchSize: number(inputs.batchSize, 10),
    batchingWindowMs: number(inputs.maximumBatchingWindowInSeconds, 0) * 1000,
    reportsBatchItemFailures: list<string>(inputs.functionResponseTypes).includes("ReportBatchItemFailures"),
  };
  mapEvents(queue, fn, spec, world.context);
};
