/** The Pulumi CLI as the documents and workflows use it: its commands and their flags. */
import { readProjectFile } from "../support/stackFiles";
import { readText } from "./project";

/** The version whose source the table below was read from. @see https://github.com/pulumi/pulumi/tree/v3.259.0/pkg/cmd/pulumi */
export const CLI_VERSION = "3.259.0";

const GLOBAL = "color cwd disable-integrity-checking emoji fully-qualify-stack-names non-interactive verbose";
const SHOWN =
  "diff json message output parallel show-config show-full-output show-replacement-steps show-sames stack suppress-outputs suppress-permalink suppress-progress urns";

const COMMANDS: Readonly<Record<string, string>> = {
  preview: `${SHOWN} config config-file expect-no-changes policy-pack policy-pack-config refresh save-plan target`,
  up: `${SHOWN} config config-file continue-on-error expect-no-changes plan policy-pack policy-pack-config refresh secrets-provider skip-preview target yes`,
  refresh: `${SHOWN} config config-file expect-no-changes preview-only run-program skip-preview target yes`,
  destroy: `${SHOWN} exclude-protected preview-only refresh remove skip-preview target yes`,
  login: "cloud-url default-org insecure interactive local",
  cancel: "stack yes",
  version: "",
  "config set": "config-file path plaintext secret stack type",
  "stack init": "copy-config-from no-select secrets-provider stack teams yes",
  "stack select": "create secrets-provider stack",
  "stack output": "json shell show-secrets stack",
  "stack rm": "force preserve-config remove-backups stack yes",
  "stack schedule new": "auto-remediate cron delete-after-destroy kind once operation output stack yes",
  "stack schedule list": "count output stack",
  "deployment settings edit":
    "branch commit delete-after-destroy env executor-image executor-root-path folder git-url github-repo oidc-aws-clear oidc-aws-duration oidc-aws-policy-arn oidc-aws-role-arn oidc-aws-session-name output path-filter pr-template pre-run-command preview-prs push-to-deploy remove-env runner-pool secret-env shell skip-install-deps skip-intermediate-deployments stack",
  "deployment settings get": "output stack",
  "deployment run": "stack suppress-permalink",
  "policy publish": "",
  "policy enable": "config policy-group",
  "policy disable": "policy-group version",
  "policy validate-config": "config",
  "policy group new": "agent-pool-id entity-type mode org output yes",
  "policy group edit": "add-policy-pack add-stack name org output remove-policy-pack remove-stack",
};

const WORD = String.raw`(?:'[^']*'|"[^"]*"|[^\s|;&)>'"]+)+`;
const COMMAND = new RegExp(String.raw`(?<=^|[\s(])pulumi((?: +${WORD})+)`, "gm");

/** The words of each `pulumi …` in a shell text, without quotes and without the first. */
export function pulumiCommands(shell: string): string[][] {
  const lines = shell.replace(/\\\n\s*/g, " ");
  return [...lines.matchAll(COMMAND)].map(([, words = ""]) =>
    (words.match(new RegExp(WORD, "g")) ?? []).map((word) => word.replace(/^['"]|['"]$/g, "")),
  );
}

/** What is wrong with each `pulumi …` in a shell text: unknown command, flag, configuration key or stack output. */
export function pulumiProblems(shell: string): string[] {
  return pulumiCommands(shell).flatMap((words) => {
    const name = [3, 2, 1].map((length) => words.slice(0, length).join(" ")).find((each) => each in COMMANDS);
    if (name === undefined) return words.every((word) => word.startsWith("-")) ? [] : [`pulumi ${words.join(" ")}`];
    const rest = words.slice(name.split(" ").length);
    return [...flagProblems(name, rest), ...argumentProblems(name, rest)].map(
      (problem) => `pulumi ${name}: ${problem}`,
    );
  });
}

function flagProblems(command: string, words: readonly string[]): string[] {
  const known = new Set([...GLOBAL.split(" "), ...(COMMANDS[command] ?? "").split(" ")]);
  const given = words.filter((word) => word.startsWith("-")).map((word) => word.replace(/^--?|=.*$/gs, ""));
  return given.filter((flag) => !known.has(flag)).map((flag) => `--${flag}`);
}

function argumentProblems(command: string, words: readonly string[]): string[] {
  const [first = ""] = words.filter((word) => !word.startsWith("-"));
  if (command === "config set") return isConfigKey(first.replace(/[.[].*/, "")) ? [] : [first];
  if (command === "stack output") return first === "" || stackOutputs().includes(first) ? [] : [first];
  return [];
}

function isConfigKey(key: string): boolean {
  return key === "aws:region" || key in readProjectFile().config;
}

function stackOutputs(): string[] {
  return [...readText("index.ts").matchAll(/^export const (\w+)/gm)].map(([, name = ""]) => name);
}
