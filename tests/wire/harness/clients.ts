/** The real SDK's clients, for the tests themselves. */
import { ApplicationAutoScaling } from "@aws-sdk/client-application-auto-scaling";
import { AutoScaling } from "@aws-sdk/client-auto-scaling";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { EC2 } from "@aws-sdk/client-ec2";
import { ECS } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { SQS } from "@aws-sdk/client-sqs";
import { PLACE } from "../../support/stage";

export interface Clients {
  readonly applicationAutoScaling: ApplicationAutoScaling;
  readonly autoScaling: AutoScaling;
  readonly cloudWatch: CloudWatch;
  readonly ec2: EC2;
  readonly ecs: ECS;
  readonly elbv2: ElasticLoadBalancingV2;
  readonly sqs: SQS;
}

/** Who may do everything. */
export const ADMINISTRATOR = "administrator";

export function clientsOf(endpoint: string): Clients {
  const credentials = { accessKeyId: ADMINISTRATOR, secretAccessKey: "secret" };
  const configuration = { endpoint, region: PLACE.region, credentials, maxAttempts: 1 };
  return {
    applicationAutoScaling: new ApplicationAutoScaling(configuration),
    autoScaling: new AutoScaling(configuration),
    cloudWatch: new CloudWatch(configuration),
    ec2: new EC2(configuration),
    ecs: new ECS(configuration),
    elbv2: new ElasticLoadBalancingV2(configuration),
    sqs: new SQS(configuration),
  };
}
