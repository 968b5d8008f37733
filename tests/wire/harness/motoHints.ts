/** What moto can't do of recommendations: it knows no tags of container instances. */
import type * as ecs from "@aws-sdk/client-ecs";
import type { Clients } from "./clients";
import type { Stub } from "./motoGaps";

/** By the container instance's ARN. */
type Tags = Map<string, ReadonlyMap<string, string>>;

const isInstance = (arn: string | undefined): arn is string => arn?.includes(":container-instance/") === true;

export function hintGaps(): Readonly<Record<string, Stub>> {
  const tags: Tags = new Map();
  return {
    "ecs:TagResource": (input: ecs.TagResourceRequest, moto) => tagResource(input, moto, tags),
    "ecs:UntagResource": (input: ecs.UntagResourceRequest, moto) => untagResource(input, moto, tags),
    "ecs:DescribeContainerInstances": (input: ecs.DescribeContainerInstancesRequest, moto) =>
      describeContainerInstances(input, moto, tags),
  };
}

async function tagResource(input: ecs.TagResourceRequest, moto: Clients, known: Tags): Promise<object> {
  const { resourceArn, tags = [] } = input;
  if (!isInstance(resourceArn)) await moto.ecs.tagResource(input);
  else {
    const added = tags.map(({ key = "", value = "" }) => [key, value] as const);
    known.set(resourceArn, new Map([...(known.get(resourceArn) ?? []), ...added]));
  }
  return {};
}

async function untagResource(input: ecs.UntagResourceRequest, moto: Clients, known: Tags): Promise<object> {
  const { resourceArn, tagKeys = [] } = input;
  if (!isInstance(resourceArn)) await moto.ecs.untagResource(input);
  else {
    const left = [...(known.get(resourceArn) ?? [])].filter(([key]) => !tagKeys.includes(key));
    known.set(resourceArn, new Map(left));
  }
  return {};
}

async function describeContainerInstances(
  { include = [], ...input }: ecs.DescribeContainerInstancesRequest,
  moto: Clients,
  known: Tags,
): Promise<object> {
  const { containerInstances = [], failures } = await moto.ecs.describeContainerInstances(input);
  if (!include.includes("TAGS")) return { containerInstances, failures };
  const tagged = containerInstances.map((each) => {
    const tags = [...(known.get(each.containerInstanceArn ?? "") ?? [])].map(([key, value]) => ({ key, value }));
    return { ...each, tags };
  });
  return { containerInstances: tagged, failures };
}
