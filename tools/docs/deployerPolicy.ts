/**
 * Prints one IAM policy of the deployer, for an account and a Region:
 * `node -r ts-node/register tools/docs/deployerPolicy.ts network --account 123456789012 --region eu-west-1`
 */
import { Argument, Command } from "commander";
import { deployerPolicies, LONGEST_POLICY, policyLength, policyText, type PolicyDocument } from "./deployer/policies";
import { declaredByAllStacks, declaredByProgram } from "./deployer/program";
import { POLICIES, type PolicyName } from "./deployer/rows";

interface Options {
  readonly account: string;
  readonly region: string;
  readonly program?: string;
}

async function print(policy: PolicyName | "preview", { account, region, program }: Options): Promise<void> {
  const declared = await (program === undefined ? declaredByAllStacks() : declaredByProgram(program));
  const text = policyText(deployerPolicies(declared)[policy])
    .replaceAll("ACCOUNT_ID", account)
    .replaceAll("REGION", region);
  const length = policyLength(JSON.parse(text) as PolicyDocument);
  if (length > LONGEST_POLICY) {
    throw new Error(
      `The policy ${policy}: ${length} characters; allowed: ${LONGEST_POLICY}, IAM's limit; deploy fewer components with one role, as two programs`,
    );
  }
  console.log(text);
}

void new Command("deployerPolicy")
  .addArgument(new Argument("<policy>").choices([...POLICIES, "preview"]))
  .requiredOption("--account <id>", "the AWS account's twelve digits")
  .requiredOption("--region <region>", "the stack's Region")
  .option("--program <folder>", "a program of components other than the project's own")
  .action(print)
  .parseAsync();
