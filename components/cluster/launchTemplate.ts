/** How an instance of the cluster is launched. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { InstanceProfile } from "./instanceProfile";
import type { Architecture } from "./instanceTypes";
import { transformed, type Transform } from "../transform";

/** The current ECS-optimized Amazon Linux 2023 AMI, resolved by EC2 at each launch.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html */
const ECS_OPTIMIZED_AMI: Record<Architecture, string> = {
  x86_64: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
  arm64: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id",
};

/** The root device of the AMI above, whose snapshot has 30 GiB. */
const ROOT_DEVICE = "/dev/xvda";
export const SMALLEST_ROOT_VOLUME_GIB = 30;

export interface LaunchTemplateSettings {
  readonly architecture: Architecture;
  readonly amiId?: pulumi.Input<string>;
  readonly keyName?: pulumi.Input<string>;
  readonly rootVolumeSizeGiB: number;
  /** Whether all instance types have CPU credits. */
  readonly burstable: boolean;
  readonly userData: pulumi.Input<string>;
  readonly securityGroup: aws.ec2.SecurityGroup;
  readonly instanceProfile: InstanceProfile;
  /** Of the volumes; the group tags the instances. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: Transform<aws.ec2.LaunchTemplateArgs>;
}

export function makeLaunchTemplate(
  name: string,
  settings: LaunchTemplateSettings,
  parent: pulumi.Resource,
): aws.ec2.LaunchTemplate {
  const { securityGroup, instanceProfile, tags } = settings;
  const args: aws.ec2.LaunchTemplateArgs = {
    imageId: settings.amiId ?? ECS_OPTIMIZED_AMI[settings.architecture],
    keyName: settings.keyName,
    userData: pulumi.output(settings.userData).apply((text) => Buffer.from(text).toString("base64")),
    vpcSecurityGroupIds: [securityGroup.id],
    iamInstanceProfile: { arn: instanceProfile.profile.arn },
    // One hop: the agent, in the host's network, reaches the metadata; containers in bridge networks don't.
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    ebsOptimized: "true",
    blockDeviceMappings: [rootVolume(settings.rootVolumeSizeGiB)],
    // Only where every type has credits: EC2 refuses the setting for others. In a mixed group T3 and T4g are unlimited by default.
    creditSpecification: settings.burstable ? { cpuCredits: "unlimited" } : undefined,
    tagSpecifications: [{ resourceType: "volume", tags: pulumi.output(tags) }],
    tags,
    updateDefaultVersion: true,
  };
  // The policy too: an instance that boots without it can't register.
  const options = { parent, dependsOn: [instanceProfile.policy] };
  return new aws.ec2.LaunchTemplate(`${name}-template`, transformed(args, settings.transform), options);
}

function rootVolume(volumeSize: number): aws.types.input.ec2.LaunchTemplateBlockDeviceMapping {
  return {
    deviceName: ROOT_DEVICE,
    ebs: { volumeSize, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" },
  };
}
