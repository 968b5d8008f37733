/** IAM: the same in every region. */
import type { Account } from "../account";
import { text, type Place, type Props, type ResourceType } from "../resourceType";

const globalArn = (resource: string, { accountId }: Place): string => `arn:aws:iam::${accountId}:${resource}`;

const role: ResourceType = {
  type: "aws:iam/role:Role",
  named: { property: "name", longest: 64 },
  replacedBy: ["name", "path"],
  outputs: (props, place) => ({ arn: globalArn(`role/${text(props, "name")}`, place) }),
  id: "name",
  refusesDelete: ({ props }, account) => {
    if (withRole("aws:iam/rolePolicy:RolePolicy", props, account))
      return "DeleteConflict: Cannot delete entity, must delete policies first.";
    if (withRole("aws:iam/instanceProfile:InstanceProfile", props, account))
      return "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.";
    return undefined;
  },
};

const withRole = (type: string, { name }: Props, account: Account): boolean =>
  account.all(type).some(({ props }) => props.role === name);

const noSuchRole = ({ props }: { readonly props: Props }, account: Account): string | undefined =>
  account.find("aws:iam/role:Role", text(props, "role"))
    ? undefined
    : `NoSuchEntity: The role with name ${text(props, "role")} cannot be found.`;

const rolePolicy: ResourceType = {
  type: "aws:iam/rolePolicy:RolePolicy",
  named: { property: "name", longest: 128 },
  replacedBy: ["name", "role"],
  outputs: () => ({}),
  refusesCreate: noSuchRole,
};

const instanceProfile: ResourceType = {
  type: "aws:iam/instanceProfile:InstanceProfile",
  named: { property: "name", longest: 128 },
  replacedBy: ["name", "path"],
  outputs: (props, place) => ({ arn: globalArn(`instance-profile/${text(props, "name")}`, place) }),
  id: "name",
  refusesCreate: noSuchRole,
};

export const IAM_TYPES = [role, rolePolicy, instanceProfile];
