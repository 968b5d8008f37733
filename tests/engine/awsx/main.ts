/** A provider for `awsx` that makes of its components the resources which the real one makes. A test tool. */
import { version } from "@pulumi/awsx/package.json";
import * as pulumi from "@pulumi/pulumi";
import { Image, Repository, type ImageInputs } from "./ecr";
import { Vpc, type VpcInputs } from "./vpc";

type Construct = (
  name: string,
  inputs: pulumi.Inputs,
  options: pulumi.ComponentResourceOptions,
) => pulumi.provider.ConstructResult;

const COMPONENTS: Readonly<Record<string, Construct>> = {
  "awsx:ec2:Vpc": (name, inputs, options) => {
    const { urn, vpcId, publicSubnetIds, privateSubnetIds } = new Vpc(name, inputs as VpcInputs, options);
    return { urn, state: { vpcId, publicSubnetIds, privateSubnetIds } };
  },
  "awsx:ecr:Repository": (name, inputs, options) => {
    const { urn, repository, lifecyclePolicy } = new Repository(name, inputs, options);
    return { urn, state: { repository, lifecyclePolicy, url: repository.repositoryUrl } };
  },
  "awsx:ecr:Image": (name, inputs, options) => {
    const { urn, imageUri } = new Image(name, inputs as ImageInputs, options);
    return { urn, state: { imageUri } };
  },
};

const provider: pulumi.provider.Provider = {
  version,
  construct: (name, type, inputs, options) => {
    const construct = COMPONENTS[type];
    if (!construct) throw new Error(`the awsx of these tests has no ${type}: describe it in tests/engine/awsx`);
    return Promise.resolve(construct(name, inputs, options));
  },
};

void pulumi.provider.main(provider, process.argv.slice(2));
