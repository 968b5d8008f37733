/** What moto 5.2 can't do, done here on top of what it can: filters, pages, refusals, what an instance's agent reports. */
import type * as autoScaling from "@aws-sdk/client-auto-scaling";
import type * as ecs from "@aws-sdk/client-ecs";
import { ARNS_PAGE } from "../../../rehearsal/api/ecs/common";
import { ApiError, paged } from "../../../rehearsal/api/operation";
import type { Clients } from "./clients";

/** Answers a call in AWS's place; `moto` is asked directly. */
// Each names the input of its own operation, which the table of all can't.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Stub = (input: any, moto: Clients) => Promise<object>;

const SERVICES_PAGE = { byDefault: 10, most: 100 };

/** By IAM action; the state that they keep begins anew with every call of this. */
export function motoGaps(): Map<string, Stub> {
  const bindings = new Map<string, ecs.NetworkBinding[]>();
  return new Map<string, Stub>([
    ["autoscaling:DetachInstances", detachInstances],
    ["ecs:ListContainerInstances", listContainerInstances],
    ["ecs:ListServices", listServices],
    ["ecs:ListTasks", listTasks],
    ["ecs:SubmitTaskStateChange", async (input: ecs.SubmitTaskStateChangeRequest) => submit(input, bindings)],
    ["ecs:DescribeTasks", (input: ecs.DescribeTasksRequest, moto) => describeTasks(input, moto, bindings)],
  ]);
}

/** moto detaches what is no member, too. */
async function detachInstances(input: autoScaling.DetachInstancesQuery, moto: Clients): Promise<object> {
  const { AutoScalingGroupName: group, InstanceIds = [] } = input;
  const { AutoScalingInstances = [] } = await moto.autoScaling.describeAutoScalingInstances({ InstanceIds });
  const own = AutoScalingInstances.filter((each) => each.AutoScalingGroupName === group).map((each) => each.InstanceId);
  const stranger = InstanceIds.find((id) => !own.includes(id));
  if (stranger !== undefined) {
    throw new ApiError("ValidationError", `The instance ${stranger} is not part of Auto Scaling group ${group}.`);
  }
  const { Activities } = await moto.autoScaling.detachInstances(input);
  return { Activities };
}

/** moto takes no notice of the filter and gives everything at once. */
async function listContainerInstances(
  { filter, nextToken, maxResults, ...which }: ecs.ListContainerInstancesRequest,
  moto: Clients,
): Promise<object> {
  const { containerInstanceArns: all = [] } = await moto.ecs.listContainerInstances(which);
  const wanted = filter === undefined ? all : await filtered(all, filter, which.cluster, moto);
  const { items, next } = paged(wanted, nextToken, maxResults, ARNS_PAGE);
  return { containerInstanceArns: items, nextToken: next };
}

async function filtered(
  arns: readonly string[],
  filter: string,
  cluster: string | undefined,
  moto: Clients,
): Promise<string[]> {
  const instanceId = /^ec2InstanceId == (i-[0-9a-f]+)$/.exec(filter)?.[1];
  if (instanceId === undefined) throw new ApiError("InvalidParameterException", `Invalid filter: ${filter}`);
  if (arns.length === 0) return [];
  const { containerInstances = [] } = await moto.ecs.describeContainerInstances({
    cluster,
    containerInstances: [...arns],
  });
  return containerInstances
    .filter((each) => each.ec2InstanceId === instanceId)
    .flatMap((each) => each.containerInstanceArn ?? []);
}

/** moto gives everything at once. */
async function listServices(
  { nextToken, maxResults, ...which }: ecs.ListServicesRequest,
  moto: Clients,
): Promise<object> {
  const { serviceArns = [] } = await moto.ecs.listServices(which);
  const { items, next } = paged(serviceArns, nextToken, maxResults, SERVICES_PAGE);
  return { serviceArns: items, nextToken: next };
}

/** moto gives everything at once, stopped tasks too, which AWS gives only where they are asked for. */
async function listTasks({ nextToken, maxResults, ...which }: ecs.ListTasksRequest, moto: Clients): Promise<object> {
  const { taskArns = [] } = await moto.ecs.listTasks({ desiredStatus: "RUNNING", ...which });
  const { items, next } = paged(taskArns, nextToken, maxResults, ARNS_PAGE);
  return { taskArns: items, nextToken: next };
}

/** moto has no agent, and so no ports of a task. */
async function submit(
  { task = "", containers = [] }: ecs.SubmitTaskStateChangeRequest,
  bindings: Map<string, ecs.NetworkBinding[]>,
): Promise<object> {
  bindings.set(
    task,
    containers.flatMap((container) => container.networkBindings ?? []),
  );
  return { acknowledgment: "ACK" };
}

/** Of a task that was started on an instance, moto leaves the launch type empty. */
async function describeTasks(
  input: ecs.DescribeTasksRequest,
  moto: Clients,
  bindings: ReadonlyMap<string, ecs.NetworkBinding[]>,
): Promise<object> {
  const { tasks = [], failures } = await moto.ecs.describeTasks(input);
  const withPorts = tasks.map((task) => {
    const [first, ...others] = task.containers ?? [];
    const networkBindings = bindings.get(task.taskArn ?? "") ?? [];
    return { ...task, launchType: "EC2", containers: [{ ...first, networkBindings }, ...others] };
  });
  return { tasks: withPorts, failures };
}
