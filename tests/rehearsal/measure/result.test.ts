import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020";
import { expect } from "chai";
import { resultSchema } from "../../../rehearsal/measure/result";
import { resultJsonSchema, SCHEMA_FILE } from "../../../rehearsal/measure/schema";
import { breach, result, variantResult } from "./results";

const HOW = "write it anew: node -r ts-node/register rehearsal/measure/schema.ts";
const RESULT = result({ spotproof: variantResult({ lawsBroken: [breach(1, "i-1")], notModelled: ["aws:s3 × 1"] }) });

/** The result with one member changed, by its path. */
function changed(path: string, value: unknown): unknown {
  const copy = structuredClone(RESULT) as unknown as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop()!;
  const parent = keys.reduce((at, key) => at[key] as Record<string, unknown>, copy);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return copy;
}

describe("the result's JSON schema", () => {
  const documented = JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as object;
  const validate = new Ajv2020().compile(documented);

  it("in docs is that of the code", () => {
    expect(documented, HOW).to.deep.equal(JSON.parse(JSON.stringify(resultJsonSchema())));
  });

  it("allows what the code allows", () => {
    expect(resultSchema.safeParse(RESULT).success).to.equal(true);
    expect(validate(RESULT), JSON.stringify(validate.errors)).to.equal(true);
  });

  const wrong: readonly (readonly [path: string, value: unknown])[] = [
    ["schema", "spotproof/rehearsal/2"],
    ["seed", undefined],
    ["extra", 1],
    ["variants.spotproof.requests.failed", -1],
    ["variants.spotproof.requests.failedBy.deadTarget", 0.5],
    ["variants.spotproof.requests.failedBy.bored", 1],
    ["variants.spotproof.interruptions.notices", "12"],
    ["variants.spotproof.cost.usd", undefined],
    ["variants.spotproof.lawsBroken", [{ law: "x" }]],
  ];
  for (const [path, value] of wrong) {
    it(`refuses, as the code does, ${path} ${value === undefined ? "left out" : `= ${JSON.stringify(value)}`}`, () => {
      expect(validate(changed(path, value))).to.equal(false);
      expect(resultSchema.safeParse(changed(path, value)).success).to.equal(false);
    });
  }
});
