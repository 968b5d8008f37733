import { CLIENT_OPTIONS, realSurroundings, type LambdaContext, type SqsBatch, type SqsBatchResponse } from "../lambda";
import { handleRebalance, type RebalancePorts } from "./handler";
import { readSettings } from "./settings";

/**
 * The factory that Pulumi serializes and Lambda runs once per execution environment.
 * The SDK is required inside, so that the emitted text names the package that the Lambda runtime ships.
 */
export const rebalanceCallback = (): ((batch: SqsBatch, context: LambdaContext) => Promise<SqsBatchResponse>) => {
  const { ApplicationAutoScaling } =
    require("@aws-sdk/client-application-auto-scaling") as typeof import("@aws-sdk/client-application-auto-scaling");
  const { AutoScaling } = require("@aws-sdk/client-auto-scaling") as typeof import("@aws-sdk/client-auto-scaling");
  const { ECS } = require("@aws-sdk/client-ecs") as typeof import("@aws-sdk/client-ecs");
  const { ElasticLoadBalancingV2 } =
    require("@aws-sdk/client-elastic-load-balancing-v2") as typeof import("@aws-sdk/client-elastic-load-balancing-v2");
  const { SQS } = require("@aws-sdk/client-sqs") as typeof import("@aws-sdk/client-sqs");
  const ports: RebalancePorts = {
    applicationAutoScaling: new ApplicationAutoScaling(CLIENT_OPTIONS),
    autoScaling: new AutoScaling(CLIENT_OPTIONS),
    ecs: new ECS(CLIENT_OPTIONS),
    elbv2: new ElasticLoadBalancingV2(CLIENT_OPTIONS),
    sqs: new SQS(CLIENT_OPTIONS),
    ...realSurroundings(),
  };
  const settings = readSettings(process.env);
  return (batch, context) => handleRebalance(batch, settings, ports, context.getRemainingTimeInMillis());
};
