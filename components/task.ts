/** The task definition of a service, with its log and its two roles. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { parseArn } from "./names";
import { makeRole, policyDocument, type Statement } from "./roles";
import { transformed, type Transform } from "./transform";

export interface TaskSettings {
  readonly cluster: aws.ecs.Cluster;
  readonly image: pulumi.Input<string>;
  readonly containerPort: number;
  readonly cpu: number;
  readonly memoryReservationMiB: number;
  readonly memoryMiB?: number;
  readonly command?: pulumi.Input<string>[];
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly stopTimeoutSeconds: number;
  readonly logRetentionDays: number;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: {
    readonly taskDefinition?: Transform<aws.ecs.TaskDefinitionArgs>;
    readonly taskRole?: Transform<aws.iam.RoleArgs>;
    readonly executionRole?: Transform<aws.iam.RoleArgs>;
  };
}

export interface Task {
  readonly definition: aws.ecs.TaskDefinition;
  readonly logGroup: aws.cloudwatch.LogGroup;
  /** The container's own; nothing is allowed until you attach a policy. */
  readonly taskRole: aws.iam.Role;
  readonly executionRole: aws.iam.Role;
  readonly executionPolicy: aws.iam.RolePolicy;
}

/** Past this much unwritten output, lines are dropped rather than the container held up. */
const LOG_BUFFER = "25m";

export function makeTask(name: string, settings: TaskSettings, parent: pulumi.Resource): Task {
  const { cluster, image, tags, logRetentionDays, transform } = settings;
  const logGroup = new aws.cloudwatch.LogGroup(`${name}-logs`, { retentionInDays: logRetentionDays, tags }, { parent });
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
    .output(image)
    .apply((reference) => policyDocument([writeLogs(logGroup), ...pullStatements(reference)]));
  const executionPolicy = new aws.iam.RolePolicy(
    `${name}-execution-policy`,
    { role: executionRole.name, policy },
    { parent },
  );
  // Known before anything is made, so that a preview shows the whole definition, and policies can judge it.
  const { region } = aws.getRegionOutput({}, { parent });
  const args: aws.ecs.TaskDefinitionArgs = {
    family: `${name}-${pulumi.getStack()}`,
    networkMode: "bridge",
    requiresCompatibilities: ["EC2"],
    executionRoleArn: executionRole.arn,
    taskRoleArn: taskRole.arn,
    containerDefinitions: pulumi.jsonStringify([containerDefinition(name, settings, logGroup, region)]),
    tags,
  };
  const options = { parent, dependsOn: [executionPolicy] };
  const definition = new aws.ecs.TaskDefinition(`${name}-task`, transformed(args, transform?.taskDefinition), options);
  return { definition, logGroup, taskRole, executionRole, executionPolicy };
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
function containerDefinition(
  name: string,
  settings: TaskSettings,
  logGroup: aws.cloudwatch.LogGroup,
  region: pulumi.Output<string>,
): object {
  const {
    image,
    containerPort,
    cpu,
    memoryReservationMiB,
    memoryMiB,
    command,
    environment = {},
    stopTimeoutSeconds,
  } = settings;
  const variables = Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    name,
    image,
    essential: true,
    cpu,
    memoryReservation: memoryReservationMiB,
    ...(memoryMiB !== undefined && { memory: memoryMiB }),
    ...(command !== undefined && { command }),
    environment: variables.map(([variable, value]) => ({ name: variable, value })),
    portMappings: [{ containerPort, hostPort: 0, protocol: "tcp" }],
    stopTimeout: stopTimeoutSeconds,
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": logGroup.name,
        "awslogs-region": region,
        "awslogs-stream-prefix": name,
        mode: "non-blocking",
        "max-buffer-size": LOG_BUFFER,
      },
    },
  };
}

function writeLogs(logGroup: aws.cloudwatch.LogGroup): Statement {
  return {
    Sid: "WriteLogs",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: [pulumi.interpolate`${logGroup.arn}:*`],
  };
}

const ECR_IMAGE = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?\/([^:@]+)/;

/** An image in ECR may be pulled from its own repository only; other registries need no right of AWS. */
function pullStatements(image: string): Statement[] {
  const [, accountId, region, china, repository] = ECR_IMAGE.exec(image) ?? [];
  if (repository === undefined) return [];
  const repositoryArn = `arn:${china ? "aws-cn" : "aws"}:ecr:${region}:${accountId}:repository/${repository}`;
  return [
    { Sid: "Authorize", Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] },
    {
      Sid: "Pull",
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Resource: [repositoryArn],
    },
  ];
}

/** Against confused deputies: only tasks of this account and region.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html */
function sameAccount(cluster: aws.ecs.Cluster): Record<string, Record<string, pulumi.Input<string>>> {
  const tasks = cluster.arn.apply((arn) => {
    const { partition, region, accountId } = parseArn(arn);
    return `arn:${partition}:ecs:${region}:${accountId}:*`;
  });
  return { ArnLike: { "aws:SourceArn": tasks } };
}
