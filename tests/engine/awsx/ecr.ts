/** @see https://www.pulumi.com/registry/packages/awsx/api-docs/ecr/ */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

interface Rules {
  readonly rules?: readonly Record<string, unknown>[];
}

/** A repository, and the policy that its images expire by. */
export class Repository extends pulumi.ComponentResource {
  readonly repository: aws.ecr.Repository;
  readonly lifecyclePolicy: aws.ecr.LifecyclePolicy;

  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.ComponentResourceOptions) {
    super("awsx:ecr:Repository", name, {}, options);
    const { lifecyclePolicy, ...own } = inputs as aws.ecr.RepositoryArgs & { lifecyclePolicy: pulumi.Input<Rules> };
    this.repository = new aws.ecr.Repository(name.toLowerCase(), own, { parent: this });
    this.lifecyclePolicy = new aws.ecr.LifecyclePolicy(
      name.toLowerCase(),
      { repository: this.repository.name, policy: pulumi.jsonStringify(lifecyclePolicy) },
      { parent: this },
    );
    this.registerOutputs();
  }
}

export interface ImageInputs {
  readonly repositoryUrl: pulumi.Input<string>;
  readonly imageTag: pulumi.Input<string>;
  readonly context: pulumi.Input<string>;
  readonly dockerfile?: pulumi.Input<string>;
  readonly args?: pulumi.Input<Record<string, string>>;
  readonly target?: pulumi.Input<string>;
  readonly platform: pulumi.Input<string>;
}

/** A build of docker-build, which is named after its tag, in the repository; known by its digest. */
export class Image extends pulumi.ComponentResource {
  readonly imageUri: pulumi.Output<string>;

  constructor(name: string, inputs: ImageInputs, options: pulumi.ComponentResourceOptions) {
    super("awsx:ecr:Image", name, {}, options);
    this.imageUri = pulumi
      .output(inputs)
      .apply(({ repositoryUrl, imageTag, context, dockerfile, platform, ...rest }) => {
        const build = {
          tags: [`${repositoryUrl}:${imageTag}`],
          context: { location: context },
          dockerfile: { location: dockerfile },
          platforms: [platform],
          buildArgs: rest.args,
          target: rest.target,
          push: true,
        };
        const { digest } = new DockerImage(imageTag, build, { parent: this });
        return pulumi.interpolate`${repositoryUrl}@${digest}`;
      });
    this.registerOutputs();
  }
}

class DockerImage extends pulumi.CustomResource {
  declare readonly digest: pulumi.Output<string>;

  constructor(name: string, build: pulumi.Inputs, options: pulumi.CustomResourceOptions) {
    super("docker-build:index:Image", name, { digest: undefined, ...build }, options);
  }
}
