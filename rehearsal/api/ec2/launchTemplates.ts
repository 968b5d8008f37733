/** EC2's operations on launch templates. */
import type * as sdk from "@aws-sdk/client-ec2";
import type { LaunchTemplate, LaunchTemplateVersion } from "../../world/ec2/launchTemplate";
import type { World } from "../../world/world";
import { anywhere, ApiError, atMost, paged, type Operation } from "../operation";

/** BOTO DescribeLaunchTemplateVersions and DeleteLaunchTemplateVersions. */
const PAGE = { byDefault: 200, most: 200 };
const DELETE_LIMIT = 200;

function templateOf(id: string | undefined, world: World): LaunchTemplate {
  const template = world.launchTemplates.get(id ?? "");
  if (template !== undefined) return template;
  throw new ApiError("InvalidLaunchTemplateId.NotFound", `The launch template ID '${id}' does not exist`);
}

const onTemplate = (action: string, id: string | undefined, world: World) => ({
  action: `ec2:${action}`,
  resources: [{ arn: templateOf(id, world).arn, context: {} }],
});

function versionOf(template: LaunchTemplate, version: string | undefined): LaunchTemplateVersion {
  const known = template.versions.get(Number(version));
  if (known !== undefined) return known;
  const message = `Could not find the specified version ${version} for the launch template ${template.id}.`;
  throw new ApiError("InvalidLaunchTemplateId.VersionNotFound", message);
}

const describeVersion = (
  each: LaunchTemplateVersion,
  { id, defaultVersion, parameters }: LaunchTemplate,
  resolve: boolean,
): sdk.LaunchTemplateVersion => ({
  LaunchTemplateId: id,
  VersionNumber: each.version,
  VersionDescription: each.description === "" ? undefined : each.description,
  DefaultVersion: each.version === defaultVersion,
  LaunchTemplateData: { ImageId: resolve ? parameters.resolve(each.imageId) : each.imageId },
});

const describeLaunchTemplateVersions: Operation<sdk.DescribeLaunchTemplateVersionsCommandInput> = {
  requires: ["LaunchTemplateId"],
  limits: atMost("Versions", PAGE.most),
  kind: "read",
  request: () => ({ action: "ec2:DescribeLaunchTemplateVersions", resources: anywhere }),
  run: (input, world, asOf) => {
    const template = templateOf(input.LaunchTemplateId, world);
    const named = input.Versions?.map((version) => versionOf(template, version));
    // The newest first.
    const all = (named ?? [...template.versions.values()].reverse()).filter(({ createdAt }) => createdAt <= asOf);
    const { items, next } = paged(all, input.NextToken, input.MaxResults, PAGE);
    const resolve = input.ResolveAlias ?? false;
    return { LaunchTemplateVersions: items.map((each) => describeVersion(each, template, resolve)), NextToken: next };
  },
};

const createLaunchTemplateVersion: Operation<sdk.CreateLaunchTemplateVersionCommandInput> = {
  requires: ["LaunchTemplateId", "LaunchTemplateData"],
  kind: "modify",
  request: (input, world) => onTemplate("CreateLaunchTemplateVersion", input.LaunchTemplateId, world),
  run: (input, world) => {
    const template = templateOf(input.LaunchTemplateId, world);
    const source = input.SourceVersion === undefined ? undefined : versionOf(template, input.SourceVersion);
    const imageId = input.LaunchTemplateData?.ImageId ?? source?.imageId ?? "";
    const made = { imageId, description: input.VersionDescription ?? "", createdAt: world.clock.now };
    const version = template.add(made, input.ClientToken);
    return { LaunchTemplateVersion: describeVersion(version, template, false) };
  },
};

/** What can't be deleted is named in the answer; the others are. */
const deleteLaunchTemplateVersions: Operation<sdk.DeleteLaunchTemplateVersionsCommandInput> = {
  requires: ["LaunchTemplateId", "Versions"],
  limits: atMost("Versions", DELETE_LIMIT),
  kind: "modify",
  request: (input, world) => onTemplate("DeleteLaunchTemplateVersions", input.LaunchTemplateId, world),
  run: (input, world) => {
    const template = templateOf(input.LaunchTemplateId, world);
    const refused = (input.Versions ?? []).filter((version) => Number(version) === template.defaultVersion);
    for (const version of input.Versions ?? [])
      if (!refused.includes(version)) template.versions.delete(Number(version));
    return {
      UnsuccessfullyDeletedLaunchTemplateVersions: refused.map((version) => ({ VersionNumber: Number(version) })),
    };
  },
};

const modifyLaunchTemplate: Operation<sdk.ModifyLaunchTemplateCommandInput> = {
  requires: ["LaunchTemplateId", "DefaultVersion"],
  kind: "modify",
  request: (input, world) => onTemplate("ModifyLaunchTemplate", input.LaunchTemplateId, world),
  run: (input, world) => {
    const template = templateOf(input.LaunchTemplateId, world);
    template.defaultVersion = versionOf(template, input.DefaultVersion).version;
    return {};
  },
};

export const launchTemplates: Readonly<Record<string, Operation>> = {
  DescribeLaunchTemplateVersions: describeLaunchTemplateVersions,
  CreateLaunchTemplateVersion: createLaunchTemplateVersion,
  DeleteLaunchTemplateVersions: deleteLaunchTemplateVersions,
  ModifyLaunchTemplate: modifyLaunchTemplate,
};
