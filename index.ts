/** The program: configuration in, components, outputs. */
import { BalancedService } from "./components/balancedService";
import { SpotCluster } from "./components/spotCluster";
import { readConfig } from "./config";

const config = readConfig();

const cluster = new SpotCluster("spotproof", config.cluster);
const web = new BalancedService("web", { ...config.service, cluster });

export const url = web.url;
export const clusterName = cluster.cluster.name;
export const serviceName = web.service.name;
export const autoScalingGroupName = cluster.capacity.autoScalingGroup.name;
export const logGroupName = web.task.logGroup.name;
export const drainFunctionName = cluster.drain.callback.function.name;
export const fallbackFunctionName = cluster.fallback.callback.function.name;
export const deadLetterQueueUrl = cluster.drain.events.deadLetterQueue.url;
export const alarmTopicArn = cluster.alarmTopicArn;
export const dashboardName = cluster.dashboard?.dashboard.dashboardName;
export const scaleInFunctionName = web.scaling?.scaleIn?.callback.function.name;
