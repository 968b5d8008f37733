/** The task definition of a service, with its image, its log and its two roles. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { makeImage, type BuiltImage } from "./image";
import { isImageBuild } from "./imageArgs";
import { checkedReference } from "./imageProblems";
import type { Architecture } from "../cluster/instanceTypes";
import { CPU_ARCHITECTURES, type TaskArgs, type TaskTransforms } from "./taskArgs";
import { containersOf } from "./taskContainers";
import { containerDefinition, type DefinedContainer } from "./taskDefinition";
import { makeTaskRoles, type TaskRoles } from "./taskRoles";
import { secretStatements } from "./taskSecrets";
import { transformed } from "../transform";

export interface TaskSettings extends TaskArgs {
  readonly cluster: aws.ecs.Cluster;
  readonly architecture: Architecture;
  /** Of the main container; none where nothing connects to it. */
  readonly containerPort?: number;
  readonly stopTimeoutSeconds: number;
  readonly protectsWork: boolean;
  readonly enableExecuteCommand: boolean;
  readonly logRetentionDays: number;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: TaskTransforms;
}

export interface Task extends TaskRoles {
  readonly definition: aws.ecs.TaskDefinition;
  readonly logGroup: aws.cloudwatch.LogGroup;
  /** Where the image is built here. */
  readonly built?: BuiltImage;
}

export function makeTask(name: string, settings: TaskSettings, parent: pulumi.Resource): Task {
  const { image, tags, logRetentionDays, transform } = settings;
  const logArgs = transformed({ retentionInDays: logRetentionDays, tags }, transform?.logGroup);
  const logGroup = new aws.cloudwatch.LogGroup(`${name}-logs`, logArgs, { parent });
  const built = isImageBuild(image) ? makeImage(name, { ...settings, build: image }, parent) : undefined;
  const containers = definedContainers(name, settings, built);
  const [main, ...sidecars] = containers.map((container) => container.image);
  const roles = makeTaskRoles(
    name,
    {
      ...settings,
      logGroup,
      // The repository is known before the image is built.
      images: [built?.repository.url ?? main!, ...sidecars],
      secretStatements: secretsOf(containers, settings),
    },
    parent,
  );
  // Known before anything is made, so that a preview shows the whole definition, and policies can judge it.
  const { region } = aws.getRegionOutput({}, { parent });
  const log = { group: logGroup.name, region, streamPrefix: name };
  const definitions = containers.map((container) => containerDefinition(container, log));
  const args: aws.ecs.TaskDefinitionArgs = {
    family: `${name}-${pulumi.getStack()}`,
    networkMode: "bridge",
    requiresCompatibilities: ["EC2"],
    runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: CPU_ARCHITECTURES[settings.architecture] },
    executionRoleArn: roles.executionRole.arn,
    taskRoleArn: roles.taskRole.arn,
    containerDefinitions: pulumi.jsonStringify(transformed(definitions, transform?.containerDefinitions)),
    tags,
  };
  // A task that starts without its rights would fail.
  const options = { parent, dependsOn: [roles.executionPolicy, ...(roles.taskPolicy ? [roles.taskPolicy] : [])] };
  const definition = new aws.ecs.TaskDefinition(`${name}-task`, transformed(args, transform?.taskDefinition), options);
  return { definition, logGroup, built, ...roles };
}

function definedContainers(name: string, settings: TaskSettings, built: BuiltImage | undefined): DefinedContainer[] {
  return containersOf(name, settings).map((container) => ({
    ...container,
    image: isImageBuild(container.image)
      ? built!.image.imageUri
      : checkedReference(`${container.path}image`, container.image, settings),
  }));
}

function secretsOf(containers: readonly DefinedContainer[], { secretsKmsKeyArns = [] }: TaskSettings) {
  return secretStatements({
    secrets: containers.flatMap(({ secrets = {} }) => Object.values(secrets)),
    credentials: containers.flatMap(({ repositoryCredentialsSecretArn: arn }) => (arn === undefined ? [] : [arn])),
    keys: secretsKmsKeyArns,
  });
}
