/** A service with all that may be made around it, whose parts' names come from the configuration. */
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../../components/balancedService";
import type { BalancedServiceArgs } from "../../../components/balancedServiceArgs";
import { SpotCluster } from "../../../components/spotCluster";
import { renamed } from "./names";
import { API, SHOP } from "./shop";

const config = new pulumi.Config("names");

/** The alarms of a metric alone: two alarms can't have one name. */
const renamedOf =
  (child: string, metricName: string) =>
  <Args extends { metricName?: pulumi.Input<string | undefined> }>(args: Args): Args =>
    args.metricName === metricName ? renamed(child)(args) : args;

const cluster = new SpotCluster("shop", {
  ...SHOP,
  alarms: true,
  dashboard: true,
  onDemandCapacity: { minSize: 0, maxSize: 2 },
  transform: {
    onDemandAutoScalingGroup: renamed("onDemandAutoScalingGroup"),
    onDemandCapacityProvider: renamed("onDemandCapacityProvider"),
    alarm: renamedOf("clusterAlarm", "TasksStoppedAtDeadline"),
    alarmTopic: renamed("alarmTopic"),
    dashboard: renamed("dashboard", "dashboardName"),
  },
});

const args: BalancedServiceArgs = {
  cluster,
  ...API,
  domainNames: ["shop.example.com"],
  hostedZoneId: "Z0123456789ABCDEFGHIJ",
  accessLogs: { forceDestroy: true },
  scaling: {
    minCount: 2,
    maxCount: 10,
    scaleOut: [{ metric: "cpu", atLeast: 60, add: 1 }],
    schedules: [{ cron: "0 20 ? * MON-FRI *", minCount: 2, maxCount: 6 }],
  },
  transform: {
    targetGroup: renamed("targetGroup"),
    logGroup: renamed("logGroup"),
    accessLogsBucket: renamed("accessLogsBucket", "bucket"),
    alarm: renamedOf("serviceAlarm", "HTTPCode_Target_5XX_Count"),
    scalingPolicy: renamed("scalingPolicy"),
    scalingAlarm: renamedOf("scalingAlarm", "CPUUtilization"),
    scheduledAction: renamed("scheduledAction"),
    scaleInFunction: renamed("scaleInFunction"),
  },
};

const aliases = [config.get("aliasOfService") ?? []].flat().map((name) => ({ name }));
new BalancedService(config.get("serviceComponent") ?? "api", args, { aliases });
