/** What can be wrong with a task, alone and on its cluster. */
import { imageProblems } from "./imageProblems";
import type { Architecture } from "../cluster/instanceTypes";
import { logRetentionProblems } from "../logRetention";
import { choiceProblems, didYouMean, rangeProblems, type Problem } from "../problems";
import type { SmallestInstance } from "../spotClusterArgs";
import { CPU_ARCHITECTURES, DEPENDENCY_CONDITIONS, type ContainerHealthCheck, type TaskArgs } from "./taskArgs";
import { containersOf, cycleOf, type Container } from "./taskContainers";
import { credentialsProblems, keyProblems, secretProblems } from "./taskSecrets";

/** What a task must know of its cluster to be checked. */
export interface TaskSurroundings {
  readonly architecture?: Architecture;
  readonly smallestInstance?: SmallestInstance;
}

export const CPU_UNITS_PER_VCPU = 1024;
const MOST_CPU_UNITS = 196608;

/** Docker's least, and more than any instance has. */
const FEWEST_MEMORY_MIB = 6;
const MOST_MEMORY_MIB = 24 * 1024 * 1024;

/** An instance registers less memory than its type has: the kernel and the agent take theirs first.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/memory-management.html */
const REGISTERED_MEMORY_SHARE = 0.92;

/** Of a definition, the main one included.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const MOST_CONTAINERS = 10;

export function taskProblems(name: string, args: TaskArgs, cluster: TaskSurroundings): Problem[] {
  const containers = containersOf(name, args);
  return [
    ...containers.flatMap(({ path, image }) => imageProblems(`${path}image`, image, args, cluster.architecture)),
    ...architectureProblems(args, cluster),
    ...rangeProblems("cpu", args.cpu, 1, MOST_CPU_UNITS),
    ...sidecarProblems(args),
    ...containers.flatMap(containerProblems),
    ...sidecarNameProblems(name, args),
    ...dependencyProblems(containers),
    ...sizeProblems(containers, cluster),
    ...(args.secretsKmsKeyArns ?? []).flatMap((arn, index) => keyProblems(`secretsKmsKeyArns[${index}]`, arn)),
    ...logRetentionProblems("logRetentionDays", args.logRetentionDays),
  ];
}

function sidecarProblems({ sidecars = {} }: TaskArgs): Problem[] {
  return Object.entries(sidecars).flatMap(([sidecar, { cpu, containerPort }]) => [
    ...rangeProblems(`sidecars.${sidecar}.cpu`, cpu, 0, MOST_CPU_UNITS),
    ...rangeProblems(`sidecars.${sidecar}.containerPort`, containerPort, 1, 65535),
  ]);
}

function architectureProblems({ cpuArchitecture }: TaskArgs, { architecture }: TaskSurroundings): Problem[] {
  const property = "cpuArchitecture";
  const problems = choiceProblems(property, cpuArchitecture, Object.values(CPU_ARCHITECTURES));
  if (problems.length > 0 || cpuArchitecture === undefined || architecture === undefined) return problems;
  const ofCluster = CPU_ARCHITECTURES[architecture];
  if (cpuArchitecture === ofCluster) return [];
  const allowed = `${ofCluster}, which the cluster's instances have`;
  const change = `remove it and take an image for ${ofCluster}, or give the cluster instances of ${cpuArchitecture}`;
  return [{ property, given: cpuArchitecture, allowed, change }];
}

function containerProblems(container: Container): Problem[] {
  const { path, memoryReservationMiB, memoryMiB, secrets = {}, repositoryCredentialsSecretArn } = container;
  return [
    ...rangeProblems(`${path}memoryReservationMiB`, memoryReservationMiB, FEWEST_MEMORY_MIB, MOST_MEMORY_MIB),
    ...rangeProblems(`${path}memoryMiB`, memoryMiB, memoryReservationMiB, MOST_MEMORY_MIB),
    ...Object.entries(secrets).flatMap(([variable, arn]) => secretProblems(`${path}secrets.${variable}`, arn)),
    ...variableProblems(container),
    ...credentialsProblems(`${path}repositoryCredentialsSecretArn`, repositoryCredentialsSecretArn),
    ...healthCheckProblems(path === "" ? "containerHealthCheck" : `${path}healthCheck`, container.healthCheck),
  ];
}

/** ECS takes a name once: plain or secret. */
function variableProblems({ path, environment = {}, secrets = {} }: Container): Problem[] {
  const twice = Object.keys(secrets).filter((variable) => Object.hasOwn(environment, variable));
  return twice.map((variable) => ({
    property: `${path}secrets.${variable}`,
    given: variable,
    allowed: "a name that environment doesn't have",
    change: "remove one of the two",
  }));
}

function healthCheckProblems(property: string, check: ContainerHealthCheck | undefined): Problem[] {
  if (check === undefined) return [];
  const { command, intervalSeconds, timeoutSeconds, retries, startPeriodSeconds } = check;
  const [first] = command;
  const isCommand = (first === "CMD" || first === "CMD-SHELL") && command.length > 1;
  const allowed = "CMD and the words of a command, or CMD-SHELL and a line for the shell";
  const change = `give e.g. ["CMD-SHELL", ${JSON.stringify(command.join(" ") || "curl -f http://localhost/")}]`;
  return [
    ...(isCommand ? [] : [{ property: `${property}.command`, given: command, allowed, change }]),
    ...rangeProblems(`${property}.intervalSeconds`, intervalSeconds, 5, 300),
    ...rangeProblems(`${property}.timeoutSeconds`, timeoutSeconds, 2, 60),
    ...rangeProblems(`${property}.retries`, retries, 1, 10),
    ...rangeProblems(`${property}.startPeriodSeconds`, startPeriodSeconds, 0, 300),
  ];
}

function sidecarNameProblems(name: string, { sidecars = {} }: TaskArgs): Problem[] {
  const names = Object.keys(sidecars);
  const isName = (each: string): boolean => /^[\w-]{1,255}$/.test(each) && each !== name;
  const allowed = `letters, digits, hyphens and underscores, and not ${name}, which the main container is called`;
  const problems: Problem[] = names
    .filter((each) => !isName(each))
    .map((each) => ({ property: `sidecars.${each}`, given: each, allowed, change: "give it another name" }));
  if (names.length < MOST_CONTAINERS) return problems;
  const most = `at most ${MOST_CONTAINERS - 1}: a task has ${MOST_CONTAINERS} containers at most`;
  const change = `remove ${names.length - MOST_CONTAINERS + 1}`;
  return [...problems, { property: "sidecars", given: names.length, allowed: most, change }];
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html */
function dependencyProblems(containers: readonly Container[]): Problem[] {
  const problems = containers.flatMap((container) => [
    ...Object.entries(container.dependsOn ?? {}).flatMap(([other, condition]) =>
      conditionProblems(`${container.path}dependsOn.${other}`, other, condition, containers),
    ),
    ...(container.links ?? []).flatMap((other, index) =>
      otherContainer(`${container.path}links[${index}]`, other, containers),
    ),
  ]);
  const cycle = problems.length > 0 ? undefined : cycleOf(containers);
  if (!cycle) return problems;
  const allowed = "dependencies without a cycle, because each of these would wait for another one to start";
  return [{ property: "dependsOn", given: cycle.join(" → "), allowed, change: "remove one of them" }];
}

function otherContainer(property: string, given: string, containers: readonly Container[]): Problem[] {
  const names = containers.map(({ name }) => name);
  if (names.includes(given)) return [];
  return [
    { property, given, allowed: `a container of the task: ${names.join(", ")}`, change: correction(given, names) },
  ];
}

const correction = (given: string, names: readonly string[]): string =>
  didYouMean(given, names) ?? "give one of these, or declare it under sidecars";

function conditionProblems(
  property: string,
  other: string,
  given: string,
  containers: readonly Container[],
): Problem[] {
  const problems = [
    ...otherContainer(property, other, containers),
    ...choiceProblems(property, given, DEPENDENCY_CONDITIONS),
  ];
  const container = containers.find(({ name }) => name === other);
  if (problems.length > 0 || !container) return problems;
  if (given === "HEALTHY" && !container.healthCheck) {
    const allowed = `START, because ${other} has no health check`;
    const check = container.path === "" ? "containerHealthCheck" : `${container.path}healthCheck`;
    return [{ property, given, allowed, change: `give ${check}, or START` }];
  }
  if ((given === "COMPLETE" || given === "SUCCESS") && container.essential) {
    const allowed = `START or HEALTHY, because ${other} is essential: the task would stop when it has run`;
    const change = container.path === "" ? "give START" : `give ${container.path}essential: false`;
    return [{ property, given, allowed, change }];
  }
  return [];
}

/** A task that doesn't fit the smallest type never makes managed scaling launch anything.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-scaling-behavior.html */
function sizeProblems(containers: readonly Container[], { smallestInstance }: TaskSurroundings): Problem[] {
  if (!smallestInstance) return [];
  const why =
    "of the cluster's smallest instance, because managed scaling launches nothing for a task that doesn't fit it";
  const most = (property: "cpu" | "memoryReservationMiB", limit: number, unit: string): Problem[] => {
    const given = containers.reduce((total, container) => total + container[property], 0);
    if (!(given > limit)) return [];
    const all = containers.length > 1 ? `${property} of all containers together` : property;
    const change = `lower ${property} by ${given - limit} or give larger instances`;
    return [{ property: all, given, allowed: `at most the ${limit} ${unit} ${why}`, change }];
  };
  return [
    ...most("cpu", smallestInstance.vcpu * CPU_UNITS_PER_VCPU, "CPU units"),
    ...most("memoryReservationMiB", Math.floor(smallestInstance.memoryMiB * REGISTERED_MEMORY_SHARE), "MiB for tasks"),
  ];
}
