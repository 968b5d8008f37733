/** The ports of a load balancer. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { BALANCER_DEFAULTS } from "./balancerArgs";
import type { Front, FrontSettings } from "./loadBalancerFront";
import { transformed } from "../transform";

export interface Listeners {
  /** The one whose requests go to tasks; the other one redirects to it. */
  readonly serving: aws.lb.Listener;
  readonly all: readonly aws.lb.Listener[];
}

/** HTTP; or HTTPS, and HTTP redirects to it for good. */
export function makeListeners(
  name: string,
  settings: FrontSettings,
  { loadBalancer, certificateArn }: Front,
  action: aws.types.input.lb.ListenerDefaultAction,
  parent: pulumi.Resource,
): Listeners {
  const { tlsPolicy = BALANCER_DEFAULTS.tlsPolicy, sniCertificateArns = {}, tags, transform } = settings;
  const redirect = { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } };
  const common = { loadBalancerArn: loadBalancer.arn, tags };
  const make = (part: string, args: aws.lb.ListenerArgs, dependsOn: pulumi.Resource[] = []): aws.lb.Listener =>
    new aws.lb.Listener(`${name}-${part}`, transformed(args, transform?.listener), { parent, dependsOn });
  const http = { ...common, port: 80, protocol: "HTTP" };
  if (certificateArn === undefined) {
    const serving = make("http", { ...http, defaultActions: [action] });
    return { serving, all: [serving] };
  }
  const https = { ...common, port: 443, protocol: "HTTPS", sslPolicy: tlsPolicy, certificateArn };
  const serving = make("https", { ...https, defaultActions: [action] });
  for (const [key, arn] of Object.entries(sniCertificateArns)) {
    const certificate = { listenerArn: serving.arn, certificateArn: arn };
    new aws.lb.ListenerCertificate(`${name}-sni-${key}`, certificate, { parent });
  }
  // Where HTTP was served before, it redirects only once there is something to redirect to.
  return { serving, all: [serving, make("http", { ...http, defaultActions: [redirect] }, [serving])] };
}
