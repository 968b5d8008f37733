/** What the program declares in each of the stacks that are deployed from here, as far as its deployer's rights depend on it. */
import { readdirSync } from "node:fs";
import path from "node:path";
import type { Resource } from "../../../rehearsal/deploy/monitor";
import { declareProgram } from "../../../rehearsal/deploy/program";
import { configUnder, readStackConfig } from "../../../rehearsal/deploy/stackConfig";

export const ROOT = path.resolve(__dirname, "../../..");

/** Stands in ARNs for whoever deploys. */
const ACCOUNT = "123456789012";

/** Names in the files of a folder, sorted. */
function namesIn(folder: string, file: RegExp): string[] {
  return readdirSync(path.resolve(ROOT, folder))
    .flatMap((each) => file.exec(each)?.[1] ?? [])
    .sort();
}

/** The stacks that the GitHub workflows deploy; each has its policies' levels. */
export const workflowStacks = (): string[] => namesIn(".github/policies", /^([\w-]+)\.json$/);

/** The stacks that Pulumi Deployments deploys. */
export const deploymentStacks = (): string[] => namesIn(".", /^Pulumi\.([\w-]+)\.deploy\.yaml$/);

const declared = new Map<string, Promise<Resource[]>>();

/** Await one stack before the next: Pulumi's mocks are global. A stack is declared once in a process. */
export function declareStack(stack: string): Promise<Resource[]> {
  const resources = declared.get(stack) ?? declare(stack);
  declared.set(stack, resources);
  return resources;
}

/**
 * @param over changes to the stack's configuration
 * @param folder of the program, which is its index.ts
 */
export async function declare(
  stack: string,
  over: Readonly<Record<string, unknown>> = {},
  folder = ROOT,
): Promise<Resource[]> {
  const stackConfig = readStackConfig(folder, stack);
  const { project, secretKeys } = stackConfig;
  const config = configUnder(stackConfig, over);
  const region = config["aws:region"] ?? "";
  return declareProgram(path.join(folder, "index.ts"), {
    project,
    stack,
    region,
    account: ACCOUNT,
    config,
    secretKeys,
  });
}

export interface Declared {
  readonly types: readonly string[];
  /** Pulumi names resources after these, with a hyphen and random digits. */
  readonly components: readonly string[];
  /** Those of them that are clusters. */
  readonly clusters: readonly string[];
  /** The AWS services that the program's roles trust. */
  readonly trusted: readonly string[];
}

export async function declaredByAllStacks(): Promise<Declared> {
  const resources: Resource[] = [];
  for (const stack of [...workflowStacks(), ...deploymentStacks()]) resources.push(...(await declareStack(stack)));
  return declaredBy(resources);
}

/** What another program of components declares, in all the stacks whose configuration lies beside it. @throws where there is none */
export async function declaredByProgram(given: string): Promise<Declared> {
  const folder = path.resolve(ROOT, given);
  const stacks = namesIn(folder, /^Pulumi\.([\w-]+)\.yaml$/);
  if (stacks.length === 0) {
    throw new Error(
      `Deployer's permissions: given ${given}; allowed: a program's folder with a Pulumi.<stack>.yaml; add one`,
    );
  }
  const resources: Resource[] = [];
  for (const stack of stacks) resources.push(...(await declare(stack, {}, folder)));
  return declaredBy(resources);
}

export function declaredBy(resources: readonly Resource[]): Declared {
  const roles = resources.filter(({ type }) => type === "aws:iam/role:Role");
  const clusters = resources.filter(({ type }) => type === "spotproof:components:SpotCluster");
  return {
    types: sorted(resources.map(({ type }) => type)),
    components: sorted(resources.filter(isTopComponent).map(({ name }) => name)),
    clusters: sorted(clusters.map(({ name }) => name)),
    trusted: sorted(roles.flatMap(({ inputs }) => trustedServices(String(inputs.assumeRolePolicy)))),
  };
}

function isTopComponent({ type, parent }: Resource): boolean {
  return type.startsWith("spotproof:components:") && parent.includes("::pulumi:pulumi:Stack::");
}

function trustedServices(assumeRolePolicy: string): string[] {
  const { Statement } = JSON.parse(assumeRolePolicy) as { Statement: { Principal: { Service: string } }[] };
  return Statement.map(({ Principal }) => Principal.Service);
}

function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
