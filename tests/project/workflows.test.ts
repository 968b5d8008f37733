import { expect } from "chai";
import { deploymentStacks, workflowStacks } from "../../tools/docs/deployer/program";
import { stackConfig } from "../support/stackFiles";
import { readText } from "./project";
import { CLI_VERSION } from "./pulumiCli";
import { readWorkflow, workflowPaths, workflowProblems, type Job, type StackEntry } from "./workflows";

const SETUP = ".github/actions/setup/action.yaml";
const PREVIEW = ".github/workflows/preview.yaml";

const jobsOf = (name: string): Record<string, Job> => readWorkflow(name).jobs;
const matrixOf = (job: Job | undefined): readonly StackEntry[] => job?.strategy?.matrix.include ?? [];

/** What `deploy` calls the workflow of one stack with, in the order of the roll-out. */
function rollOut(): StackEntry[] {
  const { dev, canary, regions } = jobsOf("deploy");
  const called = [dev, canary].map((job) => ({ stack: job!.with!.stack!, region: job!.with!.region! }));
  return [...called, ...matrixOf(regions)];
}

describe("the workflows", () => {
  for (const path of [SETUP, ...workflowPaths()]) {
    it(`name only what is there, and keep to the rules: ${path}`, () => {
      expect(workflowProblems(readText(path))).to.be.empty;
    });
  }

  it("are each without a permission but those of their jobs, which are the fewest", () => {
    const byJob = workflowPaths().flatMap((path) => {
      const name = path.replace(/^.*\/|\.yaml$/g, "");
      const { permissions, jobs } = readWorkflow(name);
      expect(permissions, path).to.deep.equal({});
      return Object.entries(jobs).map(([job, { permissions: own }]) => [`${name}/${job}`, own]);
    });
    const cloud = { contents: "read", "id-token": "write" };
    expect(Object.fromEntries(byJob)).to.deep.equal({
      "check/check": { contents: "read" },
      "preview/preview": { ...cloud, "pull-requests": "write" },
      "deploy/dev": cloud,
      "deploy/canary": cloud,
      "deploy/regions": cloud,
      "deploy-stack/up": cloud,
      "drift/drift": cloud,
      "publish-policies/publish": cloud,
    });
  });

  it("preview, deploy and watch the same stacks, none of which Pulumi Deployments deploys", () => {
    const stacks = workflowStacks();
    expect(stacks).to.include("dev");
    expect(deploymentStacks().filter((stack) => stacks.includes(stack))).to.be.empty;
    for (const entries of [matrixOf(jobsOf("preview").preview), matrixOf(jobsOf("drift").drift), rollOut()])
      expect(entries.map(({ stack }) => stack)).to.have.members(stacks);
  });

  it("give each stack its own Region", () => {
    for (const { stack, region } of [
      ...matrixOf(jobsOf("preview").preview),
      ...matrixOf(jobsOf("drift").drift),
      ...rollOut(),
    ])
      expect(stackConfig(stack)["aws:region"], stack).to.equal(region);
  });

  it("roll out one stack after the other, and stop at the first that fails", () => {
    const { dev, canary, regions } = jobsOf("deploy");
    expect([dev!.needs, canary!.needs, regions!.needs]).to.deep.equal([undefined, "dev", "canary"]);
    expect(regions!.strategy).to.include({ "fail-fast": true, "max-parallel": 1 });
    expect(readWorkflow("deploy").concurrency!.group).to.equal("deploy");
  });

  it("never run two updates of a stack at once, nor break one off", () => {
    const { concurrency, environment } = jobsOf("deploy-stack").up!;
    expect(concurrency).to.deep.equal({ group: "stack-${{ inputs.stack }}", "cancel-in-progress": false });
    expect(environment, "whose role and approval").to.equal("${{ inputs.stack }}");
    for (const job of [jobsOf("preview").preview, jobsOf("drift").drift])
      expect(job!.concurrency!.group)
        .to.include("${{ matrix.stack }}")
        .and.not.match(/^stack-/);
  });

  it("give a fork's pull request no credentials", () => {
    const guard = "github.event.pull_request.head.repo.full_name == github.repository";
    for (const path of workflowPaths()) {
      const { on, jobs } = readWorkflow(path.replace(/^.*\/|\.yaml$/g, ""));
      if (!Object.keys(on).includes("pull_request")) continue;
      for (const job of Object.values(jobs)) if (job.permissions?.["id-token"]) expect(job.if, path).to.equal(guard);
    }
  });

  it("judge every preview and update by the policies, and preview before they update", () => {
    const runs = ["preview", "deploy-stack"].flatMap((name) =>
      Object.values(jobsOf(name)).flatMap(({ steps = [] }) => steps.flatMap(({ run }) => run ?? [])),
    );
    const commands = runs.filter((run) => /pulumi (preview|up)\b/.test(run));
    expect(commands).to.have.lengthOf(2);
    for (const command of commands) {
      expect(command).to.match(/--policy-pack policies --policy-pack-config "\.github\/policies\/\$STACK\.json"/);
      expect(command).not.to.include("--skip-preview");
    }
  });

  it("install the CLI whose flags are checked here", () => {
    for (const path of [SETUP, ".github/workflows/publish-policies.yaml"])
      expect(readText(path)).to.include(`pulumi-version: ${CLI_VERSION}\n`);
  });

  it("end by themselves", () => {
    for (const path of workflowPaths()) {
      for (const [name, job] of Object.entries(jobsOf(path.replace(/^.*\/|\.yaml$/g, ""))))
        expect(job.uses ?? job["timeout-minutes"], `${path} ${name}`).not.to.equal(undefined);
    }
  });

  describe("fail", () => {
    const BREACHES: readonly (readonly [what: string, from: string, to: string, problem: RegExp])[] = [
      [
        "an action that isn't pinned",
        "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
        "actions/checkout@v6",
        /not pinned/,
      ],
      [
        "an npm script that isn't there",
        "run: bash .github/scripts/commentPreview.sh preview.txt",
        "run: npm run comment",
        /npm run comment/,
      ],
      ["a script that isn't there", "commentPreview.sh", "comment.sh", /comment\.sh/],
      ["a policy pack that isn't there", "--policy-pack policies", "--policy-pack rules", /rules/],
      [
        "a policy config that not every stack has",
        ".github/policies/$STACK.json",
        ".github/policies/$STACK.yaml",
        /\$STACK\.yaml/,
      ],
      ["a flag that Pulumi doesn't know", "--suppress-progress", "--quiet", /--quiet/],
      ["an action of ours that isn't there", "./.github/actions/setup", "./.github/actions/set-up", /set-up/],
      ["a secret", "${{ github.token }}", "${{ secrets.AWS_SECRET_ACCESS_KEY }}", /secret/],
      ["an expression inside a script", '"$PULUMI_STACK"', '"${{ matrix.stack }}"', /expression/],
      ["a checkout that leaves its token", "persist-credentials: false", "persist-credentials: true", /token/],
      ["pull_request_target", "  pull_request:\n", "  pull_request_target:\n", /pull_request_target/],
    ];
    for (const [what, from, to, problem] of BREACHES) {
      it(`for ${what}`, () => {
        const text = readText(PREVIEW);
        expect(text, "the text to change").to.include(from);
        expect(workflowProblems(text.replace(from, to)).join("\n")).to.match(problem);
      });
    }
  });
});
