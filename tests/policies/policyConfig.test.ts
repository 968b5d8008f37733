import { readFileSync } from "node:fs";
import path from "node:path";
import { Ajv } from "ajv";
import { expect } from "chai";
import { judge } from "../../policies/judge";
import type { PackConfig } from "../../policies/packConfig";
import { configOf } from "../../policies/rule";
import { RULES, UNDECIDED } from "../../policies/rules";
import { webStack } from "./support/stacks";

const EXAMPLE = JSON.parse(
  readFileSync(path.join(__dirname, "..", "..", "policies", "policy-config.example.json"), "utf8"),
) as PackConfig;

const LEVELS = { enum: ["advisory", "mandatory", "remediate", "disabled"] };

/** What Pulumi takes for a policy config file: a level, or a level and the rule's settings. */
function schemaOf(settings: object): object {
  const object = { type: "object", properties: { enforcementLevel: LEVELS, ...settings }, additionalProperties: false };
  return { anyOf: [LEVELS, object] };
}

const SCHEMA = {
  type: "object",
  properties: {
    all: LEVELS,
    ...Object.fromEntries(RULES.map(({ name, configSchema }) => [name, schemaOf(configSchema)])),
    [UNDECIDED.name]: schemaOf({}),
  },
  additionalProperties: false,
};

describe("a policy config file", () => {
  const validate = new Ajv({ allErrors: true }).compile(SCHEMA);

  it("has an example that names only rules and settings that there are", () => {
    expect(validate(EXAMPLE), JSON.stringify(validate.errors)).to.be.true;
  });

  it("is refused by the same schema with a setting that there isn't", () => {
    expect(validate({ "time-budget": { enforcementLevel: "mandatory", margin: 3 } })).to.be.false;
    expect(validate({ "no-such-rule": "advisory" })).to.be.false;
    expect(validate({ "spot-pools": { minimumPools: "three" } })).to.be.false;
  });

  it("can be empty: every setting has a default of its own type and within its limits", () => {
    for (const rule of RULES) expect(validate({ [rule.name]: configOf(rule) }), rule.name).to.be.true;
  });

  it("switches all rules off but those with a level of their own", () => {
    const resources = webStack().stack.deployed();
    expect(judge(resources, { all: "disabled" }).checked).to.equal(0);
    expect(judge(resources, { all: "disabled", "time-budget": "advisory" }).checked).to.equal(1);
    expect(judge(resources, { "time-budget": "disabled" }).checked).to.equal(RULES.length - 1);
  });

  it("gives a rule its settings", () => {
    const resources = webStack().stack.deployed();
    const config = { "time-budget": { marginSeconds: 60 } } as PackConfig;
    expect(judge(resources, config).violations.map(({ rule }) => rule)).to.deep.equal(["time-budget"]);
  });
});
