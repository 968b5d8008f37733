/** EC2 Auto Scaling's operations on the tags of groups. */
import type * as sdk from "@aws-sdk/client-auto-scaling";
import type { Group } from "../../world/autoScaling/group";
import type { GroupTag } from "../../world/autoScaling/groupTags";
import type { ResourceInRequest } from "../../world/iam";
import type { World } from "../../world/world";
import { anywhere, ApiError, paged, type Operation } from "../operation";
import { groupAsResource, groupOf } from "./groups";

/** §5.7: of one group, and of its tags. */
const MOST_TAGS = 50;
const LONGEST = { key: 128, value: 256 };
const TAGS_PAGE = { byDefault: 50, most: 100 };
/** The one type of resource that has tags here. */
const GROUP_TYPE = "auto-scaling-group";

export const describeTag = ({ key, value, propagateAtLaunch }: GroupTag, group: Group): sdk.TagDescription => ({
  ResourceId: group.spec.name,
  ResourceType: GROUP_TYPE,
  Key: key,
  Value: value,
  PropagateAtLaunch: propagateAtLaunch,
});

const describeTags: Operation<sdk.DescribeTagsCommandInput> = {
  requires: [],
  kind: "read",
  request: () => ({ action: "autoscaling:DescribeTags", resources: anywhere }),
  run: (input, world, asOf) => {
    const all = [...world.groups.values()].flatMap((group) =>
      group.tags.at(asOf).map((tag) => describeTag(tag, group)),
    );
    const found = all.filter((tag) => (input.Filters ?? []).every((filter) => passes(tag, filter)));
    const { items, next } = paged(found, input.NextToken, input.MaxRecords, TAGS_PAGE);
    return { Tags: items, NextToken: next };
  },
};

function passes(tag: sdk.TagDescription, { Name = "", Values = [] }: sdk.Filter): boolean {
  const members: Readonly<Record<string, string | undefined>> = {
    "auto-scaling-group": tag.ResourceId,
    key: tag.Key,
    value: tag.Value,
    "propagate-at-launch": String(tag.PropagateAtLaunch),
  };
  if (Name in members) return Values.includes(members[Name]!);
  throw new ApiError("ValidationError", `Filter type ${Name} is not correct. Allowed: ${Object.keys(members).join()}`);
}

/** Both operations name each tag's group. */
function byGroup<T extends sdk.Tag>(tags: readonly T[] | undefined, world: World): Map<Group, T[]> {
  const groups = new Map<Group, T[]>();
  for (const tag of tags ?? []) {
    const group = groupOf(tag.ResourceId, world);
    groups.set(group, [...(groups.get(group) ?? []), tag]);
  }
  return groups;
}

/** The service authorization reference gives both actions the tags of the request, of the group, and the keys. */
function resourcesOf(tags: readonly sdk.Tag[] | undefined, world: World): ResourceInRequest[] {
  return [...byGroup(tags, world)].map(([group, own]) => {
    const request = own.map(({ Key = "", Value = "" }) => [`aws:RequestTag/${Key}`, Value] as const);
    const keys = own.map(({ Key = "" }) => Key);
    return groupAsResource(group, { ...Object.fromEntries(request), "aws:TagKeys": keys });
  });
}

function tagsProblem({ Tags = [] }: { readonly Tags?: readonly sdk.Tag[] | undefined }): string | undefined {
  for (const { Key = "", Value = "", ResourceType } of Tags) {
    if (ResourceType !== GROUP_TYPE) return `the resource type ${ResourceType}: ${GROUP_TYPE}`;
    if (Key === "" || Key.length > LONGEST.key) return `the tag key '${Key}' has ${Key.length} characters: 1 to 128`;
    if (Value.length > LONGEST.value) return `the value of ${Key} has ${Value.length} characters: at most 256`;
    if (/^aws:/i.test(Key)) return `the tag key '${Key}' begins with aws:, which is AWS's own`;
  }
  return undefined;
}

const createOrUpdateTags: Operation<sdk.CreateOrUpdateTagsCommandInput> = {
  requires: ["Tags"],
  limits: tagsProblem,
  kind: "modify",
  request: ({ Tags }, world) => ({ action: "autoscaling:CreateOrUpdateTags", resources: resourcesOf(Tags, world) }),
  run: (input, world) => {
    for (const [group, tags] of byGroup(input.Tags, world)) {
      const keys = new Set([...group.tags.all.map(({ key }) => key), ...tags.map(({ Key }) => Key)]);
      if (keys.size > MOST_TAGS) throw new ApiError("LimitExceeded", `${keys.size} tags on a group: at most 50`);
      group.tags.set(
        tags.map(({ Key = "", Value = "", PropagateAtLaunch = false }) => {
          return { key: Key, value: Value, propagateAtLaunch: PropagateAtLaunch };
        }),
      );
    }
    return {};
  },
};

/** A tag whose value is another than the given one stays. */
const deleteTags: Operation<sdk.DeleteTagsCommandInput> = {
  requires: ["Tags"],
  kind: "modify",
  request: ({ Tags }, world) => ({ action: "autoscaling:DeleteTags", resources: resourcesOf(Tags, world) }),
  run: (input, world) => {
    for (const [group, tags] of byGroup(input.Tags, world)) {
      const meant = tags.filter(
        ({ Key = "", Value }) => Value === undefined || Value === "" || Value === group.tags.valueOf(Key),
      );
      group.tags.delete(meant.map(({ Key = "" }) => Key));
    }
    return {};
  },
};

export const tags: Readonly<Record<string, Operation>> = {
  DescribeTags: describeTags,
  CreateOrUpdateTags: createOrUpdateTags,
  DeleteTags: deleteTags,
};
