/** What a load balancer takes, a service's own or a shared one, and how a service is reached through it. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { SharedBalancer } from "./sharedBalancer";
import type { Transform } from "../transform";

export const IP_ADDRESS_TYPES = ["ipv4", "dualstack"] as const;
export type IpAddressType = (typeof IP_ADDRESS_TYPES)[number];

export const XFF_HEADER_PROCESSING_MODES = ["append", "preserve", "remove"] as const;

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
export const LOAD_BALANCING_ALGORITHMS = ["round_robin", "least_outstanding_requests", "weighted_random"] as const;
export type LoadBalancingAlgorithm = (typeof LOAD_BALANCING_ALGORITHMS)[number];

export interface AccessLogs {
  /** A bucket of yours, which must let Elastic Load Balancing write. @default a bucket made here */
  bucket?: pulumi.Input<string>;
  /** Before `AWSLogs/` in the objects' keys. @default none */
  prefix?: string;
  /** How long a bucket made here keeps each log. @default 30 */
  expireDays?: number;
  /** Whether a bucket made here may be deleted with the logs in it. Without, AWS refuses to delete it: logs are what one looks
   * at after something went wrong. @default false */
  forceDestroy?: boolean;
}

export interface BalancerArgs {
  /** ACM certificate: HTTPS, and HTTP redirects to it. @default none: HTTP */
  certificateArn?: pulumi.Input<string>;
  /** More ACM certificates, each by a name of your choosing; the client's SNI says which one is taken. @default none */
  sniCertificateArns?: Record<string, pulumi.Input<string>>;
  /** Names that lead here, in hostedZoneId: a certificate for them is made and validated, and an alias record each. @default none */
  domainNames?: string[];
  /** Public Route 53 hosted zone of the domainNames. @default none */
  hostedZoneId?: pulumi.Input<string>;
  /** Versions and ciphers of TLS; version 1.2 is the oldest taken. @default "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09" */
  tlsPolicy?: string;
  /** A load balancer without public addresses. @default false */
  internal?: boolean;
  /** `dualstack` needs subnets with IPv6 ranges. @default "ipv4" */
  ipAddressType?: IpAddressType;
  /** @default the public subnets of a VPC made by the cluster, else the cluster's subnets */
  loadBalancerSubnetIds?: pulumi.Input<pulumi.Input<string>[]>;
  /** Who may connect. @default everyone: ["0.0.0.0/0"], with dualstack also "::/0" */
  clientCidrs?: string[];
  /** Every request, in S3. @default false */
  accessLogs?: boolean | AccessLogs;
  /** How long a connection may be silent, to a client or to a task, before it is closed.
   * @default 60, or as long as a service's longestRequestSeconds, at most 4000 */
  idleTimeoutSeconds?: number;
  /** How long a client's connection is kept at most. @default 3600 */
  clientKeepAliveSeconds?: number;
  /** Whether AWS refuses to delete the load balancer: also when it is replaced or the stack is destroyed. @default false */
  enableDeletionProtection?: boolean;
  /** @default true */
  enableHttp2?: boolean;
  /** Whether headers with invalid names are dropped, not passed on. @default true */
  dropInvalidHeaderFields?: boolean;
  /** What becomes of a client's own X-Forwarded-For. @default "append" */
  xffHeaderProcessingMode?: (typeof XFF_HEADER_PROCESSING_MODES)[number];
}

export interface BalancerTransforms {
  loadBalancer?: Transform<aws.lb.LoadBalancerArgs>;
  listener?: Transform<aws.lb.ListenerArgs>;
  securityGroup?: Transform<aws.ec2.SecurityGroupArgs>;
  certificate?: Transform<aws.acm.CertificateArgs>;
  accessLogsBucket?: Transform<aws.s3.BucketArgs>;
  dnsRecord?: Transform<aws.route53.RecordArgs>;
}

/** How requests come to a service. */
export interface RoutingArgs {
  /** A load balancer that several services share; it then has the arguments of BalancerArgs. @default one of the service's own */
  balancer?: SharedBalancer;
  /** With `balancer`: host names of requests for this service; `*` and `?` stand for others. @default every host */
  hosts?: string[];
  /** With `balancer`: paths of requests for this service, e.g. `/api/*`. @default every path */
  paths?: string[];
  /** With `balancer`: the rule's place among the others', the lowest first. @default by how specific hosts and paths are */
  priority?: number;
  /** Which task gets a request; `weighted_random` also keeps requests away from tasks that answer worse than the others.
   * @default "round_robin" */
  loadBalancingAlgorithm?: LoadBalancingAlgorithm;
}

export interface RoutingTransforms {
  targetGroup?: Transform<aws.lb.TargetGroupArgs>;
  listenerRule?: Transform<aws.lb.ListenerRuleArgs>;
}

export const BALANCER_DEFAULTS = {
  // AWS's recommendation: TLS 1.3 or 1.2 with forward secrecy and authenticated ciphers, key exchange hybrid where the client can.
  tlsPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
  internal: false,
  ipAddressType: "ipv4",
  idleTimeoutSeconds: 60,
  clientKeepAliveSeconds: 3600,
  enableDeletionProtection: false,
  enableHttp2: true,
  dropInvalidHeaderFields: true,
  xffHeaderProcessingMode: "append",
} as const;

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html */
export const LONGEST_IDLE_TIMEOUT_SECONDS = 4000;

/** A connection has to stay while a request is worked on. */
export const idleTimeoutFor = (longestRequestSeconds = 0): number =>
  Math.max(BALANCER_DEFAULTS.idleTimeoutSeconds, Math.min(longestRequestSeconds, LONGEST_IDLE_TIMEOUT_SECONDS));

export const ACCESS_LOGS_DEFAULTS = { expireDays: 30, forceDestroy: false };

export const ROUTING_DEFAULTS = { loadBalancingAlgorithm: "round_robin" } as const;

/** Every address that can reach a load balancer of this type. */
export const everyone = (ipAddressType: IpAddressType): readonly string[] =>
  ipAddressType === "dualstack" ? ["0.0.0.0/0", "::/0"] : ["0.0.0.0/0"];

/** Whether it answers HTTPS. */
export const isSecure = ({
  certificateArn,
  domainNames = [],
}: Pick<BalancerArgs, "certificateArn" | "domainNames">): boolean =>
  certificateArn !== undefined || domainNames.length > 0;
