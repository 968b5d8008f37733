/** Reads the IAM policies that a program declares. */
import type { Recorded, Recording } from "./recorder";

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: unknown;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The statements of a policy, from the input that holds its text. */
export function statementsOf(resource: Recorded, input = "policy"): PolicyStatement[] {
  const text = resource.inputs[input];
  if (typeof text !== "string") throw new Error(`${resource.name} has no ${input}`);
  return (JSON.parse(text) as { Statement: PolicyStatement[] }).Statement;
}

/** Every statement of every role policy of the program, with its policy's name. */
export function roleStatements(recording: Recording): { policy: string; statement: PolicyStatement }[] {
  return recording
    .ofType("aws:iam/rolePolicy:RolePolicy")
    .flatMap((policy) => statementsOf(policy).map((statement) => ({ policy: policy.name, statement })));
}
