/** `npm run docs:pages`: writes the parts of the guides that follow from the code. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { comparisonTable, costRows, costTable } from "./cost";
import { deployerPolicies, policyText } from "./deployer/policies";
import { declare, declaredByAllStacks, declareStack, ROOT } from "./deployer/program";
import { editCommand, readDeploymentSettings } from "./deploymentSettings";
import { fenced, filled } from "./markers";
import { clusterMetricNames, scaleInMetricNames } from "./metricNames";

/** Whose cost is shown, and whose deployment settings. */
const STACK = "prod";

/** Whose cost is shown beside that: the defaults of scaling. */
const SCALING = { minCount: 6, maxCount: 24 };

/** What each part of a page has to be, by page and part. */
export async function generatedParts(): Promise<Record<string, Record<string, string>>> {
  const policies = deployerPolicies(await declaredByAllStacks());
  const metrics = clusterMetricNames().length;
  const plain = costRows(await declareStack(STACK), metrics);
  const scaled = costRows(await declare(STACK, { scaling: SCALING }), metrics + scaleInMetricNames().length);
  const command = editCommand(STACK, readDeploymentSettings(ROOT, STACK));
  return {
    "docs/deployer-permissions.md": Object.fromEntries(
      Object.entries(policies).map(([name, policy]) => [`policy:${name}`, fenced("json", policyText(policy))]),
    ),
    "docs/cost.md": { cost: costTable(plain), "cost:scaling": comparisonTable(plain, scaled) },
    "docs/pulumi-deployments.md": { settings: fenced("sh", command) },
  };
}

export function filledPage(page: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, part]) => filled(text, name, part), page);
}

async function writePages(): Promise<void> {
  for (const [page, parts] of Object.entries(await generatedParts())) {
    const file = path.join(ROOT, page);
    writeFileSync(file, filledPage(readFileSync(file, "utf8"), parts));
  }
}

if (require.main === module) void writePages();
