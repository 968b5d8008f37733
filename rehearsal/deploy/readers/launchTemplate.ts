import { LaunchTemplate } from "../../world/ec2/launchTemplate";
import { text } from "../read";
import type { Reader } from "./reader";

/** Its versions and their AMIs; what else it says is read through the groups that launch from it. */
export const readLaunchTemplate: Reader = ({ id, inputs, outputs }, { world }) => {
  const template = new LaunchTemplate(id, text(outputs.arn), world.parameters, text(inputs.imageId));
  // A parameter has its AMI from the start, whenever an instance is first launched.
  template.launchFrom(template.defaultVersion);
  world.launchTemplates.set(id, template);
};
