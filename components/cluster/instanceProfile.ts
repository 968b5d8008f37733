/** What a container instance may do: be one, in its own cluster. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { clusterResourcesArn } from "../names";
import { makeRole, policyDocument, type Statement } from "../roles";
import type { Transform } from "../transform";

export interface InstanceProfileSettings {
  readonly cluster: aws.ecs.Cluster;
  readonly registryCredentialsSecretArn?: pulumi.Input<string>;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: Transform<aws.iam.RoleArgs>;
}

export interface InstanceProfile {
  readonly role: aws.iam.Role;
  readonly policy: aws.iam.RolePolicy;
  readonly profile: aws.iam.InstanceProfile;
}

/** Images are pulled and logs written with a task's execution role, so that the instance needs neither right. */
export function makeInstanceProfile(
  name: string,
  settings: InstanceProfileSettings,
  parent: pulumi.Resource,
): InstanceProfile {
  const { cluster, registryCredentialsSecretArn, tags, transform } = settings;
  const description = `Container instances of ${name}`;
  // Those of the old cluster must be able to stop their tasks there.
  const replacementTrigger = cluster.arn;
  const role = makeRole(
    `${name}-instance-role`,
    { service: "ec2.amazonaws.com", description, tags, transform, replacementTrigger },
    parent,
  );
  const statements = [...agentStatements(cluster), ...secretStatements(registryCredentialsSecretArn)];
  const policy = new aws.iam.RolePolicy(
    `${name}-instance-policy`,
    { role: role.name, policy: policyDocument(statements) },
    { parent },
  );
  const profile = new aws.iam.InstanceProfile(
    `${name}-instance-profile`,
    { role: role.name, tags },
    { parent, replacementTrigger },
  );
  return { role, policy, profile };
}

/** The calls of the ECS agent.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html */
function agentStatements(cluster: aws.ecs.Cluster): Statement[] {
  const ofCluster = { ArnEquals: { "ecs:cluster": cluster.arn } };
  const containerInstances = clusterResourcesArn(cluster.arn, "container-instance");
  return [
    { Sid: "Discover", Action: ["ecs:DiscoverPollEndpoint"], Resource: ["*"] },
    {
      Sid: "Register",
      Action: [
        "ecs:RegisterContainerInstance",
        "ecs:DeregisterContainerInstance",
        "ecs:SubmitAttachmentStateChanges",
        "ecs:SubmitContainerStateChange",
        "ecs:SubmitTaskStateChange",
      ],
      Resource: [cluster.arn],
    },
    {
      Sid: "WorkAndDrain",
      Action: ["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"],
      Resource: [containerInstances],
      Condition: ofCluster,
    },
  ];
}

function secretStatements(secretArn: pulumi.Input<string> | undefined): Statement[] {
  if (secretArn === undefined) return [];
  return [{ Sid: "RegistryCredentials", Action: ["secretsmanager:GetSecretValue"], Resource: [secretArn] }];
}
