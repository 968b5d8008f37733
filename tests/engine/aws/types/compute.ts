/** EC2 and EC2 Auto Scaling. */
import type { Account, Entry } from "../account";
import { arn, text, valuesAt, type Draft, type Props, type ResourceType } from "../resourceType";

const launchTemplate: ResourceType = {
  type: "aws:ec2/launchTemplate:LaunchTemplate",
  named: { property: "name", longest: 128 },
  replacedBy: ["name"],
  outputs: (_, place) => ({
    arn: arn("ec2", `launch-template/lt-${place.serial}`, place),
    latestVersion: 1,
    defaultVersion: 1,
  }),
  // A changed template has a new version.
  changedBy: ({ latestVersion }) => ({
    latestVersion: Number(latestVersion) + 1,
    defaultVersion: Number(latestVersion) + 1,
  }),
  created: keepVersion,
  updated: keepVersion,
  refusesDelete: ({ id, region }, account) => {
    const used = account.all("aws:autoscaling/group:Group", region).some(({ props }) => templateIdOf(props) === id);
    return used ? "the group that launches from it could launch nothing any more" : undefined;
  },
};

/** A group goes on with the version that it names. */
function keepVersion({ props, live }: Entry): void {
  live.versions = { ...(live.versions as object | undefined), [String(props.latestVersion)]: props };
}

const SPECIFICATION = "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification";
const templateIdOf = (props: Props): unknown => valuesAt(props, `${SPECIFICATION}.launchTemplateId`)[0];

const templateOf = (props: Props, account: Account): Entry | undefined =>
  account.find("aws:ec2/launchTemplate:LaunchTemplate", String(templateIdOf(props)));

const group: ResourceType = {
  type: "aws:autoscaling/group:Group",
  named: { property: "name", longest: 255 },
  replacedBy: ["name"],
  outputs: (props, place) => ({
    arn: arn("autoscaling", `autoScalingGroup:${place.serial}:autoScalingGroupName/${text(props, "name")}`, place),
    desiredCapacity: props.desiredCapacity ?? props.minSize,
  }),
  id: "name",
  refusesCreate: refusesGroup,
  refusesUpdate: ({ type, region }, props, account) => refusesGroup({ type, region, props }, account),
  refusesDelete: ({ props }) =>
    props.forceDelete === true
      ? undefined
      : "ResourceInUse: You cannot delete an AutoScalingGroup while there are instances still in the group.",
  created: launchInstances,
};

interface Tag {
  readonly key: string;
}

const tagOf = ({ props }: { readonly props: Props }): Tag => props.tag as Tag;

const groupOf = ({ props, region }: Pick<Draft, "props" | "region">, account: Account): Entry | undefined =>
  account.all(group.type, region).find((each) => each.props.name === props.autoscalingGroupName);

/** The group's tags with this one, or without it. */
function retag(entry: Entry, account: Account, tag?: Tag): void {
  const found = groupOf(entry, account);
  if (found === undefined) return;
  const others = ((found.props.tags ?? []) as Tag[]).filter(({ key }) => key !== tagOf(entry).key);
  found.props = { ...found.props, tags: tag === undefined ? others : [...others, tag] };
}

const groupTag: ResourceType = {
  type: "aws:autoscaling/tag:Tag",
  replacedBy: ["autoscalingGroupName", "tag.key"],
  outputs: () => ({}),
  refusesCreate: (draft, account) =>
    groupOf(draft, account) ? undefined : "ValidationError: The AutoScalingGroup was not found",
  created: (entry, account) => retag(entry, account, tagOf(entry)),
  updated: (entry, account) => retag(entry, account, tagOf(entry)),
  deleted: (entry, account) => retag(entry, account),
};

function refusesGroup({ props, region }: Draft, account: Account): string | undefined {
  const template = templateOf(props, account);
  if (template?.region !== region)
    return "ValidationError: The specified launch template, with template ID, does not exist.";
  const [version] = valuesAt(props, `${SPECIFICATION}.version`);
  if (Number(version) > Number(template.props.latestVersion))
    return "ValidationError: The specified launch template version does not exist.";
  return undefined;
}

/** Its instances register with the cluster that their user data names; those of another version come by and by. */
export function launchInstances({ props, live }: Entry, account: Account): void {
  const [version] = valuesAt(props, `${SPECIFICATION}.version`);
  const { versions = {} } = (templateOf(props, account)?.live ?? {}) as { versions?: Record<string, Props> };
  const template = versions[String(version)];
  const userData = Buffer.from(text(template ?? {}, "userData"), "base64").toString();
  live.cluster = /^ECS_CLUSTER=(.+)$/m.exec(userData)?.[1];
  live.securityGroups = valuesAt(template, "vpcSecurityGroupIds");
}

const securityGroup: ResourceType = {
  type: "aws:ec2/securityGroup:SecurityGroup",
  named: { property: "name", longest: 255 },
  replacedBy: ["name", "description", "vpcId"],
  outputs: (_, place) => ({ arn: arn("ec2", `security-group/sg-${place.serial}`, place) }),
  refusesDelete: ({ id, region }, account) => {
    const used = [
      ...account
        .all("aws:lb/loadBalancer:LoadBalancer", region)
        .flatMap(({ props }) => valuesAt(props, "securityGroups")),
      ...[RULE("Ingress"), RULE("Egress")].flatMap((type) =>
        account.all(type, region).map(({ props }) => props.referencedSecurityGroupId),
      ),
      ...account.all("aws:autoscaling/group:Group", region).flatMap(({ live }) => live.securityGroups as unknown[]),
    ];
    return used.includes(id) ? `DependencyViolation: resource ${id} has a dependent object` : undefined;
  },
};

const RULE = (way: "Ingress" | "Egress"): string => `aws:vpc/securityGroup${way}Rule:SecurityGroup${way}Rule`;

const rule = (way: "Ingress" | "Egress"): ResourceType => ({
  type: RULE(way),
  replacedBy: ["securityGroupId"],
  outputs: (_, place) => ({ arn: arn("ec2", `security-group-rule/sgr-${place.serial}`, place) }),
  refusesCreate: ({ props, region }, account) => {
    const same = account.all(RULE(way), region).some((each) => ruleKey(each.props) === ruleKey(props));
    return same ? "InvalidPermission.Duplicate: the specified rule already exists" : undefined;
  },
});

const ruleKey = (props: Props): string =>
  JSON.stringify(
    ["securityGroupId", "ipProtocol", "fromPort", "toPort", "cidrIpv4", "referencedSecurityGroupId"].map(
      (key) => props[key] ?? null,
    ),
  );

export const COMPUTE_TYPES = [launchTemplate, group, groupTag, securityGroup, rule("Ingress"), rule("Egress")];
