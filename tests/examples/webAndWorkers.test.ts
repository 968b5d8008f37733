import { join } from "node:path";
import { expect } from "chai";
import type { Resource } from "../../rehearsal/deploy/monitor";
import { declareProgram } from "../../rehearsal/deploy/program";
import { configUnder, readStackConfig } from "../../rehearsal/deploy/stackConfig";
import { PLACE } from "../support/stage";

const FOLDER = join(__dirname, "../../examples/web-and-workers");

async function declareExample(changes: Record<string, unknown> = {}): Promise<Resource[]> {
  const stackConfig = readStackConfig(FOLDER, "prod");
  const { project, secretKeys } = stackConfig;
  const stack = { project, stack: "prod", ...PLACE, secretKeys, config: configUnder(stackConfig, changes) };
  return declareProgram(join(FOLDER, "index.ts"), stack);
}

const inputsOf = (resources: readonly Resource[], type: string, name: string) => {
  const found = resources.find((resource) => resource.type === type && resource.name === name);
  if (!found) throw new Error(`no ${type} named ${name}`);
  return found.inputs;
};

describe("the example of a web tier with workers", () => {
  it("lets the web tier send to the two queues, and tells it where they are", async () => {
    const resources = await declareExample();
    const policy = inputsOf(resources, "aws:iam/rolePolicy:RolePolicy", "web-task-policy").policy as string;
    const { Statement } = JSON.parse(policy) as { Statement: { Action: string[]; Resource: string[] }[] };
    const arns = ["jobs-high", "jobs-low"].map((name) => `arn:aws:sqs:eu-west-1:123456789012:${name}`);
    expect(Statement.map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([[["sqs:SendMessage"], arns]]);
    const definition = inputsOf(resources, "aws:ecs/taskDefinition:TaskDefinition", "web-task");
    expect(definition.containerDefinitions)
      .to.include("JOBS_HIGH_QUEUE_URL")
      .and.to.include("https://sqs.eu-west-1.amazonaws.com/123456789012/jobs-low");
  });

  it("scales its workers from zero, or as its configuration says", async () => {
    const boundsOf = async (changes: Record<string, unknown>) =>
      (await declareExample(changes))
        .filter(({ type }) => type === "aws:appautoscaling/target:Target")
        .map(({ inputs }) => [inputs.minCapacity, inputs.maxCapacity]);
    expect(await boundsOf({})).to.deep.equal([[0, 20]]);
    expect(await boundsOf({ minCount: 1, maxCount: 8 })).to.deep.equal([[1, 8]]);
    expect(await boundsOf({ services: "perQueue", scaling: { maxCount: 8 } })).to.deep.equal([
      [0, 6],
      [0, 2],
    ]);
  });
});
