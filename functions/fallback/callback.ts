import { CLIENT_OPTIONS, realSurroundings, type LambdaContext, type SqsBatch, type SqsBatchResponse } from "../lambda";
import { handleFallback, type FallbackPorts } from "./handler";
import { readSettings } from "./settings";

/**
 * The factory that Pulumi serializes and Lambda runs once per execution environment.
 * The SDK is required inside, so that the emitted text names the package that the Lambda runtime ships.
 */
export const fallbackCallback = (): ((batch: SqsBatch, context: LambdaContext) => Promise<SqsBatchResponse>) => {
  const { AutoScaling } = require("@aws-sdk/client-auto-scaling") as typeof import("@aws-sdk/client-auto-scaling");
  const { EC2 } = require("@aws-sdk/client-ec2") as typeof import("@aws-sdk/client-ec2");
  const { ECS } = require("@aws-sdk/client-ecs") as typeof import("@aws-sdk/client-ecs");
  const ports: FallbackPorts = {
    autoScaling: new AutoScaling(CLIENT_OPTIONS),
    ec2: new EC2(CLIENT_OPTIONS),
    ecs: new ECS(CLIENT_OPTIONS),
    ...realSurroundings(),
  };
  const settings = readSettings(process.env);
  return (batch, context) => handleFallback(batch, settings, ports, context.getRemainingTimeInMillis());
};
