/** The repository's own program under rehearsal, whole or with something taken out of what it declares. */
import path from "node:path";
import { declareProgram } from "../../rehearsal/deploy/program";
import { readStackConfig } from "../../rehearsal/deploy/stackConfig";
import type { Resource } from "../../rehearsal/deploy/monitor";
import type { Market } from "../../rehearsal/inputs/market";
import { priceTable } from "../../rehearsal/inputs/prices";
import { type ContainerProfile, DEFAULT_PROFILE } from "../../rehearsal/inputs/profile";
import { runVariant, type VariantOptions } from "../../rehearsal/variant";
import type { MeasuredResult } from "../../rehearsal/measure/result";
import { DEFAULT_FLAGS } from "../../rehearsal/world/flags";
import { HOUR, MINUTE, PLACE } from "./stage";

const ROOT = path.join(__dirname, "../..");

/** What the program declares under the production stack's configuration, with some of it changed. */
export function declareStack(changes: Readonly<Record<string, unknown>> = {}): Promise<Resource[]> {
  const { project, config, secretKeys } = readStackConfig(ROOT, "prod");
  const changed = Object.entries(changes).map(([key, value]) => [
    `${project}:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const over = Object.fromEntries(changed) as Record<string, string>;
  const stack = { project, stack: "prod", ...PLACE, secretKeys, config: { ...config, ...over } };
  return declareProgram(path.join(ROOT, "index.ts"), stack);
}

/** Without the resource of that type and name. */
export function without(resources: readonly Resource[], type: string, name: string): Resource[] {
  const kept = resources.filter((each) => each.type !== type || each.name !== name);
  if (kept.length === resources.length) throw new Error(`the program declares no ${type} ${name}`);
  return kept;
}

/** With the text of one input changed. */
function edited(
  resources: readonly Resource[],
  { type, name, input }: { readonly type: string; readonly name: string; readonly input: string },
  edit: (text: string) => string,
): Resource[] {
  let isChanged = false;
  const all = resources.map((each) => {
    if (each.type !== type || each.name !== name) return each;
    const before = String(each.inputs[input]);
    const after = edit(before);
    isChanged ||= after !== before;
    return { ...each, inputs: { ...each.inputs, [input]: after } };
  });
  if (!isChanged) throw new Error(`nothing to change in ${input} of ${type} ${name}`);
  return all;
}

/** The drain function's role without an action. */
export function withoutPermission(resources: readonly Resource[], action: string): Resource[] {
  const policy = { type: "aws:iam/rolePolicy:RolePolicy", name: "spotproof-drain-policy", input: "policy" };
  return edited(resources, policy, (text) => text.replace(`"${action}"`, '"none:None"'));
}

/** The drain function doesn't hear of interruptions. */
export function withoutRule(resources: readonly Resource[]): Resource[] {
  return without(resources, "aws:cloudwatch/eventRule:EventRule", "spotproof-interruption");
}

/** The ECS agents don't drain their instances. */
export function withoutAgentDraining(resources: readonly Resource[]): Resource[] {
  const template = { type: "aws:ec2/launchTemplate:LaunchTemplate", name: "spotproof-template", input: "userData" };
  return edited(resources, template, (text) => {
    const script = Buffer.from(text, "base64").toString("utf8");
    const changed = script.replace("ECS_ENABLE_SPOT_INSTANCE_DRAINING=true", "ECS_ENABLE_SPOT_INSTANCE_DRAINING=false");
    return Buffer.from(changed).toString("base64");
  });
}

/** ECS doesn't drain what its group or EC2 is about to end. */
export function withoutManagedDraining(resources: readonly Resource[]): Resource[] {
  return resources.map((each) => {
    if (each.type !== "aws:ecs/capacityProvider:CapacityProvider") return each;
    const provider = each.inputs.autoScalingGroupProvider as object;
    const autoScalingGroupProvider = { ...provider, managedDraining: "DISABLED" };
    return { ...each, inputs: { ...each.inputs, autoScalingGroupProvider } };
  });
}

/** A third of the Spot instances at each half hour; new ones can be had at any time. */
const INTERRUPTIONS: Market = {
  source: "test",
  durationMs: null,
  events: [1, 2, 3].map((each) => ({ atMs: each * 30 * MINUTE, kind: "reclaim", pool: {}, share: 0.34, spreadMs: 0 })),
};

export interface Circumstances {
  readonly seed: number;
  readonly requestsPerSecond: number;
  readonly profile: Partial<ContainerProfile>;
  readonly market: Market;
  readonly options: Partial<VariantOptions>;
}

/** Two hours with interruptions, at a constant load. */
export async function rehearseResources(
  resources: readonly Resource[],
  { seed = 1, requestsPerSecond = 60, profile = {}, market = INTERRUPTIONS, options }: Partial<Circumstances> = {},
): Promise<MeasuredResult> {
  const { result } = await runVariant({
    program: "index.ts",
    resources,
    place: PLACE,
    seed,
    flags: DEFAULT_FLAGS,
    faults: undefined,
    profile: { ...DEFAULT_PROFILE, ...profile },
    prices: priceTable(PLACE.region),
    durationMs: 2 * HOUR,
    market: () => market,
    load: { source: "test", durationMs: 2 * HOUR, steps: [{ atMs: 0, requestsPerSecond }] },
    exact: false,
    sink: undefined,
    progress: () => undefined,
    ...options,
  });
  return result;
}
