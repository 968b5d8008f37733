/** The parameter that a launch template's AMI is looked up by: `resolve:ssm:NAME`, `resolve:ssm:NAME:VERSION` or `resolve:ssm:ARN`. */
import * as pulumi from "@pulumi/pulumi";
import { parseArn } from "../names";

const RESOLVE = "resolve:ssm:";

/** AWS's own parameters begin so; they belong to no account, and send no event to yours. */
const PUBLIC = "/aws/";

/** Undefined where an AMI is named. */
export function parameterName(imageId: string): string | undefined {
  if (!imageId.startsWith(RESOLVE)) return undefined;
  const reference = imageId.slice(RESOLVE.length);
  if (!reference.startsWith("arn:")) return reference.split(":")[0];
  return parseArn(reference)
    .resource.split(":")[0]!
    .replace(/^parameter/, "");
}

/** One of the account's own, of whose changes EventBridge tells. */
export function privateParameterName(imageId: string): string | undefined {
  const name = parameterName(imageId);
  return name === undefined || name.startsWith(PUBLIC) ? undefined : name;
}

/** The ARN of the parameter; where an AMI is named, that of a parameter that everybody may read, so that the list isn't empty. */
export function parameterArn(
  imageId: pulumi.Input<string | undefined>,
  beside: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.all([imageId, beside]).apply(([image = "", arn]) => {
    const { partition, region, accountId } = parseArn(arn);
    const reference = image.startsWith(RESOLVE) ? image.slice(RESOLVE.length) : "";
    if (reference.startsWith("arn:")) return reference.split(":").slice(0, 6).join(":");
    const name = parameterName(image) ?? "/aws/service/ecs/optimized-ami/*";
    const owner = name.startsWith(PUBLIC) ? "" : accountId;
    return `arn:${partition}:ssm:${region}:${owner}:parameter/${name.replace(/^\//, "")}`;
  });
}
