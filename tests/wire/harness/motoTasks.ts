/** What moto can't do with tasks: it has no agent that reports of them, no protection, and takes a stop for granted. */
import type * as ecs from "@aws-sdk/client-ecs";
import { ARNS_PAGE } from "../../../rehearsal/api/ecs/common";
import { ApiError, paged } from "../../../rehearsal/api/operation";
import { PROTECTION_MINUTES } from "../../../rehearsal/world/ecs/protection";
import type { Clients } from "./clients";
import type { Stub } from "./motoGaps";

/** What its agent has reported of a task. */
interface Reported extends Pick<ecs.Task, "createdAt" | "startedAt"> {
  readonly networkBindings: ecs.NetworkBinding[];
}

/** By the task's ARN. */
type Reports = Map<string, Reported>;
/** When it ends, by the task's ARN. */
type Protections = Map<string, number>;

/** By the container instance's ARN. */
type Zones = Map<string | undefined, string | undefined>;

export function taskGaps(groups: TaskGroups): Readonly<Record<string, Stub>> {
  const reports: Reports = new Map();
  const zones: Zones = new Map();
  const protections: Protections = new Map();
  return {
    "ecs:ListTasks": (input: ecs.ListTasksRequest, moto) => listTasks(input, moto, groups),
    "ecs:SubmitTaskStateChange": async (input: ecs.SubmitTaskStateChangeRequest) => submit(input, reports),
    "ecs:DescribeTasks": (input: ecs.DescribeTasksRequest, moto) => describeTasks(input, moto, { reports, zones }),
    "ecs:StopTask": stopTask,
    "ecs:GetTaskProtection": (input: ecs.GetTaskProtectionRequest, moto) => protectionsOf(input, moto, protections),
    "ecs:UpdateTaskProtection": async (input: ecs.UpdateTaskProtectionRequest, moto) => {
      const { protectionEnabled, expiresInMinutes = PROTECTION_MINUTES.byDefault, tasks = [] } = input;
      const until = protectionEnabled === true ? Date.now() + expiresInMinutes * 60_000 : 0;
      for (const arn of tasks) protections.set(arn, until);
      return protectionsOf(input, moto, protections);
    },
  };
}

/**
 * moto gives everything at once, stopped tasks too, which AWS gives only where they are asked for, and those of every
 * service.
 */
async function listTasks(
  { nextToken, maxResults, serviceName, ...which }: ecs.ListTasksRequest,
  moto: Clients,
  groups: TaskGroups,
): Promise<object> {
  const { taskArns = [] } = await moto.ecs.listTasks({ desiredStatus: "RUNNING", ...which });
  const wanted = serviceName === undefined ? taskArns : await groups.ofService(serviceName, taskArns, moto);
  const { items, next } = paged(wanted, nextToken, maxResults, ARNS_PAGE);
  return { taskArns: items, nextToken: next };
}

/** The group that each task was started in, asked for once. */
export class TaskGroups {
  private readonly known = new Map<string, string | undefined>();

  /** Those among the tasks of a cluster. */
  async ofService(serviceName: string, arns: readonly string[], moto: Clients): Promise<string[]> {
    const tasks = arns.filter((arn) => !this.known.has(arn));
    if (tasks.length > 0) {
      const cluster = tasks[0]!.split("/").at(-2);
      const found = await moto.ecs.describeTasks({ cluster, tasks });
      for (const { taskArn = "", group } of found.tasks ?? []) this.known.set(taskArn, group);
    }
    return arns.filter((arn) => this.known.get(arn) === `service:${serviceName}`);
  }
}

/** moto has no agent, and so neither ports of a task nor times. */
async function submit(
  { task = "", containers = [], pullStartedAt, pullStoppedAt }: ecs.SubmitTaskStateChangeRequest,
  reports: Reports,
): Promise<object> {
  const networkBindings = containers.flatMap((container) => container.networkBindings ?? []);
  reports.set(task, { networkBindings, createdAt: pullStartedAt, startedAt: pullStoppedAt });
  return { acknowledgment: "ACK" };
}

/** Of a task that was started on an instance, moto leaves the launch type empty. Every look at it brings it nearer its end. */
const asItIs = (task: ecs.Task): ecs.Task => ({ ...task, launchType: "EC2", lastStatus: task.desiredStatus });

/** moto tells neither ports nor zone, and no times. */
async function describeTasks(
  input: ecs.DescribeTasksRequest,
  moto: Clients,
  { reports, zones }: { readonly reports: Reports; readonly zones: Zones },
): Promise<object> {
  const { tasks = [], failures } = await moto.ecs.describeTasks(input);
  await addZones(tasks, input.cluster, moto, zones);
  const reported = tasks.map((task) => {
    const [first, ...others] = task.containers ?? [];
    const { networkBindings = [], ...times } = reports.get(task.taskArn ?? "") ?? {};
    const availabilityZone = zones.get(task.containerInstanceArn);
    return { ...asItIs(task), ...times, availabilityZone, containers: [{ ...first, networkBindings }, ...others] };
  });
  return { tasks: reported, failures };
}

async function addZones(
  tasks: readonly ecs.Task[],
  cluster: string | undefined,
  { ecs, ec2 }: Clients,
  zones: Zones,
): Promise<void> {
  const all = new Set(tasks.flatMap((task) => task.containerInstanceArn ?? []));
  const unknown = [...all].filter((arn) => !zones.has(arn));
  if (unknown.length === 0) return;
  const { containerInstances = [] } = await ecs.describeContainerInstances({ cluster, containerInstances: unknown });
  const InstanceIds = containerInstances.flatMap((each) => each.ec2InstanceId ?? []);
  const { Reservations = [] } = await ec2.describeInstances({ InstanceIds });
  const instances = Reservations.flatMap((reservation) => reservation.Instances ?? []);
  for (const { containerInstanceArn, ec2InstanceId } of containerInstances) {
    const instance = instances.find((each) => each.InstanceId === ec2InstanceId);
    zones.set(containerInstanceArn, instance?.Placement?.AvailabilityZone);
  }
}

/** moto fails for a task that it doesn't know, and takes one that was stopped twice off its instance's count twice. */
async function stopTask(input: ecs.StopTaskRequest, moto: Clients): Promise<object> {
  const { cluster, task: arn = "" } = input;
  const { tasks: [task] = [] } = await moto.ecs.describeTasks({ cluster, tasks: [arn] });
  if (task === undefined) throw new ApiError("InvalidParameterException", "The referenced task was not found.");
  if (task.desiredStatus !== "STOPPED") await moto.ecs.stopTask(input);
  return { task: asItIs({ ...task, desiredStatus: "STOPPED" }) };
}

/** moto has no protection: these two calls fail. */
async function protectionsOf(
  { cluster, tasks = [] }: ecs.GetTaskProtectionRequest,
  moto: Clients,
  protections: Protections,
): Promise<object> {
  const { taskArns = [] } = await moto.ecs.listTasks({ cluster, desiredStatus: "RUNNING" });
  return {
    protectedTasks: tasks.filter((arn) => taskArns.includes(arn)).map((arn) => protectionOf(arn, protections)),
    failures: tasks.filter((arn) => !taskArns.includes(arn)).map((arn) => ({ arn, reason: "MISSING" })),
  };
}

function protectionOf(taskArn: string, protections: Protections): ecs.ProtectedTask {
  const until = protections.get(taskArn) ?? 0;
  if (until <= Date.now()) return { taskArn, protectionEnabled: false };
  return { taskArn, protectionEnabled: true, expirationDate: new Date(until) };
}
