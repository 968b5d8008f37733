/** Where a load balancer writes its access logs. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ACCESS_LOGS_DEFAULTS, type AccessLogs } from "./balancerArgs";
import { withDefaults } from "../defaults";
import { arnBeside, parseArn } from "../names";
import { denyPlainText, policyDocument } from "../roles";
import { transformed, type Transform } from "../transform";

export interface AccessLogsSettings {
  readonly accessLogs: true | AccessLogs;
  /** Any ARN of the load balancer's account and Region. */
  readonly neighbourArn: pulumi.Output<string>;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: Transform<aws.s3.BucketArgs>;
}

export interface BalancerLogs {
  readonly bucket?: aws.s3.Bucket;
  /** The load balancer's argument. */
  readonly accessLogs: { bucket: pulumi.Input<string>; prefix?: string; enabled: true };
  /** What must be there before the load balancer, which writes a first object at once. */
  readonly ready: readonly pulumi.Resource[];
}

/** A given bucket is only named. One made here is private, encrypted, and empties itself.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html */
export function makeAccessLogs(name: string, settings: AccessLogsSettings, parent: pulumi.Resource): BalancerLogs {
  const logs = settings.accessLogs === true ? {} : settings.accessLogs;
  const { prefix } = logs;
  if (logs.bucket !== undefined) return { accessLogs: { bucket: logs.bucket, prefix, enabled: true }, ready: [] };
  const { expireDays, forceDestroy } = withDefaults(logs, ACCESS_LOGS_DEFAULTS);
  const args = transformed({ forceDestroy, tags: settings.tags }, settings.transform);
  const made = new aws.s3.Bucket(`${name}-access-logs`, args, { parent });
  const bucket = made.bucket;
  const part = (suffix: string): string => `${name}-access-logs-${suffix}`;
  const options = { parent };
  const ready = [
    new aws.s3.BucketOwnershipControls(
      part("ownership"),
      { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      options,
    ),
    new aws.s3.BucketPublicAccessBlock(
      part("private"),
      { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      options,
    ),
    // Elastic Load Balancing can't write where a key of KMS encrypts.
    new aws.s3.BucketServerSideEncryptionConfiguration(
      part("encryption"),
      { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      options,
    ),
    new aws.s3.BucketLifecycleConfiguration(
      part("expiry"),
      { bucket, rules: [{ id: "expire", status: "Enabled", filter: {}, expiration: { days: expireDays } }] },
      options,
    ),
    new aws.s3.BucketPolicy(part("policy"), { bucket, policy: policy(made, prefix, settings.neighbourArn) }, options),
  ];
  return { bucket: made, accessLogs: { bucket, prefix, enabled: true }, ready };
}

function policy(
  { arn }: aws.s3.Bucket,
  prefix: string | undefined,
  neighbourArn: pulumi.Output<string>,
): pulumi.Output<string> {
  const accountId = neighbourArn.apply((neighbour) => parseArn(neighbour).accountId);
  const folder = prefix === undefined ? "" : `${prefix}/`;
  const balancers = arnBeside(neighbourArn, "elasticloadbalancing", "loadbalancer/*");
  return policyDocument([
    {
      Sid: "DeliverLogs",
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: ["s3:PutObject"],
      Resource: [pulumi.interpolate`${arn}/${folder}AWSLogs/${accountId}/*`],
      // Not every delivery is said to name its source; the path holds other accounts' balancers off by itself.
      Condition: {
        StringEqualsIfExists: { "aws:SourceAccount": accountId },
        ArnLikeIfExists: { "aws:SourceArn": balancers },
      },
    },
    { ...denyPlainText(["s3:*"], [arn, pulumi.interpolate`${arn}/*`]), Sid: "OnlyOverTls" },
  ]);
}
