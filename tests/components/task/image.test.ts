import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BalancedService } from "../../../components/balancedService";
import type { BalancedServiceArgs } from "../../../components/balancedServiceArgs";
import { balancedServiceProblems } from "../../../components/balancedServiceProblems";
import { checkedReference } from "../../../components/task/imageProblems";
import { imageVersion } from "../../../components/task/imageVersion";
import { SpotCluster } from "../../../components/spotCluster";
import { CLUSTER, promiseOf, recordService, SERVICE, serviceFailure } from "../../support/fixtures";
import { statementsOf } from "../../support/policies";
import { record as recordStack } from "../../../rehearsal/deploy/monitor";
import { record } from "../../support/recorder";
import { PLACE } from "../../support/stage";

const REPOSITORY = "awsx:ecr:Repository";
const IMAGE = "awsx:ecr:Image";
const ARM = { instanceTypes: ["m6g.large", "m7g.large"] };
// Any folder of a work tree will do: nothing is built under mocks.
const image = { context: "tests/fixtures/plainProgram" };
const repositoryUrl = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api-repository";

describe("An image that a service builds", () => {
  it("is pushed to a repository of its own, tagged with commit, date, service and how it is built", async () => {
    const built = {
      ...image,
      dockerfile: "tests/fixtures/plainProgram/Dockerfile",
      args: { VERSION: "1" },
      target: "web",
    };
    const recording = await recordService({ image: built });
    const { imageTag, ...inputs } = recording.only(IMAGE, "api-image").inputs;
    expect(inputs).to.deep.equal({ ...built, repositoryUrl, platform: "linux/amd64" });
    const [tag, version] = /^(.*)-api-[0-9a-f]{8}$/.exec(imageTag as string) ?? [];
    expect(version, tag).to.equal(imageVersion(built));
  });

  it("is what the task runs, by its digest", async () => {
    const text = (await recordService({ image })).only("aws:ecs/taskDefinition:TaskDefinition").inputs;
    const [container] = JSON.parse(text.containerDefinitions as string) as { image: string }[];
    expect(container?.image).to.equal(`${repositoryUrl}@sha256:${"0".repeat(64)}`);
  });

  it("is scanned and encrypted, keeps its tag, and makes room in time", async () => {
    const { inputs } = (await recordService({ image, tags: { team: "web" } })).only(REPOSITORY, "api-repository");
    expect(inputs).to.deep.include({
      imageScanningConfiguration: { scanOnPush: true },
      imageTagMutability: "IMMUTABLE",
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      forceDelete: true,
      tags: { team: "web" },
    });
    expect(inputs).to.have.deep.nested.property("lifecyclePolicy.rules[1]", {
      description: "The last ones",
      tagStatus: "any",
      maximumNumberOfImages: 100,
    });
  });

  it("stays in its repository when the next one takes its place, since tasks may still be started from it", async () => {
    const retained: unknown[] = [];
    const look: pulumi.ResourceTransformation = ({ type, opts }) => {
      if (type === IMAGE) retained.push(opts.retainOnDelete);
      return undefined;
    };
    await record(() => {
      const cluster = new SpotCluster("shop", CLUSTER);
      new BalancedService("api", { ...SERVICE, cluster, image }, { transformations: [look] });
    });
    expect(retained).to.deep.equal([true]);
  });

  it("may be pulled from that repository, and from no other", async () => {
    const policy = (await recordService({ image })).only("aws:iam/rolePolicy:RolePolicy", "api-execution-policy");
    const pull = statementsOf(policy).find(({ Sid }) => Sid === "Pull");
    expect(pull?.Resource).to.deep.equal(["arn:aws:ecr:eu-west-1:123456789012:repository/api-repository"]);
  });

  it("is built for the cluster's instances, and refused for others", async () => {
    const platformOf = async (cluster: object) =>
      (await recordService({ image }, { cluster })).only(IMAGE).inputs.platform;
    expect(await platformOf({})).to.equal("linux/amd64");
    expect(await platformOf(ARM)).to.equal("linux/arm64");
    expect(await serviceFailure({ image: { ...image, platform: "linux/arm64" } })).to.contain(
      'image.platform: given "linux/arm64"; allowed: linux/amd64, on which the cluster\'s instances run',
    );
  });

  it("has another tag in another service of the same commit", async () => {
    const recording = await record(() => {
      const cluster = new SpotCluster("shop", CLUSTER);
      for (const name of ["api", "web"]) new BalancedService(name, { ...SERVICE, cluster, image });
    });
    const tags = recording.ofType(IMAGE).map(({ inputs }) => inputs.imageTag);
    expect(new Set(tags).size).to.equal(2);
  });

  it("has another tag where one commit is built in another way, because ECR takes no other image under a tag", async () => {
    const tagOf = async (way: object, cluster = {}): Promise<unknown> =>
      (await recordService({ image: { ...image, ...way } }, { cluster })).only(IMAGE).inputs.imageTag;
    const tags = [await tagOf({}, ARM)];
    for (const way of [{}, { args: { VERSION: "2" } }, { target: "web" }]) tags.push(await tagOf(way));
    expect(new Set(tags).size).to.equal(4);
    expect(await tagOf({}, ARM)).to.equal(tags[0]);
  });

  it("is refused outside a git work tree, with what to do", async () => {
    const context = mkdtempSync(join(tmpdir(), "spotproof-no-git-"));
    try {
      const message = await serviceFailure({ image: { context } });
      expect(message).to.contain(`image.context: given "${context}"; allowed: a folder in a git work tree`);
      expect(message).to.contain("install git, and commit the folder; or build and push the image yourself");
      expect(message).to.contain("not a git repository");
    } finally {
      rmSync(context, { recursive: true });
    }
    expect(await serviceFailure({ image: { context: "nowhere" } })).to.match(/image\.context: given "nowhere".*ENOENT/);
  });

  it("hands its args to its transforms", async () => {
    const transform: BalancedServiceArgs["transform"] = {
      repository: (args) => ({ ...args, imageTagMutability: "MUTABLE" }),
      image: (args) => ({ ...args, cacheFrom: ["cache"] }),
    };
    const recording = await recordService({ image, transform });
    expect(recording.only(REPOSITORY).inputs.imageTagMutability).to.equal("MUTABLE");
    expect(recording.only(IMAGE).inputs.cacheFrom).to.deep.equal(["cache"]);
  });
});

describe("An image that is referred to", () => {
  const REFUSED = ["nginx", "nginx:latest", "localhost:5000/team/api", "localhost:5000/team/api:latest"];
  const TAKEN = ["nginx:1.29", "nginx@sha256:abc", "nginx:latest@sha256:abc", "localhost:5000/team/api:1"];

  it("is pinned in production, because a task that replaces another must run the same", async () => {
    for (const reference of REFUSED) {
      expect(await serviceFailure({ image: reference, production: true }), reference).to.contain(
        `image: given "${reference}"; allowed: a version or a digest in production`,
      );
    }
    for (const reference of TAKEN) await recordService({ image: reference, production: true });
  });

  it("may be open elsewhere, or where that is said", async () => {
    await recordService({ image: "nginx:latest" });
    await recordService({ image: "nginx", production: true, allowLatest: true });
    expect(await serviceFailure({ image: "nginx", allowLatest: false })).to.contain('image: given "nginx"');
  });

  it("is in production where the stack's name says so, unless it is said otherwise", async () => {
    const cluster = { stopTimeoutSeconds: 60, checkIntervalSeconds: 5 };
    const refusedIn = async (stack: string, production?: boolean): Promise<string[]> => {
      const args = { ...SERVICE, image: "nginx", production };
      const problems: string[] = [];
      const program = (): void =>
        balancedServiceProblems(args, cluster).forEach(({ property }) => problems.push(property));
      await recordStack(program, { project: "spotproof", stack, ...PLACE, config: {}, secretKeys: [] });
      return problems;
    };
    expect(await refusedIn("prod-eu-west-1")).to.deep.equal(["image"]);
    expect(await refusedIn("prod", false)).to.be.empty;
    expect(await refusedIn("dev")).to.be.empty;
    expect(await refusedIn("dev", true)).to.deep.equal(["image"]);
  });

  it("is checked when it is known, where it is an Output", async () => {
    const checked = (reference: string, production: boolean): Promise<string> =>
      promiseOf(checkedReference("image", pulumi.output(reference), { production }));
    expect(await checked("nginx:latest", false)).to.equal("nginx:latest");
    expect(await checked("nginx:1.29", true)).to.equal("nginx:1.29");
    const refused = await checked("nginx:latest", true).catch((error: Error) => error.message);
    expect(refused).to.contain('image: given "nginx:latest"');
  });

  it("is checked for sidecars, too", async () => {
    const sidecars = { proxy: { image: "envoy", memoryReservationMiB: 64 } };
    expect(await serviceFailure({ sidecars, production: true })).to.contain('sidecars.proxy.image: given "envoy"');
  });
});
