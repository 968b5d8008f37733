import { expect } from "chai";
import { Dashboard, type DashboardService, type DashboardSettings } from "../../../components/watch/dashboard";
import { instancePricesProblems } from "../../../components/watch/dashboardProblems";
import { recommendationMetricNames } from "../../../tools/docs/metricNames";
import { record, type Recording } from "../../support/recorder";
import { declareWatched, type Watched } from "./watchedFixture";

const DASHBOARD = "aws:cloudwatch/dashboard:Dashboard";

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly markdown?: string;
    readonly title?: string;
    readonly region?: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly annotations?: unknown;
  };
}

const GROUP = { onDemandBaseCapacity: 1, onDemandPercentageAboveBaseCapacity: 20 };

function recordDashboard(
  changes: Partial<DashboardSettings> = {},
  services: (watched: Watched) => DashboardService[] = (watched) => [watched],
): Promise<Recording> {
  return record(() => {
    const watched = declareWatched();
    const { parent, cluster, drain, fallback } = watched;
    const dashboard = new Dashboard(
      "shop",
      { cluster, drain, fallback, groups: [{ ...watched, ...GROUP }], ...changes },
      parent,
    );
    for (const service of services(watched)) dashboard.add(service);
  });
}

function widgetsOf(recording: Recording): Widget[] {
  const { inputs } = recording.only(DASHBOARD, "shop-dashboard");
  return (JSON.parse(inputs.dashboardBody as string) as { widgets: Widget[] }).widgets;
}

const titles = (widgets: readonly Widget[]): unknown[] =>
  widgets.map(({ properties }) => properties.markdown ?? properties.title);

function metricsOf(recording: Recording, title: string): string[] {
  const widget = widgetsOf(recording).find(({ properties }) => properties.title === title);
  return (widget?.properties.metrics ?? []).map((metric) =>
    metric.filter((each) => typeof each === "string").join(" "),
  );
}

/** What Pulumi, which has no engine here, writes to the console. */
async function warningsOf(run: () => Promise<void>): Promise<string[]> {
  const { warn } = console;
  const lines: string[] = [];
  console.warn = (line: string) => void lines.push(line);
  try {
    await run();
  } finally {
    console.warn = warn;
  }
  return lines;
}

describe("a cluster's dashboard", () => {
  it("is named as the cluster, and shows the cluster first and then each service", async () => {
    const recording = await recordDashboard({ prices: { onDemandPerHour: 0.1, spotPerHour: 0.04 } });
    expect(recording.only(DASHBOARD).inputs.dashboardName).to.equal("shop");
    expect(titles(widgetsOf(recording))).to.deep.equal([
      "## Cluster shop",
      "Interruptions",
      "Instances",
      "How full, percent",
      "Drain function",
      "Drain function's queue",
      "On-Demand Instances that stand in for Spot",
      "Fallback function",
      "Fallback function's queue",
      "Cost, estimated, dollars an hour",
      "## Service api",
      "Tasks",
      "Used, percent of what is reserved",
      "Requests",
      "Errors",
      "Scaling in",
      "Scale-in function",
      "Scale-in function's queue",
    ]);
  });

  it("has every graph in its own place of the 24 columns, in the cluster's Region", async () => {
    const widgets = widgetsOf(await recordDashboard());
    const cells = new Set<string>();
    for (const { type, x, y, width, height, properties } of widgets) {
      expect(x + width).to.be.at.most(24);
      if (type === "metric") expect(properties.region).to.equal("eu-west-1");
      for (let column = x; column < x + width; column++) {
        for (let row = y; row < y + height; row++) {
          expect(cells.has(`${column} ${row}`), `${properties.title} at ${column}, ${row}`).to.equal(false);
          cells.add(`${column} ${row}`);
        }
      }
    }
  });

  it("shows the metrics of the drain function, its queues and the groups", async () => {
    const recording = await recordDashboard();
    expect(metricsOf(recording, "Interruptions")).to.deep.equal([
      "Spotproof Notices ClusterName shop",
      "Spotproof InstancesDrained ClusterName shop",
      "Spotproof InstancesDetached ClusterName shop",
      "Spotproof TasksDrained ClusterName shop",
      "Spotproof TasksStoppedAtDeadline ClusterName shop",
      "Spotproof LeadTime ClusterName shop",
    ]);
    expect(metricsOf(recording, "Instances")).to.include(
      "AWS/AutoScaling GroupInServiceInstances AutoScalingGroupName shop-group",
    );
    expect(metricsOf(recording, "How full, percent")).to.include(
      "AWS/ECS/ManagedScaling CapacityProviderReservation ClusterName shop CapacityProviderName shop-provider",
    );
    expect(metricsOf(recording, "Drain function")).to.include.members([
      "AWS/Lambda Errors FunctionName shop-drain",
      "Spotproof FailedActions ClusterName shop",
    ]);
    expect(metricsOf(recording, "Drain function's queue")).to.deep.equal([
      "AWS/SQS ApproximateAgeOfOldestMessage QueueName shop-events",
      "AWS/SQS ApproximateNumberOfMessagesVisible QueueName shop-events-dlq",
    ]);
  });

  it("counts recommendations where something is done about them", async () => {
    expect(titles(widgetsOf(await recordDashboard()))).not.to.include("Recommendations");
    const widgets = widgetsOf(await recordDashboard({ mindsRecommendations: true }));
    const graph = widgets.find(({ properties }) => properties.title === "Recommendations");
    expect(graph?.properties.metrics?.map(([namespace, name]) => [namespace, name])).to.deep.equal(
      recommendationMetricNames().map((name) => ["Spotproof", name]),
    );
  });

  it("shows what stands in for Spot, and what the fallback function decided", async () => {
    const recording = await recordDashboard();
    expect(metricsOf(recording, "On-Demand Instances that stand in for Spot")).to.include.members([
      "Spotproof StandIns ClusterName shop",
      "Spotproof StandInsRaised ClusterName shop",
      "Spotproof StandInsReturned ClusterName shop",
    ]);
    expect(metricsOf(recording, "Fallback function")).to.include("AWS/Lambda Errors FunctionName shop-fallback");
  });

  it("estimates the cost from the prices given: On-Demand Instances first, their share of the rest, Spot", async () => {
    const recording = await recordDashboard({ prices: { onDemandPerHour: 0.5, spotPerHour: 0.25 } });
    const widget = widgetsOf(recording).find(({ properties }) => properties.title?.startsWith("Cost"));
    const ofGroup = ["AWS/AutoScaling", "GroupInServiceInstances", "AutoScalingGroupName", "shop-group"];
    const cost = "n0 * 0.25 + IF(n0 > 1, 1 + CEIL((n0 - 1) * 0.2), n0) * 0.25";
    expect(widget?.properties.metrics).to.deep.equal([
      [...ofGroup, { id: "n0", visible: false }],
      [{ id: "cost", expression: cost, label: "these instances" }],
      [{ id: "onDemand", expression: "(n0) * 0.5", label: "all on demand" }],
      ["Spotproof", "StandIns", "ClusterName", "shop", { id: "standIns", visible: false, stat: "Maximum" }],
      [{ id: "standInCost", expression: "standIns * 0.25", label: "and for those that stand in for Spot" }],
    ]);
    expect(titles(widgetsOf(await recordDashboard()))).not.to.include("Cost, estimated, dollars an hour");
  });

  it("shows a service's tasks between its bounds, its requests, errors and what scaling in decided", async () => {
    const recording = await recordDashboard({}, (watched) => [{ ...watched, bounds: { minCount: 4, maxCount: 20 } }]);
    const ofService = "ClusterName shop ServiceName api";
    const ofTargets = "LoadBalancer app/api-alb/0000000000000001 TargetGroup targetgroup/api-targets/0000000000000001";
    expect(metricsOf(recording, "Tasks")).to.deep.equal([
      `ECS/ContainerInsights DesiredTaskCount ${ofService}`,
      `ECS/ContainerInsights RunningTaskCount ${ofService}`,
      `ECS/ContainerInsights PendingTaskCount ${ofService}`,
      `AWS/ApplicationELB HealthyHostCount ${ofTargets}`,
    ]);
    const tasks = widgetsOf(recording).find(({ properties }) => properties.title === "Tasks");
    expect(tasks?.properties.annotations).to.deep.equal({
      horizontal: [
        { label: "minCount", value: 4 },
        { label: "maxCount", value: 20 },
      ],
    });
    expect(metricsOf(recording, "Requests")).to.include(`AWS/ApplicationELB RequestCount ${ofTargets}`);
    expect(metricsOf(recording, "Errors")).to.deep.equal([
      `AWS/ApplicationELB HTTPCode_Target_5XX_Count ${ofTargets}`,
      `AWS/ApplicationELB TargetConnectionErrorCount ${ofTargets}`,
      "AWS/ApplicationELB HTTPCode_ELB_5XX_Count LoadBalancer app/api-alb/0000000000000001",
    ]);
    expect(metricsOf(recording, "Scaling in")).to.deep.equal(
      ["TasksMarked", "TasksRetired", "TasksLetGo", "ScaleInBlocked"].map((name) => `Spotproof ${name} ${ofService}`),
    );
    expect(metricsOf(recording, "Scale-in function")).to.include(`Spotproof FailedActions ${ofService}`);
  });

  it("counts a worker's tasks with or without Container Insights", async () => {
    const recording = await recordDashboard({}, ({ service }) => [{ service }]);
    expect(metricsOf(recording, "Tasks")).to.include.members([
      "ECS/ContainerInsights DesiredTaskCount ClusterName shop ServiceName api",
      "AWS/ECS CPUUtilization ClusterName shop ServiceName api",
    ]);
  });

  it("shows of a worker's queues what waits, for how long, what became of the jobs, and dead letters where they are known", async () => {
    const queues = [{ name: "mail-high", deadLetterQueueName: "mail-high-dlq" }, { name: "orders" }];
    const recording = await recordDashboard({}, ({ service }) => [{ service, queues }]);
    expect(metricsOf(recording, "Messages that wait, and that are worked on")).to.deep.equal([
      "AWS/SQS ApproximateNumberOfMessagesVisible QueueName mail-high",
      "AWS/SQS ApproximateNumberOfMessagesVisible QueueName orders",
      "AWS/SQS ApproximateNumberOfMessagesNotVisible QueueName mail-high",
      "AWS/SQS ApproximateNumberOfMessagesNotVisible QueueName orders",
    ]);
    expect(metricsOf(recording, "Time in the queue, seconds")).to.include.members([
      "AWS/SQS ApproximateAgeOfOldestMessage QueueName orders",
      "Spotproof SecondsInQueue QueueName orders",
    ]);
    expect(metricsOf(recording, "Jobs")).to.include.members(
      ["JobsDone", "JobsFailed", "JobsGivenBack"].map((name) => `Spotproof ${name} QueueName mail-high`),
    );
    expect(metricsOf(recording, "Dead letters")).to.deep.equal([
      "AWS/SQS ApproximateNumberOfMessagesVisible QueueName mail-high-dlq",
    ]);
  });

  it("shows of a worker without a function its tasks and what they use", async () => {
    const recording = await recordDashboard({}, ({ service }) => [{ service }]);
    expect(titles(widgetsOf(recording)).slice(-3)).to.deep.equal([
      "## Service api",
      "Tasks",
      "Used, percent of what is reserved",
    ]);
    expect(metricsOf(recording, "Tasks").join()).not.to.include("HealthyHostCount");
  });

  it("leaves out a service that comes after the program has waited for something, and says so", async () => {
    const warnings = await warningsOf(async () => {
      const recording = await record(async () => {
        const watched = declareWatched();
        const { parent, cluster, drain, fallback } = watched;
        const dashboard = new Dashboard("shop", { cluster, drain, fallback, groups: [] }, parent);
        await new Promise((resolve) => setImmediate(resolve));
        dashboard.add(watched);
      });
      expect(titles(widgetsOf(recording))).not.to.include("## Service api");
    });
    expect(warnings).to.have.lengthOf(1);
    expect(warnings[0]).to.include("shop: the dashboard was declared without a service that came late");
  });

  it("can be changed before it is declared", async () => {
    const recording = await recordDashboard({ transform: (args) => ({ ...args, dashboardName: "mine" }) });
    expect(recording.only(DASHBOARD).inputs.dashboardName).to.equal("mine");
  });
});

describe("the prices of the estimate", () => {
  const problems = (onDemandPerHour: number, spotPerHour: number): string[] =>
    instancePricesProblems("instancePrices", { onDemandPerHour, spotPerHour }).map(({ property }) => property);

  it("are above 0, and Spot's is no higher", () => {
    expect(instancePricesProblems("instancePrices", undefined)).to.deep.equal([]);
    expect(problems(0.1, 0.1)).to.deep.equal([]);
    expect(problems(0, Number.NaN)).to.deep.equal(["instancePrices.onDemandPerHour", "instancePrices.spotPerHour"]);
    expect(problems(0.1, 0.2)).to.deep.equal(["instancePrices.spotPerHour"]);
  });
});
