import { LONGEST_CALL_MS } from "../calls";
import { handleDrain, type DrainPorts, type SqsBatch, type SqsBatchResponse } from "./handler";
import { readSettings } from "./settings";

interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/**
 * The factory that Pulumi serializes and Lambda runs once per execution environment.
 * The SDK is required inside, so that the emitted text names the package that the Lambda runtime ships; its own retries
 * are off, because ours know the deadline.
 */
export const drainCallback = (): ((batch: SqsBatch, context: LambdaContext) => Promise<SqsBatchResponse>) => {
  const { AutoScaling } = require("@aws-sdk/client-auto-scaling") as typeof import("@aws-sdk/client-auto-scaling");
  const { EC2 } = require("@aws-sdk/client-ec2") as typeof import("@aws-sdk/client-ec2");
  const { ECS } = require("@aws-sdk/client-ecs") as typeof import("@aws-sdk/client-ecs");
  const { ElasticLoadBalancingV2 } =
    require("@aws-sdk/client-elastic-load-balancing-v2") as typeof import("@aws-sdk/client-elastic-load-balancing-v2");
  const { SQS } = require("@aws-sdk/client-sqs") as typeof import("@aws-sdk/client-sqs");
  // Without throwOnRequestTimeout the SDK only warns of a request that takes too long.
  const requestHandler = { connectionTimeout: 1000, requestTimeout: LONGEST_CALL_MS, throwOnRequestTimeout: true };
  const once = { maxAttempts: 1, requestHandler };
  const ports: DrainPorts = {
    autoScaling: new AutoScaling(once),
    ec2: new EC2(once),
    ecs: new ECS(once),
    elbv2: new ElasticLoadBalancingV2(once),
    sqs: new SQS(once),
    now: () => Date.now(),
    random: () => Math.random(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    log: (record) => console.log(JSON.stringify(record)),
  };
  const settings = readSettings(process.env);
  return (batch, context) => handleDrain(batch, settings, ports, context.getRemainingTimeInMillis());
};
