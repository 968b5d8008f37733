/** The command that gives a stack the deployment settings of its `Pulumi.<stack>.deploy.yaml`. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import * as z from "zod";

/** A duration as Go writes it, e.g. `1h` or `1h30m`. */
const duration = z.string().regex(/^(\d+(\.\d+)?(h|m|s))+$/, 'a duration such as "1h" or "30m"');

/**
 * The CLI's type `DeploymentSettings`, without what this project has no use for: credentials for git, secret variables, and
 * the other clouds' OIDC. All that is here has a flag below.
 * @see https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/apitype/deployments.go
 * @see https://www.pulumi.com/docs/deployments/concepts/settings/
 */
const SETTINGS = z.strictObject({
  executorContext: z
    .strictObject({
      executorImage: z.strictObject({ reference: z.string().min(1) }).optional(),
      executorRootPath: z.string().optional(),
    })
    .optional(),
  agentPoolID: z.string().optional(),
  sourceContext: z.strictObject({
    git: z.strictObject({
      repoUrl: z.url().optional(),
      branch: z.string().min(1),
      commit: z
        .string()
        .regex(/^[0-9a-f]{40}$/, "a whole commit hash")
        .optional(),
      repoDir: z.string().optional(),
    }),
  }),
  gitHub: z
    .strictObject({
      repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "owner/repository"),
      deployCommits: z.boolean().optional(),
      previewPullRequests: z.boolean().optional(),
      pullRequestTemplate: z.boolean().optional(),
      paths: z.array(z.string().min(1)).optional(),
    })
    .optional(),
  operationContext: z.strictObject({
    oidc: z
      .strictObject({
        aws: z.strictObject({
          roleArn: z.string().regex(/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/, "the ARN of an IAM role"),
          sessionName: z.string().regex(/^[\w+=,.@-]{2,64}$/, "2 to 64 of the characters of a session name"),
          duration: duration.optional(),
          policyArns: z.array(z.string()).optional(),
        }),
      })
      .optional(),
    preRunCommands: z.array(z.string().min(1)).optional(),
    environmentVariables: z.record(z.string(), z.string()).optional(),
    options: z
      .strictObject({
        skipInstallDependencies: z.boolean().optional(),
        skipIntermediateDeployments: z.boolean().optional(),
        deleteAfterDestroy: z.boolean().optional(),
        shell: z.string().optional(),
      })
      .optional(),
  }),
});

/** The file as the CLI wrote and read it until 3.250: the settings under one key. */
export const DEPLOYMENT_FILE = z.strictObject({ settings: SETTINGS });
export type DeploymentSettings = z.output<typeof SETTINGS>;

export function readDeploymentSettings(folder: string, stack: string): DeploymentSettings {
  const file = path.join(folder, `Pulumi.${stack}.deploy.yaml`);
  return DEPLOYMENT_FILE.parse(parse(readFileSync(file, "utf8"))).settings;
}

/** Flags of `pulumi deployment settings edit` with their values, one entry a flag. */
function sourceFlags({ sourceContext: { git }, gitHub }: DeploymentSettings): string[] {
  return [
    ...(gitHub === undefined ? text("git-url", git.repoUrl) : text("github-repo", gitHub.repository)),
    ...text("branch", git.branch),
    ...text("commit", git.commit),
    ...text("folder", git.repoDir),
    ...truth("push-to-deploy", gitHub?.deployCommits),
    ...truth("preview-prs", gitHub?.previewPullRequests),
    ...truth("pr-template", gitHub?.pullRequestTemplate),
    ...each("path-filter", gitHub?.paths),
  ];
}

function credentialFlags({ operationContext: { oidc } }: DeploymentSettings): string[] {
  if (oidc === undefined) return [];
  const { roleArn, sessionName, duration, policyArns } = oidc.aws;
  return [
    ...text("oidc-aws-role-arn", roleArn),
    ...text("oidc-aws-session-name", sessionName),
    ...text("oidc-aws-duration", duration),
    ...each("oidc-aws-policy-arn", policyArns),
  ];
}

function runnerFlags({ executorContext, agentPoolID }: DeploymentSettings): string[] {
  return [
    ...text("runner-pool", agentPoolID),
    ...text("executor-image", executorContext?.executorImage?.reference),
    ...text("executor-root-path", executorContext?.executorRootPath),
  ];
}

function operationFlags({ operationContext }: DeploymentSettings): string[] {
  const { preRunCommands, environmentVariables = {}, options = {} } = operationContext;
  const variables = Object.entries(environmentVariables).map(([key, value]) => `${key}=${value}`);
  return [
    ...each("pre-run-command", preRunCommands),
    ...each("env", variables),
    ...truth("skip-install-deps", options.skipInstallDependencies),
    ...truth("skip-intermediate-deployments", options.skipIntermediateDeployments),
    ...truth("delete-after-destroy", options.deleteAfterDestroy),
    ...text("shell", options.shell),
  ];
}

const PLAIN = /^[\w@%+=:,./-]+$/;

function text(flag: string, value: string | undefined): string[] {
  if (value === undefined) return [];
  return [`--${flag} ${PLAIN.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`}`];
}

const each = (flag: string, values: readonly string[] = []): string[] => values.flatMap((value) => text(flag, value));

function truth(flag: string, value: boolean | undefined): string[] {
  return value === undefined ? [] : [`--${flag}=${value}`];
}

export function editCommand(stack: string, settings: DeploymentSettings): string {
  const flags = [sourceFlags, runnerFlags, credentialFlags, operationFlags].flatMap((part) => part(settings));
  return [`pulumi deployment settings edit --stack ${stack}`, ...flags].join(" \\\n  ");
}
