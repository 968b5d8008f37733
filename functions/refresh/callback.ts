import { CLIENT_OPTIONS, realSurroundings, type LambdaContext, type SqsBatch, type SqsBatchResponse } from "../lambda";
import { handleRefresh, type RefreshPorts } from "./handler";
import { readSettings } from "./settings";

/**
 * The factory that Pulumi serializes and Lambda runs once per execution environment.
 * The SDK is required inside, so that the emitted text names the package that the Lambda runtime ships.
 */
export const refreshCallback = (): ((batch: SqsBatch, context: LambdaContext) => Promise<SqsBatchResponse>) => {
  const { AutoScaling } = require("@aws-sdk/client-auto-scaling") as typeof import("@aws-sdk/client-auto-scaling");
  const { EC2 } = require("@aws-sdk/client-ec2") as typeof import("@aws-sdk/client-ec2");
  const { ECS } = require("@aws-sdk/client-ecs") as typeof import("@aws-sdk/client-ecs");
  const ports: RefreshPorts = {
    autoScaling: new AutoScaling(CLIENT_OPTIONS),
    ec2: new EC2(CLIENT_OPTIONS),
    ecs: new ECS(CLIENT_OPTIONS),
    ...realSurroundings(),
  };
  const settings = readSettings(process.env);
  return (batch, context) => handleRefresh(batch, settings, ports, context.getRemainingTimeInMillis());
};
