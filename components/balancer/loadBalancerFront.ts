/** What a service's own load balancer and a shared one have alike: the balancer, who may connect, certificate and logs. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { makeAccessLogs, type BalancerLogs } from "./accessLogs";
import { BALANCER_DEFAULTS, everyone, isSecure, type BalancerArgs, type BalancerTransforms } from "./balancerArgs";
import { makeCertificate, type Certificate } from "./certificate";
import { withDefaults } from "../defaults";
import { elbName } from "../names";
import type { Network } from "../cluster/network";
import { makeLoadBalancerSecurityGroup, type LoadBalancerSecurityGroup } from "../cluster/securityGroups";
import { transformed } from "../transform";

export interface FrontSettings extends Omit<BalancerArgs, "loadBalancerSubnetIds" | "clientCidrs"> {
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /** The instances' security group. */
  readonly instances: aws.ec2.SecurityGroup;
  readonly clientCidrs?: readonly string[];
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: BalancerTransforms;
}

export interface Front {
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly securityGroup: LoadBalancerSecurityGroup;
  /** One that was made here. */
  readonly certificate?: Certificate;
  readonly logs?: BalancerLogs;
  /** The certificate of its HTTPS listener, if it has one. */
  readonly certificateArn?: pulumi.Input<string>;
  /** What replaces it, as one value. */
  readonly replacementTrigger: pulumi.Output<unknown>;
}

/** Where a load balancer stands that isn't told. */
export function balancerSubnets(
  { subnetIds, publicSubnetIds }: Network,
  { internal = false, loadBalancerSubnetIds }: BalancerArgs,
): pulumi.Input<pulumi.Input<string>[]> {
  return loadBalancerSubnetIds ?? (internal ? subnetIds : (publicSubnetIds ?? subnetIds));
}

/** @param replacedWith what else replaces it, because it replaces what can't be behind two load balancers */
export function makeFront(
  name: string,
  given: FrontSettings,
  replacedWith: Readonly<Record<string, unknown>>,
  parent: pulumi.Resource,
): Front {
  const settings = resolveFront(given);
  const { transform, tags, accessLogs } = settings;
  const ports = isSecure(settings) ? [80, 443] : [80];
  const groupSettings = { ...settings, ports, transform: transform?.securityGroup };
  const securityGroup = makeLoadBalancerSecurityGroup(name, groupSettings, parent);
  const logsSettings = { tags, neighbourArn: securityGroup.group.arn, transform: transform?.accessLogsBucket };
  const logs = accessLogs ? makeAccessLogs(name, { ...logsSettings, accessLogs }, parent) : undefined;
  const args = transformed(loadBalancerArgs(settings, securityGroup, logs), transform?.loadBalancer);
  const replacementTrigger = pulumi.output({ ...identityOf(args), ...replacedWith });
  const loadBalancer = new aws.lb.LoadBalancer(elbName(`${name}-alb`), args, {
    parent,
    replacementTrigger,
    deleteBeforeReplace: false,
    // A balancer without its way to the instances would answer with errors.
    dependsOn: [...securityGroup.rules, ...(logs?.ready ?? [])],
  });
  const certificate = certificateOf(name, settings, parent);
  const certificateArn = certificate?.arn ?? settings.certificateArn;
  return { loadBalancer, securityGroup, certificate, logs, certificateArn, replacementTrigger };
}

/** Said outright: logs that were on go on where the argument is merely left out. */
const NO_LOGS = { bucket: "", enabled: false };

type Settings = ReturnType<typeof resolveFront>;

function resolveFront(given: FrontSettings) {
  const settings = withDefaults(given, BALANCER_DEFAULTS);
  return { ...settings, clientCidrs: given.clientCidrs ?? everyone(settings.ipAddressType) };
}

/** The properties of a load balancer that can't change in place. */
function identityOf({ name, namePrefix, internal, loadBalancerType, customerOwnedIpv4Pool }: aws.lb.LoadBalancerArgs) {
  return { name, namePrefix, internal, loadBalancerType, customerOwnedIpv4Pool };
}

function loadBalancerArgs(
  settings: Settings,
  securityGroup: LoadBalancerSecurityGroup,
  logs: BalancerLogs | undefined,
): aws.lb.LoadBalancerArgs {
  return {
    loadBalancerType: "application",
    internal: settings.internal,
    ipAddressType: settings.ipAddressType,
    subnets: settings.subnetIds,
    securityGroups: [securityGroup.group.id],
    accessLogs: logs?.accessLogs ?? NO_LOGS,
    idleTimeout: settings.idleTimeoutSeconds,
    clientKeepAlive: settings.clientKeepAliveSeconds,
    enableDeletionProtection: settings.enableDeletionProtection,
    enableHttp2: settings.enableHttp2,
    dropInvalidHeaderFields: settings.dropInvalidHeaderFields,
    xffHeaderProcessingMode: settings.xffHeaderProcessingMode,
    tags: settings.tags,
  };
}

function certificateOf(name: string, settings: Settings, parent: pulumi.Resource): Certificate | undefined {
  const { domainNames = [], hostedZoneId, tags, transform } = settings;
  if (domainNames.length === 0 || hostedZoneId === undefined) return undefined;
  return makeCertificate(name, { domainNames, hostedZoneId, tags, transform: transform?.certificate }, parent);
}
