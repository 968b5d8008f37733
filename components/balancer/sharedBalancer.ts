/**
 * One Application Load Balancer for several services of a cluster, told apart by host names and paths.
 *
 * @example
 * const shared = new SharedBalancer("shop", { cluster, domainNames: ["shop.example.com"], hostedZoneId });
 * new BalancedService("api", { cluster, image, ..., balancer: shared, paths: ["/api/*"] });
 * new BalancedService("web", { cluster, image, ..., balancer: shared, paths: ["/*"] });
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { BALANCER_DEFAULTS } from "./balancerArgs";
import { balancerProblems } from "./balancerProblems";
import { makeDnsRecords, plainName, urlOf } from "./dnsRecord";
import { balancerSubnets, makeFront, type Front, type FrontSettings } from "./loadBalancerFront";
import { makeListeners, type Listeners } from "./loadBalancerListeners";
import { nameProblems } from "../names";
import { throwProblems } from "../problems";
import type { SharedBalancerArgs } from "./sharedBalancerArgs";
import { SharedRegistry } from "./sharedBalancerRegistry";
import { NOT_FOUND_PRIORITY } from "./sharedBalancerRoutes";
import type { SpotCluster } from "../spotCluster";

/** @throws InputProblemsError that lists every problem of the args, before any resource is declared. */
export class SharedBalancer extends pulumi.ComponentResource {
  readonly cluster: SpotCluster;
  readonly front: Front;
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly listeners: Listeners;
  /** Answers requests that are no service's. */
  readonly notFound: aws.lb.ListenerRule;
  /** Of its domainNames. They move to another load balancer when all services have. */
  readonly records: readonly aws.route53.Record[];
  readonly url: pulumi.Output<string>;
  /** The rules of its services. */
  readonly registry = new SharedRegistry();
  private readonly services = new Latecomers();

  constructor(
    readonly name: string,
    readonly args: SharedBalancerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    throwProblems(`SharedBalancer ${name}`, [...nameProblems(name), ...balancerProblems(args)]);
    super("spotproof:components:SharedBalancer", name, {}, opts);
    const { cluster, domainNames = [], hostedZoneId, tags = {}, transform } = args;
    this.cluster = cluster;
    const settings = frontSettings(args);
    this.front = makeFront(name, settings, {}, this);
    this.loadBalancer = this.front.loadBalancer;
    this.listeners = makeListeners(name, settings, this.front, NOT_FOUND, this);
    this.notFound = makeNotFound(name, this.listeners, tags, this);
    const { ipAddressType = BALANCER_DEFAULTS.ipAddressType } = args;
    const dns = { domainNames, ipAddressType, loadBalancer: this.loadBalancer, transform: transform?.dnsRecord };
    // No children of this: whatever depends on the balancer would wait for its names, and they wait for its services.
    this.records = hostedZoneId
      ? makeDnsRecords(name, { ...dns, hostedZoneId }, opts?.parent, this.services.all(this.notFound))
      : [];
    this.url = urlOf(args, plainName(domainNames) ?? this.loadBalancer.dnsName);
    this.registerOutputs({ url: this.url });
  }

  /** What its names wait for before they lead here. */
  servedBy(service: string, resources: readonly pulumi.Resource[]): void {
    if (this.services.add(resources) || this.records.length === 0) return;
    const message = `${service} was declared after a pause of the program: the names of ${this.name} don't wait for it when its load balancer is replaced. Declare a balancer's services in one go.`;
    void pulumi.log.warn(message, this);
  }
}

/** To requests that are for no service. */
const NOT_FOUND = {
  type: "fixed-response",
  fixedResponse: { contentType: "text/plain", messageBody: "Not found", statusCode: "404" },
};

/** The last rule but for those that no request comes to. */
function makeNotFound(
  name: string,
  { serving }: Listeners,
  tags: Readonly<Record<string, pulumi.Input<string>>>,
  parent: pulumi.Resource,
): aws.lb.ListenerRule {
  const conditions = [{ pathPattern: { values: ["/*"] } }];
  const args = { listenerArn: serving.arn, priority: NOT_FOUND_PRIORITY, conditions, actions: [NOT_FOUND], tags };
  return new aws.lb.ListenerRule(`${name}-not-found`, args, { parent });
}

function frontSettings(args: SharedBalancerArgs): FrontSettings {
  const { network, securityGroup } = args.cluster;
  const place = { vpcId: network.vpcId, subnetIds: balancerSubnets(network, args), instances: securityGroup };
  return { ...args, ...place, tags: args.tags ?? {} };
}

/** Resources that are declared after what must wait for them, in the same go of the program. */
class Latecomers {
  private readonly resources: pulumi.Resource[] = [];
  private over = false;

  /** @returns whether it was in time */
  add(resources: readonly pulumi.Resource[]): boolean {
    this.resources.push(...resources);
    return !this.over;
  }

  all(...first: readonly pulumi.Resource[]): Promise<pulumi.Resource[]> {
    return new Promise((resolve) =>
      setImmediate(() => {
        this.over = true;
        resolve([...first, ...this.resources]);
      }),
    );
  }
}
