/** The AWS SDK's client, which only a sidecar with queues needs: this package depends on nothing. */
import { sdkSqs } from "../consumer/sdkSqs";
import type { SqsPort } from "../consumer/port";

/** @throws Error where the SDK isn't installed */
export async function loadSqs(): Promise<SqsPort> {
  const sdk = await import("@aws-sdk/client-sqs").catch((error: unknown) => {
    const change = "Install it beside the sidecar (npm install @aws-sdk/client-sqs), as its Dockerfile does";
    throw new Error(`SPOTPROOF_QUEUES needs the package @aws-sdk/client-sqs: ${String(error)}. ${change}.`);
  });
  return sdkSqs(new sdk.SQS());
}
