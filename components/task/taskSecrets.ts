/** Environment variables that ECS fills from Secrets Manager or Parameter Store, and what it takes to read them. */
import * as pulumi from "@pulumi/pulumi";
import { parseArn } from "../names";
import { throwProblems, type Problem } from "../problems";
import type { Statement } from "../roles";

/** The secret's name may be followed by JSON key, version stage and version id: all three or none, each of which may be empty. */
const SECRET = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[^:]+(:[^:]*:[^:]*:[^:]*)?$/;
const PARAMETER = /^arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter\/.+$/;
const KEY = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/.+$/;

const SECRET_ARN = "arn:aws:secretsmanager:region:account:secret:name-AbCdEf";

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html */
export function secretProblems(property: string, arn: unknown): Problem[] {
  if (typeof arn !== "string" || SECRET.test(arn) || PARAMETER.test(arn)) return [];
  const allowed = `${SECRET_ARN}, alone or with :json-key:version-stage:version-id, or arn:aws:ssm:region:account:parameter/name`;
  return [{ property, given: arn, allowed, change: "give the ARN; in a secret's, all three additions or none" }];
}

export function credentialsProblems(property: string, arn: unknown): Problem[] {
  if (typeof arn !== "string" || (SECRET.test(arn) && secretArn(arn) === arn)) return [];
  return [{ property, given: arn, allowed: SECRET_ARN, change: "give the whole secret's ARN" }];
}

/** An alias isn't what a right can be given to. */
export function keyProblems(property: string, arn: unknown): Problem[] {
  if (typeof arn !== "string" || KEY.test(arn)) return [];
  const allowed = "arn:aws:kms:region:account:key/id";
  return [{ property, given: arn, allowed, change: "give the key's ARN, not its alias's or its id" }];
}

export interface SecretSources {
  /** ARNs as the containers have them. */
  readonly secrets: readonly pulumi.Input<string>[];
  readonly credentials: readonly pulumi.Input<string>[];
  readonly keys: readonly pulumi.Input<string>[];
}

/** The right to exactly those.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html */
export function secretStatements(sources: SecretSources): pulumi.Output<Statement[]> {
  return pulumi.output(sources).apply(({ secrets, credentials, keys }) => {
    // What was an Output is known only now.
    throwProblems("Secrets", [
      ...secrets.flatMap((arn) => secretProblems("secrets", arn)),
      ...credentials.flatMap((arn) => credentialsProblems("repositoryCredentialsSecretArn", arn)),
      ...keys.flatMap((arn) => keyProblems("secretsKmsKeyArns", arn)),
    ]);
    const [parameters, ofManager] = [secrets.filter(isParameter), secrets.filter((arn) => !isParameter(arn))];
    return [
      ...reading("ReadSecrets", "secretsmanager:GetSecretValue", [...ofManager.map(secretArn), ...credentials]),
      ...reading("ReadParameters", "ssm:GetParameters", parameters),
      ...reading("DecryptSecrets", "kms:Decrypt", keys),
    ];
  });
}

const isParameter = (arn: string): boolean => parseArn(arn).service === "ssm";

/** Without JSON key and version. */
function secretArn(arn: string): string {
  return arn.split(":").slice(0, 7).join(":");
}

/** Each once and in one order, so that a changed order is no change. */
function reading(Sid: string, action: string, arns: readonly string[]): Statement[] {
  const Resource = [...new Set(arns)].sort();
  return Resource.length === 0 ? [] : [{ Sid, Action: [action], Resource }];
}
