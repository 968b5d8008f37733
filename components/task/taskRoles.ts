/** What may be done in AWS to start a task, and by its containers. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arnBeside, clusterResourcesArn } from "../names";
import { makeRole, ofCluster, policyDocument, writeLogs, type Statement } from "../roles";
import type { TaskTransforms } from "./taskArgs";

export interface TaskRolesSettings {
  readonly cluster: aws.ecs.Cluster;
  readonly logGroup: aws.cloudwatch.LogGroup;
  /** References, or URLs of repositories. */
  readonly images: readonly pulumi.Input<string>[];
  readonly secretStatements: pulumi.Input<Statement[]>;
  readonly taskPolicy?: readonly Statement[];
  readonly protectsWork: boolean;
  readonly enableExecuteCommand: boolean;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: TaskTransforms;
}

export interface TaskRoles {
  /** The containers' own; without a policy nothing is allowed. */
  readonly taskRole: aws.iam.Role;
  readonly taskPolicy?: aws.iam.RolePolicy;
  readonly executionRole: aws.iam.Role;
  readonly executionPolicy: aws.iam.RolePolicy;
}

export function makeTaskRoles(name: string, settings: TaskRolesSettings, parent: pulumi.Resource): TaskRoles {
  const { cluster, logGroup, images, secretStatements, tags, transform } = settings;
  const trusted = { service: "ecs-tasks.amazonaws.com", condition: sameAccount(cluster), tags };
  const executionRole = makeRole(
    `${name}-execution-role`,
    { ...trusted, description: `Starts the tasks of ${name}`, transform: transform?.executionRole },
    parent,
  );
  const taskRole = makeRole(
    `${name}-task-role`,
    { ...trusted, description: `The tasks of ${name}`, transform: transform?.taskRole },
    parent,
  );
  const policy = pulumi
    .all([pulumi.all([...images]), secretStatements])
    .apply(([references, secrets]) => policyDocument([writeLogs(logGroup), ...pullStatements(references), ...secrets]));
  const executionPolicy = new aws.iam.RolePolicy(
    `${name}-execution-policy`,
    { role: executionRole.name, policy },
    { parent },
  );
  return { taskRole, taskPolicy: makeTaskPolicy(name, settings, taskRole, parent), executionRole, executionPolicy };
}

function makeTaskPolicy(
  name: string,
  { cluster, taskPolicy = [], protectsWork, enableExecuteCommand }: TaskRolesSettings,
  role: aws.iam.Role,
  parent: pulumi.Resource,
): aws.iam.RolePolicy | undefined {
  const statements = [
    ...taskPolicy,
    ...(protectsWork ? [protectTasks(cluster)] : []),
    ...(enableExecuteCommand ? [EXECUTE_COMMAND] : []),
  ];
  if (statements.length === 0) return undefined;
  const args = { role: role.name, policy: policyDocument(statements) };
  return new aws.iam.RolePolicy(`${name}-task-policy`, args, { parent });
}

/** What the agent asks for a container that protects its task.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html */
function protectTasks(cluster: aws.ecs.Cluster): Statement {
  return {
    Sid: "ProtectWork",
    Action: ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
    Resource: [clusterResourcesArn(cluster.arn, "task")],
    Condition: ofCluster(cluster),
  };
}

/** The channels have no resource of their own.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html */
const EXECUTE_COMMAND: Statement = {
  Sid: "ExecuteCommand",
  Action: [
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
  ],
  Resource: ["*"],
};

const ECR_IMAGE = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?\/([^:@]+)/;

/** An image in ECR may be pulled from its own repository only; other registries need no right of AWS. */
function pullStatements(images: readonly string[]): Statement[] {
  const repositories = images.flatMap((image) => {
    const [, accountId, region, china, repository] = ECR_IMAGE.exec(image) ?? [];
    if (repository === undefined) return [];
    return [`arn:${china ? "aws-cn" : "aws"}:ecr:${region}:${accountId}:repository/${repository}`];
  });
  if (repositories.length === 0) return [];
  return [
    { Sid: "Authorize", Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] },
    {
      Sid: "Pull",
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Resource: [...new Set(repositories)],
    },
  ];
}

/** Against confused deputies: only tasks of this account and region.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html */
function sameAccount(cluster: aws.ecs.Cluster): Record<string, Record<string, pulumi.Input<string>>> {
  return { ArnLike: { "aws:SourceArn": arnBeside(cluster.arn, "ecs", "*") } };
}
