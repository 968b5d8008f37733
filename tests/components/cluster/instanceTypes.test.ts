import { expect } from "chai";
import { INSTANCE_TYPES, instanceTypesProblems, smallestOf } from "../../../components/cluster/instanceTypes";

describe("the table of instance types", () => {
  it("has the facts of each type", () => {
    expect(INSTANCE_TYPES.get("m5.large")).to.deep.equal({
      instanceType: "m5.large",
      vcpu: 2,
      memoryMiB: 8192,
      architecture: "x86_64",
      burstable: false,
    });
    expect(INSTANCE_TYPES.get("c7g.2xlarge")).to.include({ vcpu: 8, memoryMiB: 16384, architecture: "arm64" });
    expect(INSTANCE_TYPES.get("r5.xlarge")).to.include({ vcpu: 4, memoryMiB: 32768 });
    expect(INSTANCE_TYPES.get("t4g.large")).to.include({ burstable: true, architecture: "arm64" });
  });

  it("lets a family's neighbours in size, and families of like size, share a cluster", () => {
    expect(instanceTypesProblems("p", ["m5.large", "m5.xlarge", "c5.xlarge", "r5.large"])).to.be.empty;
    expect(instanceTypesProblems("p", ["c5.large", "m5.large", "r5.large"])).to.be.empty;
  });

  it("refuses sizes that differ by more than managed scaling can reckon with", () => {
    const [problem] = instanceTypesProblems("p", ["m5.large", "m5a.2xlarge"]);
    expect(problem?.given).to.deep.equal({ "m5.large": "2 vCPU", "m5a.2xlarge": "8 vCPU" });
    expect(
      instanceTypesProblems("p", ["c5.large", "r5.xlarge"])
        .map(({ allowed }) => allowed)
        .join(),
    ).to.contain("at most 4 times");
  });

  it("refuses a type named twice", () => {
    expect(instanceTypesProblems("p", ["m5.large", "m5.large"])).to.have.lengthOf(1);
  });

  it("knows what every instance of a cluster has at least", () => {
    expect(smallestOf(["m5.xlarge", "c5.xlarge"])).to.deep.equal({ vcpu: 4, memoryMiB: 8192 });
    expect(smallestOf([])).to.equal(undefined);
  });
});
