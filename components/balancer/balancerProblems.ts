/** What can be wrong with a load balancer's args. */
import {
  BALANCER_DEFAULTS,
  IP_ADDRESS_TYPES,
  isSecure,
  LONGEST_IDLE_TIMEOUT_SECONDS,
  XFF_HEADER_PROCESSING_MODES,
  type AccessLogs,
  type BalancerArgs,
} from "./balancerArgs";
import { cidrProblems } from "./cidr";
import { domainNameProblems } from "./hostNames";
import { choiceProblems, rangeProblems, type Problem } from "../problems";

/** Names of security policies that know no TLS before 1.2. Those to come are spelt alike.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const TLS_POLICY = /^ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)-[A-Za-z0-9-]+$/;

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const MOST_SNI_CERTIFICATES = 25;
/** @see https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html */
const MOST_DOMAIN_NAMES = 100;
/** An X.509 certificate's common name, which is the first of them. */
const LONGEST_FIRST_DOMAIN_NAME = 64;

export interface Requests {
  /** How long a request may take, as far as the args say so. */
  readonly longestRequestSeconds?: number;
}

/** Everything that is wrong with a load balancer; empty where nothing is. */
export function balancerProblems(args: BalancerArgs, requests: Requests = {}): Problem[] {
  const { clientCidrs = [], ipAddressType } = args;
  return [
    ...certificateProblems(args),
    ...domainProblems(args),
    ...tlsPolicyProblems(args.tlsPolicy),
    ...choiceProblems("ipAddressType", ipAddressType, IP_ADDRESS_TYPES),
    ...choiceProblems("xffHeaderProcessingMode", args.xffHeaderProcessingMode, XFF_HEADER_PROCESSING_MODES),
    ...cidrProblems("clientCidrs", clientCidrs, { ipv6: ipAddressType === "dualstack" }),
    ...rangeProblems("idleTimeoutSeconds", args.idleTimeoutSeconds, 1, LONGEST_IDLE_TIMEOUT_SECONDS),
    ...rangeProblems("clientKeepAliveSeconds", args.clientKeepAliveSeconds, 60, 604800),
    // Where none is given, it is as long as the longest request.
    ...(args.idleTimeoutSeconds === undefined ? [] : idleTimeoutProblems("idleTimeoutSeconds", args, requests)),
    ...(typeof args.accessLogs === "object" ? accessLogsProblems(args.accessLogs) : []),
  ];
}

function certificateProblems({
  certificateArn,
  domainNames,
  sniCertificateArns = {},
  ...args
}: BalancerArgs): Problem[] {
  const sni = Object.keys(sniCertificateArns).length;
  const problems: Problem[] = [];
  if (certificateArn !== undefined && domainNames !== undefined) {
    const allowed = "certificateArn, or domainNames, which a certificate is made for";
    problems.push({ property: "domainNames", given: domainNames, allowed, change: "remove one of the two" });
  }
  if (sni > 0 && !isSecure({ certificateArn, domainNames, ...args })) {
    const allowed = "beside certificateArn or domainNames, whose certificate is taken where a client names no host";
    problems.push({
      property: "sniCertificateArns",
      given: sni,
      allowed,
      change: "give one of them as certificateArn",
    });
  }
  if (sni > MOST_SNI_CERTIFICATES) {
    const allowed = `at most ${MOST_SNI_CERTIFICATES}`;
    problems.push({ property: "sniCertificateArns", given: sni, allowed, change: "take fewer, with more names each" });
  }
  return problems;
}

function domainProblems({ domainNames, hostedZoneId }: BalancerArgs): Problem[] {
  const both = "domainNames and hostedZoneId together, or neither";
  if (domainNames === undefined) {
    if (hostedZoneId === undefined) return [];
    const change = "give the names that lead here, or remove hostedZoneId";
    return [{ property: "domainNames", given: domainNames, allowed: both, change }];
  }
  const missing = hostedZoneId === undefined;
  const change =
    "give the Route 53 zone that the names are in; for a zone elsewhere, certificateArn and no domainNames";
  return [
    ...(missing ? [{ property: "hostedZoneId", given: hostedZoneId, allowed: both, change }] : []),
    ...domainNameProblems("domainNames", domainNames),
    ...domainCountProblems(domainNames),
  ];
}

function domainCountProblems(domainNames: readonly string[]): Problem[] {
  const [first = ""] = domainNames;
  if (domainNames.length === 0 || domainNames.length > MOST_DOMAIN_NAMES) {
    const allowed = `1 to ${MOST_DOMAIN_NAMES} names, and by default AWS issues certificates for 10`;
    return [{ property: "domainNames", given: domainNames.length, allowed, change: "name a wildcard for several" }];
  }
  if (first.length <= LONGEST_FIRST_DOMAIN_NAME) return [];
  const allowed = `at most ${LONGEST_FIRST_DOMAIN_NAME} characters in the first one`;
  return [{ property: "domainNames[0]", given: first, allowed, change: "put a shorter one first" }];
}

function tlsPolicyProblems(tlsPolicy: string | undefined): Problem[] {
  if (tlsPolicy === undefined || TLS_POLICY.test(tlsPolicy)) return [];
  const allowed = "a security policy of Elastic Load Balancing that begins with TLS 1.2 or 1.3";
  return [{ property: "tlsPolicy", given: tlsPolicy, allowed, change: `give "${BALANCER_DEFAULTS.tlsPolicy}"` }];
}

/** A request that says nothing for so long is cut off with a 504. */
export function idleTimeoutProblems(
  property: string,
  { idleTimeoutSeconds }: BalancerArgs,
  { longestRequestSeconds = 0 }: Requests,
): Problem[] {
  const timeout = idleTimeoutSeconds ?? BALANCER_DEFAULTS.idleTimeoutSeconds;
  const least = Math.min(longestRequestSeconds, LONGEST_IDLE_TIMEOUT_SECONDS);
  if (timeout >= least) return [];
  const allowed = `at least longestRequestSeconds, which is ${longestRequestSeconds}, and at most ${LONGEST_IDLE_TIMEOUT_SECONDS}`;
  return [{ property, given: timeout, allowed, change: `raise it to ${least}` }];
}

function accessLogsProblems({ bucket, prefix, expireDays, forceDestroy }: AccessLogs): Problem[] {
  const problems = rangeProblems("accessLogs.expireDays", expireDays, 1, 36500);
  if (prefix !== undefined && (!/^[^/](.*[^/])?$/.test(prefix) || prefix.includes("AWSLogs"))) {
    const allowed = "a prefix with no / at its ends and without AWSLogs, which is added";
    problems.push({ property: "accessLogs.prefix", given: prefix, allowed, change: 'give e.g. "shop/api"' });
  }
  if (bucket !== undefined && (expireDays !== undefined || forceDestroy !== undefined)) {
    const allowed = "expireDays and forceDestroy for a bucket made here only";
    problems.push({ property: "accessLogs.bucket", given: bucket, allowed, change: "remove them, or the bucket" });
  }
  return problems;
}
