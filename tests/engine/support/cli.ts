/** The Pulumi CLI of these tests: the one on PATH, or one built from source (tools/pulumi). */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import { ROOT } from "../../project/project";

let found: Promise<PulumiCommand> | undefined;

export function pulumiCommand(): Promise<PulumiCommand> {
  found ??= find();
  return found;
}

async function find(): Promise<PulumiCommand> {
  const { stdout } = await promisify(execFile)(path.join(ROOT, "tools/pulumi/find.sh"));
  return PulumiCommand.get({ root: stdout.trim() });
}
