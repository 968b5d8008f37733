/**
 * Prints one IAM policy of the deployer, for an account and a Region:
 * `node -r ts-node/register tools/docs/deployerPolicy.ts network --account 123456789012 --region eu-west-1`
 */
import { Argument, Command } from "commander";
import { deployerPolicies, policyText } from "./deployer/policies";
import { declaredByAllStacks } from "./deployer/program";
import { POLICIES, type PolicyName } from "./deployer/rows";

interface Options {
  readonly account: string;
  readonly region: string;
}

async function print(policy: PolicyName | "preview", { account, region }: Options): Promise<void> {
  const text = policyText(deployerPolicies(await declaredByAllStacks())[policy]);
  console.log(text.replaceAll("ACCOUNT_ID", account).replaceAll("REGION", region));
}

void new Command("deployerPolicy")
  .addArgument(new Argument("<policy>").choices([...POLICIES, "preview"]))
  .requiredOption("--account <id>", "the AWS account's twelve digits")
  .requiredOption("--region <region>", "the stack's Region")
  .action(print)
  .parseAsync();
