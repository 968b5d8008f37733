/** What a dashboard shows of a cluster, and of each service on it. */
import { standInCost, standInGraph, type OursNamed } from "./fallbackGraphs";
import { metric, type Graph, type GraphedMetric, type Section } from "./dashboardWidgets";

/** A function with its queues, by their names. */
export interface ShownFunction {
  readonly functionName: string;
  readonly queueName: string;
  readonly deadLetterQueueName: string;
}

/** Dollars an hour of one instance, as an average over the types. */
export interface InstancePrices {
  readonly onDemandPerHour: number;
  readonly spotPerHour: number;
}

export interface ShownGroup {
  readonly groupName: string;
  readonly onDemandBaseCapacity: number;
  readonly onDemandPercentageAboveBaseCapacity: number;
}

export interface ShownCluster {
  readonly clusterName: string;
  readonly groups: readonly ShownGroup[];
  readonly capacityProviderNames: readonly string[];
  readonly drain: ShownFunction;
  readonly refresh?: ShownFunction;
  readonly fallback: ShownFunction;
  readonly rebalance?: ShownFunction;
  readonly prices?: InstancePrices;
  /** Whether anything is done about rebalance recommendations. */
  readonly mindsRecommendations?: boolean;
}

export interface ShownService {
  readonly clusterName: string;
  readonly serviceName: string;
  /** As CloudWatch spells them; a queue worker has none. */
  readonly balancer?: { readonly loadBalancer: string; readonly targetGroup: string };
  /** The bounds of its number of tasks. */
  readonly bounds?: { readonly minCount: number; readonly maxCount: number };
  readonly scaleIn?: ShownFunction;
  /** Of a worker, in order of priority. */
  readonly queues?: readonly ShownQueue[];
}

export interface ShownQueue {
  readonly queueName: string;
  readonly deadLetterQueueName?: string;
}

/** As the drain function writes them. */
const RECOMMENDATIONS = ["Recommendations", "HintsTakenUp", "HintsPutBack", "HintsInVain"];

export function clusterSection(cluster: ShownCluster): Section {
  const { clusterName, groups, capacityProviderNames, prices, mindsRecommendations } = cluster;
  const { drain, refresh, fallback, rebalance } = cluster;
  const ours: OursNamed = (name, draw = {}) => metric("Spotproof", name, { ClusterName: clusterName }, draw);
  const graphs: Graph[] = [
    {
      title: "Interruptions",
      metrics: [
        ...["Notices", "InstancesDrained", "InstancesDetached", "TasksDrained", "TasksStoppedAtDeadline"].map((name) =>
          ours(name),
        ),
        ours("LeadTime", { stat: "Minimum", yAxis: "right", label: "LeadTime, seconds" }),
      ],
    },
    ...(mindsRecommendations ? [{ title: "Recommendations", metrics: RECOMMENDATIONS.map((name) => ours(name)) }] : []),
    { title: "Instances", stat: "Average", metrics: groups.flatMap(({ groupName }) => instances(groupName)) },
    {
      title: "How full, percent",
      stat: "Average",
      metrics: [
        ...capacityProviderNames.map((name) =>
          metric("AWS/ECS/ManagedScaling", "CapacityProviderReservation", {
            ClusterName: clusterName,
            CapacityProviderName: name,
          }),
        ),
        ...["CPUReservation", "MemoryReservation"].map((name) => metric("AWS/ECS", name, { ClusterName: clusterName })),
      ],
    },
    functionGraph("Drain function", drain, ours("FailedActions")),
    queueGraph("Drain function's queue", drain),
    ...(refresh ? refreshGraphs(refresh, ours) : []),
    standInGraph(ours),
    functionGraph("Fallback function", fallback, ours("FallbackFailedActions")),
    queueGraph("Fallback function's queue", fallback),
    ...(rebalance ? rebalanceGraphs(rebalance, ours) : []),
    ...(prices ? [costGraph(groups, prices, ours)] : []),
  ];
  return { heading: `Cluster ${clusterName}`, graphs };
}

function refreshGraphs(refresh: ShownFunction, ours: OursNamed): Graph[] {
  return [
    {
      title: "Instances with an older AMI",
      metrics: [
        ours("OutdatedInstances", { stat: "Maximum" }),
        ours("RefreshSeconds", { stat: "Maximum", yAxis: "right" }),
      ],
    },
    functionGraph("Refresh function", refresh, ours("FailedRefreshActions")),
    queueGraph("Refresh function's queue", refresh),
  ];
}

function rebalanceGraphs(rebalance: ShownFunction, ours: OursNamed): Graph[] {
  const apart = { stat: "Maximum", yAxis: "right", label: "InstancesApart, percent" };
  const moves = ["MovesBegun", "TasksMoved", "RebalanceBlocked"].map((name) => ours(name));
  return [
    { title: "Moving tasks", metrics: [...moves, ours("InstancesApart", apart)] },
    functionGraph("Rebalance function", rebalance, ours("FailedMoves")),
    queueGraph("Rebalance function's queue", rebalance),
  ];
}

export function serviceSection(service: ShownService): Section {
  const { clusterName, serviceName, scaleIn } = service;
  const ofService = { ClusterName: clusterName, ServiceName: serviceName };
  const ours = (name: string): GraphedMetric => metric("Spotproof", name, ofService);
  const decisions = ["TasksMarked", "TasksRetired", "TasksLetGo", "ScaleInBlocked"];
  const graphs: Graph[] = [
    tasksGraph(service),
    { title: "Used, percent of what is reserved", stat: "Average", metrics: utilization(ofService) },
    ...balancerGraphs(service),
    ...jobGraphs(service),
    ...(scaleIn
      ? [
          { title: "Scaling in", metrics: decisions.map(ours) },
          functionGraph("Scale-in function", scaleIn, ours("FailedActions")),
          queueGraph("Scale-in function's queue", scaleIn),
        ]
      : []),
  ];
  return { heading: `Service ${serviceName}`, graphs };
}

const instances = (groupName: string): GraphedMetric[] =>
  ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances", "GroupTerminatingInstances"].map(
    (name) => metric("AWS/AutoScaling", name, { AutoScalingGroupName: groupName }),
  );

const utilization = (ofService: Readonly<Record<string, string>>): GraphedMetric[] =>
  ["CPUUtilization", "MemoryUtilization"].flatMap((name) => [
    metric("AWS/ECS", name, ofService),
    metric("AWS/ECS", name, ofService, { stat: "Maximum", label: `${name}, fullest task` }),
  ]);

/** Tasks as Container Insights counts them, and those that serve: as the balancer does, or by what tells its CPU once a minute. */
function tasksGraph({ clusterName, serviceName, balancer, bounds }: ShownService): Graph {
  const ofService = { ClusterName: clusterName, ServiceName: serviceName };
  const counted = ["DesiredTaskCount", "RunningTaskCount", "PendingTaskCount"].map((name) =>
    metric("ECS/ContainerInsights", name, ofService),
  );
  const serving = balancer
    ? metric("AWS/ApplicationELB", "HealthyHostCount", ofTargets(balancer))
    : metric("AWS/ECS", "CPUUtilization", ofService, { stat: "SampleCount", label: "running tasks" });
  const lines = bounds && { minCount: bounds.minCount, maxCount: bounds.maxCount };
  return { title: "Tasks", stat: "Average", metrics: [...counted, serving], lines };
}

function balancerGraphs({ balancer }: ShownService): Graph[] {
  if (!balancer) return [];
  const ofBalancer = { LoadBalancer: balancer.loadBalancer };
  const targets = ofTargets(balancer);
  const elb = "AWS/ApplicationELB";
  return [
    {
      title: "Requests",
      metrics: [
        metric(elb, "RequestCount", targets),
        metric(elb, "RequestCountPerTarget", targets),
        metric(elb, "TargetResponseTime", targets, {
          stat: "p99",
          yAxis: "right",
          label: "TargetResponseTime p99, seconds",
        }),
      ],
    },
    {
      title: "Errors",
      metrics: [
        metric(elb, "HTTPCode_Target_5XX_Count", targets),
        metric(elb, "TargetConnectionErrorCount", targets),
        metric(elb, "HTTPCode_ELB_5XX_Count", ofBalancer),
      ],
    },
  ];
}

/** What waits, for how long, and what became of it: a line for each queue. */
function jobGraphs({ queues = [] }: ShownService): Graph[] {
  if (queues.length === 0) return [];
  const ofEach = (namespace: string, name: string, draw = {}): GraphedMetric[] =>
    queues.map(({ queueName }) => metric(namespace, name, { QueueName: queueName }, draw));
  const jobs = ["JobsDone", "JobsFailed", "JobsGivenBack", "HeartbeatFailures"];
  const dead = queues.flatMap(({ deadLetterQueueName }) => deadLetterQueueName ?? []);
  return [
    {
      title: "Messages that wait, and that are worked on",
      stat: "Maximum",
      metrics: ["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"].flatMap((name) =>
        ofEach("AWS/SQS", name),
      ),
    },
    {
      title: "Time in the queue, seconds",
      stat: "Maximum",
      metrics: [
        ...ofEach("AWS/SQS", "ApproximateAgeOfOldestMessage"),
        ...ofEach("Spotproof", "SecondsInQueue", { stat: "p95" }),
      ],
    },
    { title: "Jobs", metrics: jobs.flatMap((name) => ofEach("Spotproof", name)) },
    ...(dead.length > 0
      ? [
          {
            title: "Dead letters",
            stat: "Maximum",
            metrics: dead.map((name) => metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: name })),
          },
        ]
      : []),
  ];
}

const ofTargets = ({ loadBalancer, targetGroup }: NonNullable<ShownService["balancer"]>) => ({
  LoadBalancer: loadBalancer,
  TargetGroup: targetGroup,
});

function functionGraph(title: string, { functionName }: ShownFunction, failedActions: GraphedMetric): Graph {
  const lambda = (name: string, draw = {}): GraphedMetric =>
    metric("AWS/Lambda", name, { FunctionName: functionName }, draw);
  const duration = lambda("Duration", { stat: "Maximum", yAxis: "right", label: "Duration, milliseconds" });
  return { title, metrics: [lambda("Errors"), lambda("Throttles"), failedActions, duration] };
}

function queueGraph(title: string, { queueName, deadLetterQueueName }: ShownFunction): Graph {
  const age = metric(
    "AWS/SQS",
    "ApproximateAgeOfOldestMessage",
    { QueueName: queueName },
    { label: "oldest message, seconds" },
  );
  const dead = { yAxis: "right", label: "dead letters" };
  const letters = metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: deadLetterQueueName }, dead);
  return { title, stat: "Maximum", metrics: [age, letters] };
}

/** By the prices given: the On-Demand Instances of a group come first, then their share of the rest, rounded up; what those that stand in cost more comes on top. */
function costGraph(groups: readonly ShownGroup[], prices: InstancePrices, ours: OursNamed): Graph {
  const { onDemandPerHour, spotPerHour } = prices;
  const running = groups.map(({ groupName }, index) =>
    metric(
      "AWS/AutoScaling",
      "GroupInServiceInstances",
      { AutoScalingGroupName: groupName },
      { id: `n${index}`, visible: false },
    ),
  );
  const costs = groups.map((group, index) => {
    const { onDemandBaseCapacity: base, onDemandPercentageAboveBaseCapacity: percent } = group;
    const onDemand = `IF(n${index} > ${base}, ${base} + CEIL((n${index} - ${base}) * ${percent / 100}), n${index})`;
    return `n${index} * ${spotPerHour} + ${onDemand} * ${onDemandPerHour - spotPerHour}`;
  });
  const all = groups.map((_, index) => `n${index}`).join(" + ");
  const sum = (expression: string, id: string, label: string): GraphedMetric => [{ id, expression, label }];
  return {
    title: "Cost, estimated, dollars an hour",
    stat: "Average",
    metrics: [
      ...running,
      sum(costs.join(" + "), "cost", "these instances"),
      sum(`(${all}) * ${onDemandPerHour}`, "onDemand", "all on demand"),
      ...standInCost(prices, ours),
    ],
  };
}
