/** Names in Route 53 that lead to a load balancer. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { isSecure, type IpAddressType } from "./balancerArgs";
import { transformed, type Transform } from "../transform";

export interface DnsSettings {
  readonly domainNames: readonly string[];
  readonly hostedZoneId: pulumi.Input<string>;
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly ipAddressType: IpAddressType;
  readonly transform?: Transform<aws.route53.RecordArgs>;
}

/**
 * Aliases, which cost nothing and follow the balancer's addresses.
 *
 * @param dependsOn what must serve behind the balancer first: a name that moves to another balancer leaves one that serves.
 */
export function makeDnsRecords(
  name: string,
  { domainNames, hostedZoneId, loadBalancer, ipAddressType, transform }: DnsSettings,
  parent: pulumi.Resource | undefined,
  dependsOn: pulumi.Input<pulumi.Input<pulumi.Resource>[]>,
): aws.route53.Record[] {
  const types = ipAddressType === "dualstack" ? (["A", "AAAA"] as const) : (["A"] as const);
  return domainNames.flatMap((domainName) =>
    types.map((type) => {
      const aliases = [{ name: loadBalancer.dnsName, zoneId: loadBalancer.zoneId, evaluateTargetHealth: true }];
      const args: aws.route53.RecordArgs = { zoneId: hostedZoneId, name: domainName, type, aliases };
      const options = { parent, dependsOn };
      return new aws.route53.Record(
        `${name}-${type.toLowerCase()}-${domainName}`,
        transformed(args, transform),
        options,
      );
    }),
  );
}

/** The first name that is no wildcard. */
export const plainName = (names: readonly string[] = []): string | undefined =>
  names.find((name) => !/[*?]/.test(name));

export const urlOf = (args: Parameters<typeof isSecure>[0], host: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.interpolate`${isSecure(args) ? "https" : "http"}://${host}`;
