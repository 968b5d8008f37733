/** What can be wrong with how requests come to a service: through its own load balancer, or through a shared one. */
import {
  LOAD_BALANCING_ALGORITHMS,
  type BalancerArgs,
  type BalancerTransforms,
  type RoutingArgs,
  type RoutingTransforms,
} from "./balancerArgs";
import { balancerProblems, idleTimeoutProblems, type Requests } from "./balancerProblems";
import { hostProblems, pathProblems } from "./hostNames";
import { choiceProblems, rangeProblems, type Problem } from "../problems";
import { NOT_FOUND_PRIORITY } from "./sharedBalancerRoutes";
import type { SharedBalancer } from "./sharedBalancer";

/** What a load balancer has, and not the service behind a shared one. */
const OF_BALANCER = Object.keys({
  certificateArn: true,
  sniCertificateArns: true,
  domainNames: true,
  hostedZoneId: true,
  tlsPolicy: true,
  internal: true,
  ipAddressType: true,
  loadBalancerSubnetIds: true,
  clientCidrs: true,
  accessLogs: true,
  idleTimeoutSeconds: true,
  clientKeepAliveSeconds: true,
  enableDeletionProtection: true,
  enableHttp2: true,
  dropInvalidHeaderFields: true,
  xffHeaderProcessingMode: true,
} satisfies Record<keyof BalancerArgs, true>) as (keyof BalancerArgs)[];
const TRANSFORMS_OF_BALANCER = Object.keys({
  loadBalancer: true,
  listener: true,
  securityGroup: true,
  certificate: true,
  accessLogsBucket: true,
  dnsRecord: true,
} satisfies Record<keyof BalancerTransforms, true>) as (keyof BalancerTransforms)[];

export interface ServiceBalancerArgs extends BalancerArgs, RoutingArgs, Requests {
  transform?: BalancerTransforms & RoutingTransforms;
}

/**
 * Everything that is wrong, also beside the services of a shared balancer that were declared before.
 * @param cluster the service's, which must be its balancer's
 */
export function routingProblems(name: string, args: ServiceBalancerArgs, cluster: object): Problem[] {
  const { balancer } = args;
  const algorithm = choiceProblems("loadBalancingAlgorithm", args.loadBalancingAlgorithm, LOAD_BALANCING_ALGORITHMS);
  return [...algorithm, ...(balancer ? sharedProblems(name, args, cluster, balancer) : ownProblems(args))];
}

function ownProblems(args: ServiceBalancerArgs): Problem[] {
  const { hosts, paths, priority, transform } = args;
  const ofRules = { hosts, paths, priority, "transform.listenerRule": transform?.listenerRule };
  const allowed = "with a SharedBalancer: a load balancer of the service's own sends it every request";
  const change = "remove it, or give a SharedBalancer as balancer";
  const unused = Object.entries(ofRules).filter(([, given]) => given !== undefined);
  return [
    ...balancerProblems(args, args),
    ...unused.map(([property, given]) => ({ property, given, allowed, change })),
  ];
}

function sharedProblems(name: string, args: ServiceBalancerArgs, cluster: object, balancer: SharedBalancer): Problem[] {
  const { hosts = [], paths = [], priority } = args;
  const problems = [
    ...problemsOfOthers(args),
    ...(balancer.cluster === cluster ? [] : [otherCluster(balancer)]),
    ...(hosts.length + paths.length > 0 ? [] : [NO_CONDITION]),
    ...hostProblems("hosts", hosts),
    ...pathProblems("paths", paths),
    ...rangeProblems("priority", priority, 1, NOT_FOUND_PRIORITY - 1),
    ...idleTimeoutProblems("the SharedBalancer's idleTimeoutSeconds", balancer.args, args),
    ...uncoveredHosts(hosts, balancer.args),
  ];
  return problems.length > 0 ? problems : balancer.registry.problems(name, { hosts, paths, priority });
}

/** What the service is given and its balancer should be. */
function problemsOfOthers(args: ServiceBalancerArgs): Problem[] {
  const { transform = {} } = args;
  const given = [
    ...OF_BALANCER.map((property) => [property, args[property]] as const),
    ...TRANSFORMS_OF_BALANCER.map((property) => [`transform.${property}`, transform[property]] as const),
  ];
  const allowed = "on the SharedBalancer, for all of its services alike";
  const change = "give it to the SharedBalancer";
  return given.flatMap(([property, value]) =>
    value === undefined ? [] : [{ property, given: value, allowed, change }],
  );
}

const otherCluster = (balancer: SharedBalancer): Problem => ({
  property: "balancer",
  given: balancer.name,
  allowed: "a SharedBalancer of the service's own cluster",
  change: "make one with this cluster",
});

const NO_CONDITION: Problem = {
  property: "hosts",
  given: undefined,
  allowed: "hosts or paths, which say what comes to this service",
  change: 'give e.g. paths: ["/*"] for all that comes to no other',
};

/** Hosts that no certificate is made for; certificates that are given may have any names. */
function uncoveredHosts(hosts: readonly string[], { domainNames, sniCertificateArns = {} }: BalancerArgs): Problem[] {
  if (domainNames === undefined || Object.keys(sniCertificateArns).length > 0) return [];
  const parents = (host: string): string[] => [host, `*.${host.split(".").slice(1).join(".")}`];
  return hosts.flatMap((host, index) => {
    if (parents(host).some((name) => domainNames.includes(name))) return [];
    const allowed = `a name of the SharedBalancer's certificate: ${domainNames.join(", ")}`;
    const change = "add it to the SharedBalancer's domainNames";
    return [{ property: `hosts[${index}]`, given: host, allowed, change }];
  });
}
