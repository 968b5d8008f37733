/** Whatever a program gives, every rule answers. */
import { expect } from "chai";
import fc from "fast-check";
import { judge } from "../../policies/judge";
import { isObject, UNKNOWN, type StackResource } from "../../policies/stack/resource";
import { LATER, type StackOf } from "./support/declared";
import { handler, TYPE, webStack, workerStack } from "./support/stacks";

const values = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constantFrom(
      UNKNOWN,
      null,
      undefined,
      "",
      0,
      -1,
      Number.NaN,
      true,
      "ENABLED",
      "100",
      "{",
      "[]",
      "2m",
      [],
      {},
      [UNKNOWN],
      [null],
    ),
    fc.string(),
    fc.json(),
    fc.jsonValue().map((value) => JSON.stringify([value, { Statement: value }])),
    fc.jsonValue(),
  );

/** Every type that a rule may look at, each with something in it. */
function everything(): StackResource[] {
  const { stack, group } = webStack();
  handler(stack, ["autoscaling:DetachInstances"], group.ref("arn"));
  const web = stack.deployed();
  const worker = workerStack().stack.deployed();
  const others = Object.entries(TYPE).map(([name, type]) => ({
    ...{ urn: `urn:pulumi:test::other::${type}::${name}`, type, name },
    inputs: { ...ALL_PROPERTIES },
    outputs: {},
  }));
  return [...web, ...worker, ...others];
}

const ALL_PROPERTIES = Object.fromEntries(
  [...webStack().stack.resources, ...workerStack().stack.resources]
    .flatMap(({ inputs }) => Object.keys(inputs))
    .map((key) => [key, undefined]),
);

/** A path into a resource, as the indices of the keys to follow. */
const paths = fc.array(fc.nat(20), { minLength: 1, maxLength: 5 });

function withValueAt(properties: unknown, path: readonly number[], value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined || typeof properties !== "object" || properties === null) return value;
  const keys = Object.keys(properties);
  if (keys.length === 0) return value;
  const key = keys[first % keys.length]!;
  const old = (properties as Record<string, unknown>)[key];
  const changed = rest.length === 0 ? value : withValueAt(old, rest, value);
  if (Array.isArray(properties))
    return properties.map((each: unknown, index) => (String(index) === key ? changed : each));
  return { ...properties, [key]: changed };
}

describe("the rules", () => {
  it("answer whatever is in a property", () => {
    const whole = everything();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), paths, values()), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const resources = [...whole];
          for (const [index, path, value] of changes) {
            const resource = resources[index]!;
            const inputs = withValueAt(resource.inputs, path, value);
            resources[index] = {
              ...resource,
              inputs: isObject(inputs) ? inputs : {},
            };
          }
          expect(judge(resources).checked).to.be.greaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("answer whichever resources are missing", () => {
    const whole = everything();
    fc.assert(
      fc.property(fc.subarray(whole), (resources) => {
        expect(judge(resources).checked).to.be.greaterThan(0);
      }),
    );
  });

  it("find a violation or can't tell, wherever a bad value becomes unknown", () => {
    const bad = (change: (parts: ReturnType<typeof webStack>) => void): StackOf => {
      const parts = webStack();
      change(parts);
      return parts.stack;
    };
    const stacks = [
      bad(({ targetGroup }) => targetGroup.set("deregistrationDelay", LATER)),
      bad(({ service }) => service.set("deploymentMinimumHealthyPercent", LATER)),
      bad(({ group }) => group.set("mixedInstancesPolicy.instancesDistribution.spotAllocationStrategy", LATER)),
      bad(({ group }) => group.set("capacityRebalance", LATER)),
      bad(({ group }) => group.set("vpcZoneIdentifiers", LATER)),
      bad(({ definition }) => definition.set("containerDefinitions", LATER)),
      bad(({ template }) => template.set("userData", LATER)),
      bad(({ service }) => service.set("loadBalancers", LATER)),
    ];
    for (const stack of stacks) expect(judge(stack.deployed()).undecided).not.to.deep.equal([]);
  });
});
