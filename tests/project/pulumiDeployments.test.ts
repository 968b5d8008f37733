import { expect } from "chai";
import { parse } from "yaml";
import { DEPLOYMENT_FILE, editCommand, readDeploymentSettings } from "../../tools/docs/deploymentSettings";
import { projectFiles, readPackage, readText, ROOT } from "./project";
import { pulumiProblems } from "./pulumiCli";

type Tree = Record<string, unknown>;

const file = (): Tree => parse(readText("Pulumi.prod.deploy.yaml")) as Tree;

/** The file with a value put at a path of keys. */
function changed(path: readonly string[], value: unknown): Tree {
  const whole = file();
  const parent = path.slice(0, -1).reduce((tree, key) => tree[key] as Tree, whole);
  parent[path.at(-1)!] = value;
  return whole;
}

describe("Pulumi.prod.deploy.yaml", () => {
  const settings = readDeploymentSettings(ROOT, "prod");

  it("has the shape of Pulumi's deployment settings", () => {
    expect(DEPLOYMENT_FILE.safeParse(file()).success).to.equal(true);
  });

  const aws = ["settings", "operationContext", "oidc", "aws"];
  const WRONG: readonly (readonly [what: string, path: readonly string[], value: unknown])[] = [
    ["a key that Pulumi doesn't know", ["settings", "schedule"], "0 4 * * *"],
    ["a misspelt key inside", ["settings", "gitHub", "deployCommit"], true],
    ["text for a truth value", ["settings", "gitHub", "deployCommits"], "yes"],
    ["one path filter instead of a list", ["settings", "gitHub", "paths"], "**"],
    ["a role that is no ARN", [...aws, "roleArn"], "spotproof-deployments"],
    ["a duration without a unit", [...aws, "duration"], "3600"],
    ["a session name with a space", [...aws, "sessionName"], "spotproof prod"],
    ["no source", ["settings", "sourceContext"], undefined],
  ];
  for (const [what, path, value] of WRONG) {
    it(`would be refused with ${what}`, () => {
      expect(DEPLOYMENT_FILE.safeParse(changed(path, value)).success).to.equal(false);
    });
  }

  it("deploys on a change of what the stack is made of, and of nothing else", () => {
    const globs = settings.gitHub!.paths!;
    const matches = (glob: string): string[] =>
      projectFiles().filter((path) => (glob.endsWith("/**") ? path.startsWith(glob.slice(0, -2)) : path === glob));
    for (const glob of globs) expect(matches(glob), glob).not.to.be.empty;
    expect(globs.flatMap(matches)).to.include.members(["index.ts", "Pulumi.prod.yaml", "functions/drain/handler.ts"]);
    expect(globs.flatMap(matches)).not.to.include("README.md").and.not.include("Pulumi.dev.yaml");
  });

  it("runs only commands that exist, and rehearses its own stack, before it deploys", () => {
    const commands = settings.operationContext.preRunCommands!;
    const scripts = commands.flatMap((command) => /^npm run ([\w:-]+)/.exec(command)?.[1] ?? []);
    expect(Object.keys(readPackage().scripts)).to.include.members(scripts);
    expect(commands.at(-1)).to.include("npm run rehearse -- --stack prod ");
  });

  it("holds no secret, and takes its role by OIDC", () => {
    expect(settings.operationContext.oidc!.aws.roleArn).to.match(/:role\//);
    expect(settings.operationContext.environmentVariables).to.equal(undefined);
  });

  it("becomes a command that the CLI knows, with every setting in it", () => {
    const command = editCommand("prod", settings);
    expect(pulumiProblems(command)).to.be.empty;
    expect(command).to.include("--pre-run-command 'npm run rehearse -- --stack prod --days 1'");
    expect(command).to.include("--delete-after-destroy=false").and.include("--path-filter 'functions/**'");
    const everything = DEPLOYMENT_FILE.parse({
      settings: {
        executorContext: { executorImage: { reference: "pulumi/pulumi:3.259.0" }, executorRootPath: "/srv" },
        agentPoolID: "pool",
        sourceContext: {
          git: { repoUrl: "https://git.example.org/x", branch: "main", commit: "0".repeat(40), repoDir: "x" },
        },
        operationContext: {
          oidc: {
            aws: { ...settings.operationContext.oidc!.aws, policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
          },
          environmentVariables: { GREETING: "it's" },
          options: { shell: "bash" },
        },
      },
    }).settings;
    const whole = editCommand("prod", everything);
    expect(pulumiProblems(whole)).to.be.empty;
    expect(whole.split(" \\\n  ").slice(1)).to.deep.equal([
      "--git-url https://git.example.org/x",
      "--branch main",
      `--commit ${"0".repeat(40)}`,
      "--folder x",
      "--runner-pool pool",
      "--executor-image pulumi/pulumi:3.259.0",
      "--executor-root-path /srv",
      "--oidc-aws-role-arn arn:aws:iam::123456789012:role/spotproof-deployments",
      "--oidc-aws-session-name spotproof-prod",
      "--oidc-aws-duration 1h",
      "--oidc-aws-policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess",
      "--env 'GREETING=it'\\''s'",
      "--shell bash",
    ]);
  });
});
