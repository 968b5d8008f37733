/** Levels, settings, remediations and what can't be told, as the pack's own process answers the engine. */
import { expect } from "chai";
import { RULES, UNDECIDED } from "../../policies/rules";
import type { StackResource } from "../../policies/stack/resource";
import { LATER, userData } from "./support/declared";
import { PackProcess, type Diagnostic } from "./support/packProcess";
import { spotCapacity, TYPE, webStack } from "./support/stacks";

const undrained = () => {
  const parts = webStack();
  parts.boot.pop();
  parts.provider.set("autoScalingGroupProvider.managedDraining", "DISABLED");
  return parts;
};

const byPolicy = (found: readonly Diagnostic[], policy: string): Diagnostic[] =>
  found.filter((each) => each.policy === policy);

const only = (resources: readonly StackResource[], type: string): StackResource =>
  resources.find((each) => each.type === type)!;

describe("the policy pack's process", function () {
  let pack: PackProcess;

  before(async function () {
    this.timeout(120_000);
    pack = await PackProcess.start();
  });

  afterEach(() => pack.configure({}));
  after(() => pack.stop());

  it("says what it is, and describes each rule", async () => {
    const info = (await pack.info()).toObject();
    expect([info.name, info.supportsconfig]).to.deep.equal(["spotproof", true]);
    const names = info.policiesList.map(({ name }) => name);
    expect(names).to.deep.equal([...RULES.map(({ name }) => name), UNDECIDED.name]);
    for (const [index, rule] of RULES.entries()) {
      const { displayname, description, remediationSteps, url } = info.policiesList[index]!;
      expect({ displayname, description, remediationSteps, url }).to.deep.equal({
        displayname: rule.displayName,
        description: rule.description,
        remediationSteps: rule.remediationSteps,
        url: rule.url,
      });
    }
  });

  it("reports with the rule's own level, on the resource, with the rule's description before the message", async () => {
    const { stack, group } = undrained();
    const [found] = await pack.judge(stack.deployed());
    const [draining] = RULES;
    expect(found).to.include({ policy: "draining-enabled", level: "mandatory", urn: group.urn });
    expect(found!.message).to.match(new RegExp(`^${draining!.description}\nautoscaling\\.Group "nodes": `));
  });

  it("takes a level and settings from the configuration", async () => {
    const { stack, targetGroup } = webStack();
    targetGroup.set("deregistrationDelay", 60);
    const resources = stack.deployed();
    expect(await pack.judge(resources)).to.deep.equal([]);
    await pack.configure({ "time-budget": { level: "advisory", settings: { marginSeconds: 30 } } });
    const [found] = await pack.judge(resources);
    expect(found).to.include({ policy: "time-budget", level: "advisory" });
    await pack.configure({ "time-budget": { level: "disabled" } });
    expect(await pack.judge(resources)).to.deep.equal([]);
  });

  it("reports what a mandatory rule can't tell as advisory, even where all is mandatory, with the rule and the reason", async () => {
    const { stack, template, provider, group } = webStack();
    provider.set("autoScalingGroupProvider.managedDraining", "DISABLED");
    template.set("userData", LATER);
    const levels = RULES.map(({ name }) => [name, { level: "mandatory" as const }]);
    await pack.configure({ ...(Object.fromEntries(levels) as object), [UNDECIDED.name]: { level: "mandatory" } });
    const found = await pack.judge(stack.deployed());
    expect(found.map(({ level }) => level)).to.deep.equal(found.map(() => "advisory"));
    const draining = byPolicy(found, UNDECIDED.name).filter(({ urn }) => urn === group.urn);
    expect(draining[0]!.message).to.include("draining-enabled can't tell.").and.include("userData isn't known");
  });

  it("says no more that it can't tell once the update has told", async () => {
    const parts = webStack();
    parts.provider.set("autoScalingGroupProvider.managedDraining", "DISABLED");
    parts.template.set("userData", LATER);
    expect(await pack.judge(parts.stack.previewed())).not.to.deep.equal([]);
    parts.template.set("userData", userData(parts.boot));
    expect(await pack.judge(parts.stack.deployed())).to.deep.equal([]);
  });

  it("doesn't say what a disabled rule can't tell", async () => {
    const { stack, targetGroup } = webStack();
    targetGroup.set("deregistrationDelay", LATER);
    const before = await pack.judge(stack.deployed());
    expect(before.map(({ message }) => /([\w-]+) can't tell/.exec(message)?.[1])).to.deep.equal(["time-budget"]);
    await pack.configure({ "time-budget": { level: "disabled" } });
    expect(await pack.judge(stack.deployed())).to.deep.equal([]);
  });

  it("tells what is left out from what isn't known, in a preview that computes both", async () => {
    const { stack } = spotCapacity();
    const computed = (resource: StackResource): StackResource => {
      const policy = { instancesDistribution: { spotAllocationStrategy: LATER }, launchTemplate: LATER };
      return resource.type === TYPE.group
        ? { ...resource, outputs: { ...resource.outputs, mixedInstancesPolicy: policy } }
        : resource;
    };
    expect(await pack.judge(stack.previewed().map(computed))).to.deep.equal([]);
  });

  it("judges a resource that the program only reads by its outputs", async () => {
    const { stack } = undrained();
    const read = stack.deployed().map((resource) => ({ ...resource, inputs: undefined }));
    expect(byPolicy(await pack.judge(read), "draining-enabled")).to.have.length(1);
  });

  it("can't tell what a preview computes where nobody saw what was given", async () => {
    const { stack, provider } = undrained();
    provider.set("autoScalingGroupProvider.managedDraining", LATER);
    const previewed = stack.previewed().map((resource) => ({ ...resource, inputs: undefined }));
    const found = byPolicy(await pack.judge(previewed), UNDECIDED.name);
    expect(found.some(({ message }) => message.includes("draining-enabled can't tell."))).to.be.true;
  });

  describe("remediates", () => {
    it("nothing by itself", async () => {
      expect(await pack.remediate(only(undrained().stack.deployed(), TYPE.provider))).to.deep.equal([]);
    });

    it("a provider without managed draining, if it is told to", async () => {
      await pack.configure({ "draining-enabled": { level: "remediate" } });
      const [remedy] = await pack.remediate(only(undrained().stack.deployed(), TYPE.provider));
      expect(remedy).to.include({ policy: "draining-enabled", diagnostic: "" });
      expect(remedy!.properties).to.have.nested.property("autoScalingGroupProvider.managedDraining", "ENABLED");
    });

    it("a provider in a first preview, whose group isn't known, and leaves that unknown", async () => {
      await pack.configure({ "draining-enabled": { level: "remediate" } });
      const provider = only(undrained().stack.previewed(), TYPE.provider);
      const [remedy] = await pack.remediate(provider);
      expect(remedy!.properties).to.deep.equal({
        name: "spot",
        autoScalingGroupProvider: {
          autoScalingGroupArn: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
          managedScaling: { status: "ENABLED" },
          managedDraining: "ENABLED",
        },
      });
    });

    it("no other type, and nothing that is right", async () => {
      const level = "remediate" as const;
      await pack.configure(Object.fromEntries(RULES.map(({ name }) => [name, { level }])));
      for (const resource of webStack().stack.deployed())
        expect(await pack.remediate(resource), resource.type).to.deep.equal([]);
    });

    it("and says so where it would have to know what the update will tell", async () => {
      await pack.configure({ "stop-timeout": { level: "remediate" } });
      const { stack, definition } = webStack();
      definition.set("containerDefinitions", LATER);
      const [remedy] = await pack.remediate(only(stack.previewed(), TYPE.definition));
      expect(remedy!.diagnostic).to.include("containerDefinitions can't be known during preview");
    });
  });
});
