/** A provider for `awsx` that makes of a Vpc the resources which the real one makes. A test tool. */
import { version } from "@pulumi/awsx/package.json";
import * as pulumi from "@pulumi/pulumi";
import { Vpc, type VpcInputs } from "./vpc";

const provider: pulumi.provider.Provider = {
  version,
  construct: (name, type, inputs, options) => {
    if (type !== "awsx:ec2:Vpc")
      throw new Error(`the awsx of these tests has no ${type}: describe it in tests/engine/awsx`);
    const { urn, vpcId, publicSubnetIds, privateSubnetIds } = new Vpc(name, inputs as VpcInputs, options);
    return Promise.resolve({ urn, state: { vpcId, publicSubnetIds, privateSubnetIds } });
  },
};

void pulumi.provider.main(provider, process.argv.slice(2));
