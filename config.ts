/**
 * Reads the stack's configuration, namespace `spotproof`, in one place. Pulumi.yaml declares the same keys with the same types
 * and defaults. Values come as strings and arrays as JSON, from the engine and from `pulumi.runtime.setAllConfig` alike.
 */
import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { BALANCED_SERVICE_DEFAULTS as SERVICE, type BalancedServiceArgs } from "./components/balancedServiceArgs";
import { BALANCER_DEFAULTS as BALANCER, LOAD_BALANCING_ALGORITHMS } from "./components/balancer/balancerArgs";
import { balancedServiceProblems } from "./components/balancedServiceProblems";
import { withDefaults } from "./components/defaults";
import { isImageBuild, type ImageBuild } from "./components/task/imageArgs";
import { NAT_GATEWAY_STRATEGIES } from "./components/cluster/network";
import { didYouMean, redacted, throwProblems, type Problem } from "./components/problems";
import { REBALANCE_RECOMMENDATIONS } from "./components/cluster/recommendations";
import { REFRESHES, type Day } from "./components/cluster/refreshArgs";
import { REPLACEMENTS } from "./components/cluster/replacement";
import { scalingSchema } from "./components/scaling/scalingSchema";
import {
  CONTAINER_INSIGHTS,
  smallestInstance,
  SPOT_CLUSTER_DEFAULTS as CLUSTER,
  type SpotClusterArgs,
} from "./components/spotClusterArgs";
import { PLACEMENT_STRATEGIES, PLACEMENTS } from "./components/service/serviceArgs";
import { spotClusterProblems } from "./components/spotClusterProblems";
import { IMAGE_PULL_BEHAVIORS } from "./components/cluster/userData";

const NAMESPACE = "spotproof";

// An issue's message says what is allowed. Pulumi demands every declared key that has no default, so that "", [] and 0 stand for
// "none" where a value may be left out.
const required = (allowed: string) => z.string(allowed).min(1, allowed);
const optionalText = z.string().transform((value) => (value === "" ? undefined : value));
const integer = z
  .string("a whole number")
  .regex(/^-?\d+$/, "a whole number")
  .transform(Number);
const optionalInteger = integer.transform((value) => (value === 0 ? undefined : value));
const flag = z.enum(["true", "false"], "true or false").transform((value) => value === "true");
const choice = <const Choice extends string>(choices: readonly Choice[]) => z.enum(choices, choices.join(", "));
const strings = z.string().transform(parseStrings);
const optionalStrings = strings.transform((value) => (value.length === 0 ? undefined : value));
const object = z.string().transform(parseObject);
/** An object of one kind; `{}` stands for none. */
const optional = <T extends z.ZodType>(shape: T, allowed: string) =>
  object.transform((value, context): z.output<T> | undefined => {
    if (Object.keys(value).length === 0) return undefined;
    const result = shape.safeParse(value);
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues) {
      const where = path.length > 0 ? ` (${path.join(".")}: ${message})` : ` (${message})`;
      context.addIssue({ code: "custom", message: `${allowed}${where}` });
    }
    return z.NEVER;
  });
const integers = z
  .string()
  .transform(parseJson)
  .pipe(z.array(z.int(), "a JSON array of whole numbers, e.g. [20, 100]"));
const texts = z.record(z.string(), z.string());
const variables = strings.refine((value) => value.every((each) => /^\w+=/.test(each)), 'a JSON array of "NAME=value"');

const CLUSTER_KEYS = {
  vpcId: optionalText.optional(),
  subnetIds: optionalStrings.optional(),
  availabilityZoneCount: integer.default(CLUSTER.availabilityZoneCount),
  natGatewayStrategy: choice(NAT_GATEWAY_STRATEGIES).default(CLUSTER.natGatewayStrategy),
  instanceTypes: strings.default(["m5.large", "m5a.large", "m6i.large", "m6a.large"]),
  minSize: integer.default(2),
  maxSize: integer.default(10),
  onDemandBaseCapacity: integer.default(CLUSTER.onDemandBaseCapacity),
  onDemandPercentageAboveBaseCapacity: integer.default(CLUSTER.onDemandPercentageAboveBaseCapacity),
  onDemandFallback: optional(
    z.strictObject({ maxInstances: z.int().optional(), maxHours: z.int().optional() }),
    'a JSON object, e.g. {"maxInstances": 4, "maxHours": 12}',
  ).optional(),
  targetCapacityPercent: integer.default(CLUSTER.targetCapacityPercent),
  replacement: choice(REPLACEMENTS).default(CLUSTER.replacement),
  rebalanceRecommendations: choice(REBALANCE_RECOMMENDATIONS).default(CLUSTER.rebalanceRecommendations),
  recommendationMinutes: integer.default(CLUSTER.recommendationMinutes),
  rebalance: flag.default(CLUSTER.rebalance),
  rebalanceMostApartPercent: integer.default(CLUSTER.rebalanceMostApartPercent),
  rebalanceIntervalMinutes: integer.default(CLUSTER.rebalanceIntervalMinutes),
  rebalanceMostMoves: integer.default(CLUSTER.rebalanceMostMoves),
  stopTimeoutSeconds: integer.default(CLUSTER.stopTimeoutSeconds),
  imagePullBehavior: choice(IMAGE_PULL_BEHAVIORS).default(CLUSTER.imagePullBehavior),
  registryCredentialsSecretArn: optionalText.optional(),
  amiId: optionalText.optional(),
  keyName: optionalText.optional(),
  rootVolumeSizeGiB: integer.default(CLUSTER.rootVolumeSizeGiB),
  containerInsights: choice(CONTAINER_INSIGHTS).default(CLUSTER.containerInsights),
  onDemandCapacity: optional(
    z.strictObject({ minSize: z.int(), maxSize: z.int() }),
    'a JSON object, e.g. {"minSize": 0, "maxSize": 4}',
  ).optional(),
  alarms: flag.default(CLUSTER.alarms),
  alarmTopicArn: optionalText.optional(),
  dashboard: flag.default(CLUSTER.dashboard),
  instancePrices: optional(
    z.strictObject({ onDemandPerHour: z.number(), spotPerHour: z.number() }),
    'a JSON object, e.g. {"onDemandPerHour": 0.107, "spotPerHour": 0.046}',
  ).optional(),
  refresh: choice(REFRESHES).default(CLUSTER.refresh),
  // Which words are days, the cluster says.
  refreshDays: strings.transform((days) => days as Day[]).default(CLUSTER.refreshDays),
  refreshStartTime: z.string().default(CLUSTER.refreshStartTime),
  refreshWindowMinutes: integer.default(CLUSTER.refreshWindowMinutes),
  refreshTimeZone: z.string().default(CLUSTER.refreshTimeZone),
  refreshMaxMinutes: integer.default(CLUSTER.refreshMaxMinutes),
  refreshMaxHealthyPercent: integer.default(CLUSTER.refreshMaxHealthyPercent),
  refreshCheckpointPercents: integers.default(CLUSTER.refreshCheckpointPercents),
  refreshCheckpointDelaySeconds: integer.default(CLUSTER.refreshCheckpointDelaySeconds),
  refreshInstanceWarmupSeconds: integer.default(CLUSTER.refreshInstanceWarmupSeconds),
  refreshAlarmNames: strings.default([]),
  logRetentionDays: integer.default(CLUSTER.logRetentionDays),
};

const SERVICE_KEYS = {
  image: required("an image reference, pinned by version or digest, or a folder that begins with ./ or ../").transform(
    imageOf,
  ),
  containerPort: integer,
  command: optionalStrings.optional(),
  environment: variables.default([]),
  secrets: optional(texts, 'a JSON object of ARNs, e.g. {"TOKEN": "arn:aws:secretsmanager:…"}').optional(),
  cpu: integer.default(256),
  memoryReservationMiB: integer.default(512),
  memoryMiB: optionalInteger.optional(),
  desiredCount: optionalInteger.optional(),
  scaling: optional(
    scalingSchema,
    "a JSON object with minCount and maxCount, and what docs/scaling.md tells",
  ).optional(),
  capacity: choice(["spot", "onDemand"]).default("spot"),
  longestRequestSeconds: optionalInteger.optional(),
  protectsWork: flag.default(SERVICE.protectsWork),
  enableExecuteCommand: flag.default(SERVICE.enableExecuteCommand),
  deregistrationDelaySeconds: integer.default(SERVICE.deregistrationDelaySeconds),
  certificateArn: optionalText.optional(),
  loadBalancerSubnetIds: optionalStrings.optional(),
  domainNames: optionalStrings.optional(),
  hostedZoneId: optionalText.optional(),
  tlsPolicy: z.string().default(BALANCER.tlsPolicy),
  internal: flag.default(BALANCER.internal),
  clientCidrs: optionalStrings.optional(),
  accessLogs: flag.default(false),
  idleTimeoutSeconds: optionalInteger.optional(),
  enableDeletionProtection: flag.default(BALANCER.enableDeletionProtection),
  loadBalancingAlgorithm: choice(LOAD_BALANCING_ALGORITHMS).default("round_robin"),
  healthCheckPath: z.string().default(SERVICE.healthCheckPath),
  healthCheckIntervalSeconds: integer.default(SERVICE.healthCheckIntervalSeconds),
  healthCheckTimeoutSeconds: integer.default(SERVICE.healthCheckTimeoutSeconds),
  healthCheckMatcher: z.string().default(SERVICE.healthCheckMatcher),
  healthCheckGracePeriodSeconds: integer.default(SERVICE.healthCheckGracePeriodSeconds),
  placement: choice(PLACEMENTS).default("binpack"),
  minimumHealthyPercent: integer.default(SERVICE.minimumHealthyPercent),
  maximumPercent: integer.default(SERVICE.maximumPercent),
};

/** Every key, by its name. */
export const CONFIG_SCHEMA = z.object({ ...CLUSTER_KEYS, ...SERVICE_KEYS });

type Values = z.output<typeof CONFIG_SCHEMA>;
type Key = keyof Values;
const KEYS = Object.keys(CONFIG_SCHEMA.shape) as Key[];

export interface ProgramConfig {
  readonly cluster: SpotClusterArgs;
  readonly service: Omit<BalancedServiceArgs, "cluster">;
}

/** @throws InputProblemsError with every problem of the configuration: unknown keys, wrong types, values that don't go together. */
export function readConfig(): ProgramConfig {
  const given = givenValues();
  const { values, problems } = parse(given);
  const config = programConfig(values);
  const all = distinct([...unknownKeys(given), ...problems, ...combinedProblems(config, problems)]);
  throwProblems("The stack's configuration", withoutSecrets(all, given));
  return secretConfig(config);
}

function givenValues(): Map<string, string> {
  const prefix = `${NAMESPACE}:`;
  const entries = Object.entries(pulumi.runtime.allConfig() as Record<string, string>).filter(([key]) =>
    key.startsWith(prefix),
  );
  return new Map(entries.map(([key, value]) => [key.slice(prefix.length), value]));
}

function unknownKeys(given: ReadonlyMap<string, string>): Problem[] {
  const unknown = [...given].filter(([key]) => !Object.hasOwn(CONFIG_SCHEMA.shape, key));
  return unknown.map(([key, value]) => {
    const change = didYouMean(key, KEYS) ?? "remove it";
    return { property: key, given: value, allowed: "a key that Pulumi.yaml declares", change };
  });
}

/** The values of the keys that are right; the default where one is wrong, so that the others can still be checked together. */
function parse(given: ReadonlyMap<string, string>): { values: Values; problems: Problem[] } {
  const results = KEYS.map((key) => ({ key, result: CONFIG_SCHEMA.shape[key].safeParse(given.get(key)) }));
  const problems = results.flatMap(({ key, result }) => {
    const allowed = result.error?.issues[0]?.message;
    if (allowed === undefined) return [];
    const change = given.has(key) ? "give such a value" : `pulumi config set ${NAMESPACE}:${key} …`;
    return [{ property: key, given: given.get(key), allowed, change }];
  });
  const values = results.map(({ key, result }) => [
    key,
    result.success ? result.data : CONFIG_SCHEMA.shape[key].safeParse(undefined).data,
  ]);
  return { values: Object.fromEntries(values) as Values, problems };
}

/** What is wrong in combination; a key that is wrong by itself is not named again. */
function combinedProblems({ cluster, service }: ProgramConfig, problems: readonly Problem[]): Problem[] {
  const wrong = new Set(problems.map(({ property }) => property));
  const { stopTimeoutSeconds, checkIntervalSeconds } = withDefaults(cluster, CLUSTER);
  const hasOnDemandCapacity = cluster.onDemandCapacity !== undefined;
  const times = { stopTimeoutSeconds, checkIntervalSeconds };
  const facts = { ...times, smallestInstance: smallestInstance(cluster), hasOnDemandCapacity };
  const found = [...spotClusterProblems(cluster), ...balancedServiceProblems(service, facts)];
  return found.filter(({ property }) => !wrong.has(property));
}

function programConfig(values: Values): ProgramConfig {
  const cluster = pick(values, Object.keys(CLUSTER_KEYS) as (keyof typeof CLUSTER_KEYS)[]);
  const { environment, placement, ...service } = pick(
    values,
    Object.keys(SERVICE_KEYS) as (keyof typeof SERVICE_KEYS)[],
  );
  const { logRetentionDays } = values;
  return {
    cluster,
    service: {
      ...service,
      environment: Object.fromEntries(environment.map(nameAndValue)),
      placementStrategies: PLACEMENT_STRATEGIES[placement],
      logRetentionDays,
    },
  };
}

/** Marks what came encrypted as secret, so that it stays so in the state. */
function secretConfig({ cluster, service }: ProgramConfig): ProgramConfig {
  const kept = <T>(key: Key, value: T) => (value !== undefined && isSecret(key) ? pulumi.secret(value) : value);
  const { environment = {}, secrets, command } = service;
  type Texts = Record<string, pulumi.Input<string>>;
  const keptIn = (key: Key, texts: Texts): Texts =>
    Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, kept(key, value)]));
  return {
    cluster: {
      ...cluster,
      vpcId: kept("vpcId", cluster.vpcId),
      amiId: kept("amiId", cluster.amiId),
      keyName: kept("keyName", cluster.keyName),
      alarmTopicArn: kept("alarmTopicArn", cluster.alarmTopicArn),
      registryCredentialsSecretArn: kept("registryCredentialsSecretArn", cluster.registryCredentialsSecretArn),
    },
    service: {
      ...service,
      image: isImageBuild(service.image) ? service.image : kept("image", service.image),
      hostedZoneId: kept("hostedZoneId", service.hostedZoneId),
      certificateArn: kept("certificateArn", service.certificateArn),
      command: command?.map((word) => kept("command", word)),
      environment: keptIn("environment", environment),
      secrets: secrets && keptIn("secrets", secrets),
    },
  };
}

/** The problems without the value of any secret key, in what was given or in the words about it. */
function withoutSecrets(problems: readonly Problem[], given: ReadonlyMap<string, string>): Problem[] {
  const secretKeys = [...given.keys()].filter(isSecret);
  const secretValues = secretKeys.flatMap((key) => [
    given.get(key) ?? "",
    ...z
      .array(z.string())
      .catch([])
      .parse(parseJson(given.get(key) ?? "")),
  ]);
  return problems.map((problem) => redacted(problem, secretKeys, secretValues));
}

/** Pulumi keeps this function out of its types; its own Config class goes by it. */
const runtime = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

function isSecret(key: string): boolean {
  return runtime.isConfigSecret(`${NAMESPACE}:${key}`);
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

function nameAndValue(variable: string): [string, string] {
  const equals = variable.indexOf("=");
  return [variable.slice(0, equals), variable.slice(equals + 1)];
}

/** A folder, or a reference. */
function imageOf(value: string): string | ImageBuild {
  return /^\.{0,2}\//.test(value) ? { context: value } : value;
}

function parseObject(json: string, context: z.RefinementCtx): Readonly<Record<string, unknown>> {
  const result = z.record(z.string(), z.unknown()).safeParse(parseJson(json));
  if (result.success) return result.data;
  context.addIssue({ code: "custom", message: 'a JSON object, e.g. {"a": 1}' });
  return z.NEVER;
}

/** The array in a JSON text; says what is allowed where it isn't one of strings. */
function parseStrings(json: string, context: z.RefinementCtx): string[] {
  const result = z.array(z.string()).safeParse(parseJson(json));
  if (result.success) return result.data;
  context.addIssue({ code: "custom", message: 'a JSON array of strings, e.g. ["a", "b"]' });
  return z.NEVER;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The cluster and the service may both say the same of a key that they share. */
function distinct(problems: readonly Problem[]): Problem[] {
  const same = (a: Problem, b: Problem): boolean => a.property === b.property && a.allowed === b.allowed;
  return problems.filter((problem, index) => problems.findIndex((each) => same(each, problem)) === index);
}
