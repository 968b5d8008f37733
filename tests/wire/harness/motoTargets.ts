/** What moto can't do with targets: it knows one by its instance alone, and has each healthy as soon as it is registered. */
import type * as elbv2 from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Clients } from "./clients";
import type { Stub } from "./motoGaps";

interface Registered {
  readonly Id: string;
  readonly Port: number;
  State: elbv2.TargetHealthStateEnum | undefined;
}

/** By the group's ARN, and there by instance and port. */
type Groups = Map<string, Map<string, Registered>>;

export function targetGaps(): Readonly<Record<string, Stub>> {
  const groups: Groups = new Map();
  return {
    "elasticloadbalancing:RegisterTargets": (input: elbv2.RegisterTargetsInput, moto) => register(input, moto, groups),
    "elasticloadbalancing:DeregisterTargets": (input: elbv2.DeregisterTargetsInput, moto) =>
      deregister(input, moto, groups),
    "elasticloadbalancing:DescribeTargetHealth": (input: elbv2.DescribeTargetHealthInput, moto) =>
      describe(input, moto, groups),
  };
}

function targetsOf(arn: string, groups: Groups): Map<string, Registered> {
  const known = groups.get(arn) ?? new Map<string, Registered>();
  groups.set(arn, known);
  return known;
}

const refuseUnknown = (arn: string, moto: Clients): Promise<unknown> =>
  moto.elbv2.describeTargetGroups({ TargetGroupArns: [arn] });

const keyOf = ({ Id, Port }: elbv2.TargetDescription): string => `${Id}:${Port}`;

/** Healthy, as if its checks had passed long ago; one that was taken out before has yet to pass them, and never does. */
async function register(input: elbv2.RegisterTargetsInput, moto: Clients, groups: Groups): Promise<object> {
  const { TargetGroupArn = "", Targets = [] } = input;
  await moto.elbv2.registerTargets(input);
  const targets = targetsOf(TargetGroupArn, groups);
  for (const each of Targets) {
    const { Id = "", Port = 80 } = each;
    const known = targets.get(keyOf(each));
    if (known === undefined) targets.set(keyOf(each), { Id, Port, State: "healthy" });
    else known.State ??= "initial";
  }
  return {};
}

/**
 * At once, as with a deregistration delay of 0. AWS takes what isn't registered for done, and finds no target on a dynamic
 * port without that port.
 */
async function deregister(input: elbv2.DeregisterTargetsInput, moto: Clients, groups: Groups): Promise<object> {
  const { TargetGroupArn = "", Targets = [] } = input;
  await refuseUnknown(TargetGroupArn, moto);
  const targets = targetsOf(TargetGroupArn, groups);
  for (const each of Targets) {
    const known = targets.get(keyOf(each));
    if (known !== undefined) known.State = undefined;
  }
  return {};
}

async function describe(input: elbv2.DescribeTargetHealthInput, moto: Clients, groups: Groups): Promise<object> {
  const { TargetGroupArn = "", Targets } = input;
  if (Targets !== undefined) throw new Error("DescribeTargetHealth of single targets, which no function asks for");
  await refuseUnknown(TargetGroupArn, moto);
  const targets = targetsOf(TargetGroupArn, groups);
  const registered = [...targets.values()].filter(({ State }) => State !== undefined);
  return {
    TargetHealthDescriptions: registered.map(({ Id, Port, State }) => ({
      Target: { Id, Port },
      TargetHealth: { State },
    })),
  };
}
