/** IAM roles: who may assume them, and inline policies as plain JSON. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { transformed, type Transform } from "./transform";

/** One statement of a policy. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
export interface Statement {
  readonly Sid: string;
  readonly Effect?: "Allow" | "Deny";
  readonly Principal?: pulumi.Input<string | Record<string, string>>;
  readonly Action: string[];
  readonly Resource: pulumi.Input<pulumi.Input<string>[]>;
  readonly Condition?: Record<string, Record<string, pulumi.Input<string | string[]>>>;
}

export function policyDocument(statements: readonly Statement[]): pulumi.Output<string> {
  const Statement = statements.map(({ Sid, Effect = "Allow", ...rest }) => ({ Sid, Effect, ...rest }));
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement });
}

/** That a call is about this cluster, for actions that AWS gives such a condition. */
export const ofCluster = (cluster: aws.ecs.Cluster): Statement["Condition"] => ({
  ArnEquals: { "ecs:cluster": cluster.arn },
});

export function writeLogs(logGroup: aws.cloudwatch.LogGroup): Statement {
  return {
    Sid: "WriteLogs",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: [pulumi.interpolate`${logGroup.arn}:*`],
  };
}

/** In a resource's own policy: nobody may do these without TLS. */
export function denyPlainText(Action: string[], Resource: pulumi.Input<string>[]): Statement {
  return {
    Sid: "DenyPlainText",
    Effect: "Deny",
    Principal: "*",
    Action,
    Resource,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

export interface RoleSettings {
  /** The AWS service that assumes the role, e.g. `lambda.amazonaws.com`. */
  readonly service: string;
  readonly description: string;
  /** Conditions on assuming it, against confused deputies. */
  readonly condition?: Record<string, Record<string, pulumi.Input<string>>>;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: Transform<aws.iam.RoleArgs>;
  /** Another value replaces the role. */
  readonly replacementTrigger?: pulumi.Input<string>;
}

export function makeRole(
  name: string,
  { service, description, condition, tags, transform, replacementTrigger }: RoleSettings,
  parent: pulumi.Resource,
): aws.iam.Role {
  const trust = {
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    ...(condition && { Condition: condition }),
  };
  const assumeRolePolicy = pulumi.jsonStringify({ Version: "2012-10-17", Statement: [trust] });
  return new aws.iam.Role(name, transformed({ assumeRolePolicy, description, tags }, transform), {
    parent,
    replacementTrigger,
  });
}
