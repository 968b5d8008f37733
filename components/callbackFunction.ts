/** A Lambda function whose code is a function of ours, serialized. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { makeRole, policyDocument, writeLogs, type Statement } from "./roles";
import { transformed, type Transform } from "./transform";

export interface CallbackFunctionArgs {
  readonly description: string;
  /** Runs once per execution environment, makes the clients and returns the handler. */
  readonly callbackFactory: () => (...args: never[]) => Promise<unknown>;
  readonly environment: Record<string, pulumi.Input<string>>;
  /** What the handler may do; writing its own log is added. */
  readonly statements: readonly Statement[];
  readonly timeoutSeconds: number;
  readonly memorySizeMiB: number;
  readonly logRetentionDays: number;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: Transform<aws.lambda.FunctionArgs>;
}

/** Not aws.lambda.CallbackFunction: that one zips every package of the project that uses us, and attaches broad managed policies.
 * The AWS SDK comes with the Node.js runtime.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html */
export class CallbackFunction extends pulumi.ComponentResource {
  readonly function: aws.lambda.Function;
  readonly logGroup: aws.cloudwatch.LogGroup;
  readonly role: aws.iam.Role;
  readonly policy: aws.iam.RolePolicy;

  constructor(name: string, args: CallbackFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("spotproof:components:CallbackFunction", name, {}, opts);
    const { description, tags, logRetentionDays, statements } = args;
    this.logGroup = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      { retentionInDays: logRetentionDays, tags },
      { parent: this },
    );
    this.role = makeRole(`${name}-role`, { service: "lambda.amazonaws.com", description, tags }, this);
    const policy = policyDocument([writeLogs(this.logGroup), ...statements]);
    this.policy = new aws.iam.RolePolicy(`${name}-policy`, { role: this.role.name, policy }, { parent: this });
    const functionArgs = transformed(this.functionArgs(args), args.transform);
    this.function = new aws.lambda.Function(name, functionArgs, {
      parent: this,
      dependsOn: [this.policy, this.logGroup],
    });
    this.registerOutputs({ functionArn: this.function.arn });
  }

  private functionArgs(args: CallbackFunctionArgs): aws.lambda.FunctionArgs {
    return {
      description: args.description,
      code: serialized(args.callbackFactory, this),
      handler: "__index.handler",
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      role: this.role.arn,
      timeout: args.timeoutSeconds,
      memorySize: args.memorySizeMiB,
      environment: { variables: args.environment },
      // Text: with JSON, Lambda would wrap what the handler prints, and CloudWatch wouldn't find the metrics in it.
      loggingConfig: { logFormat: "Text", logGroup: this.logGroup.name },
      tags: args.tags,
    };
  }
}

/** By factory: every cluster's function has the same code, which takes a third of a second to serialize. */
const texts = new WeakMap<() => unknown, Promise<string>>();

function serialized(factory: () => unknown, logResource: pulumi.Resource): pulumi.asset.AssetArchive {
  const options = { exportName: "handler", isFactoryFunction: true, logResource };
  const text = texts.get(factory) ?? pulumi.runtime.serializeFunction(factory, options).then((each) => each.text);
  texts.set(factory, text);
  return new pulumi.asset.AssetArchive({ "__index.js": new pulumi.asset.StringAsset(text) });
}
