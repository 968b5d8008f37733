import { expect } from "chai";
import { INSTANCE_TYPES } from "../../../components/cluster/instanceTypes";
import { overrideRequirements } from "../../../components/cluster/instanceRequirements";
import { InputError } from "../../../rehearsal/inputs/inputError";
import { clusterOn, deployed, groupOf, type Inputs } from "./support";

const RANGES = { vcpuCount: { min: 2, max: 2 }, memoryMib: { min: 8192, max: 8192 } };

/** The types of a group with these requirements, and what the world doesn't do of them. */
async function chosen(requirements: Inputs, template: Inputs = {}) {
  const overrides = [{ instanceRequirements: requirements }];
  const launchTemplate = { launchTemplateSpecification: { launchTemplateId: "template" }, overrides };
  const resources = clusterOn({ mixedInstancesPolicy: { launchTemplate } }, { instanceType: undefined, ...template });
  const { world, notModelled } = await deployed(resources, [...INSTANCE_TYPES.keys()]);
  return { types: groupOf(world).spec.instanceTypes, notModelled };
}

const typesFor = async (requirements: Inputs, template?: Inputs): Promise<readonly string[]> =>
  (await chosen(requirements, template)).types;

describe("deploy: a group's instance requirements", () => {
  it("choose the known types that have what SpotCluster asks for, sorted", async () => {
    const asked = { vcpuCount: { min: 2, max: 4 }, memoryMiB: { min: 16384, max: 16384 } };
    const x86 = overrideRequirements({ ...asked, excludedInstanceTypes: ["r5*", "m7a.xlarge"] }, "x86_64");
    expect(await typesFor({ ...x86 })).to.deep.equal([
      "m5.xlarge",
      "m5a.xlarge",
      "m6a.xlarge",
      "m6i.xlarge",
      "m7i.xlarge",
      "r6a.large",
      "r6i.large",
      "r7a.large",
      "r7i.large",
    ]);
    const arm = overrideRequirements({ ...asked, burstablePerformance: "required" }, "arm64");
    expect(await typesFor({ ...arm })).to.deep.equal(["t4g.xlarge"]);
  });

  it("leave burstable types out unless they are asked for, as AWS does", async () => {
    const amd = { ...RANGES, cpuManufacturers: ["amd"] };
    const lasting = ["m5a.large", "m6a.large", "m7a.large"];
    expect(await typesFor(amd)).to.deep.equal(lasting);
    expect(await typesFor({ ...amd, burstablePerformance: "included" })).to.deep.equal([...lasting, "t3a.large"]);
    expect(await typesFor({ ...amd, burstablePerformance: "required" })).to.deep.equal(["t3a.large"]);
  });

  it("take only what allowedInstanceTypes name, by pattern or in full", async () => {
    expect(await typesFor({ ...RANGES, allowedInstanceTypes: ["m5*", "c*.large", "m6i.large"] })).to.deep.equal([
      "m5.large",
      "m5a.large",
      "m6i.large",
    ]);
  });

  it("take the AMI's architecture where they name no CPU manufacturer", async () => {
    const imageId = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id";
    expect(await typesFor(RANGES, { imageId })).to.deep.equal(["m6g.large", "m7g.large"]);
    expect(await typesFor(RANGES))
      .to.include("m5.large")
      .and.not.include("m6g.large");
  });

  it("are read from the launch template too", async () => {
    const template = { instanceType: undefined, instanceRequirements: { ...RANGES, cpuManufacturers: ["amd"] } };
    const { world } = await deployed(clusterOn({}, template), [...INSTANCE_TYPES.keys()]);
    expect(groupOf(world).spec.instanceTypes).to.deep.equal(["m5a.large", "m6a.large", "m7a.large"]);
  });

  it("that no known type has are refused, with all known types", async () => {
    const error = await chosen({ ...RANGES, cpuManufacturers: ["apple"] }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(InputError);
    expect((error as InputError).message)
      .to.match(/group group, instanceRequirements: .*"apple".*; allowed: .*c5\.2xlarge, .*; widen the requirements/)
      .and.contain("components/cluster/instanceTypes.ts");
    for (const attribute of ["bareMetal", "localStorage"]) {
      expect(await typesFor({ ...RANGES, [attribute]: "included" })).to.include("m5.large");
      const required = typesFor({ ...RANGES, [attribute]: "required" });
      expect(await required.catch((thrown: Error) => thrown.name)).to.equal("InputError");
    }
  });

  it("that the world doesn't know are listed, and the others hold", async () => {
    const { types, notModelled } = await chosen({ ...RANGES, networkBandwidthGbps: { min: 10 } });
    expect(types).to.include("m5.large");
    expect(notModelled).to.deep.equal(["group group: instanceRequirements.networkBandwidthGbps"]);
  });
});
