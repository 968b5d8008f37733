/** Where a request goes: from a name or a load balancer, by listeners and rules, to a target group. */
import type { Account, Entry } from "./account";
import { valuesAt, type Props } from "./resourceType";

const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const LISTENER = "aws:lb/listener:Listener";
const RULE = "aws:lb/listenerRule:ListenerRule";
const RECORD = "aws:route53/record:Record";

export interface Request {
  readonly host: string;
  readonly path: string;
}

export const balancerOfListener = ({ props }: Entry, account: Account): Entry | undefined =>
  account.find(BALANCER, String(props.loadBalancerArn));

const listenerOf = ({ props }: Entry, account: Account): Entry | undefined =>
  account.find(LISTENER, String(props.listenerArn));

const forwards = (actions: unknown, targetGroupArn: string): boolean =>
  valuesAt({ actions }, "actions.targetGroupArn").includes(targetGroupArn);

/** The ARNs of the load balancers that have the group, whether requests come by them or not. */
export function attachedTo(targetGroupArn: string, account: Account): unknown[] {
  const listeners = account.all(LISTENER).filter(({ props }) => forwards(props.defaultActions, targetGroupArn));
  const rules = account.all(RULE).filter(({ props }) => forwards(props.actions, targetGroupArn));
  const all = [...listeners, ...rules.flatMap((rule) => listenerOf(rule, account) ?? [])];
  return all.map(({ props }) => props.loadBalancerArn);
}

/** The load balancers from which requests come to the group: each by a listener or by a rule that some request is for. */
export function entrancesTo(targetGroupArn: string, account: Account): Entry[] {
  const listeners = account.all(LISTENER).filter(({ props }) => forwards(props.defaultActions, targetGroupArn));
  const rules = account.all(RULE).filter(({ props }) => forwards(props.actions, targetGroupArn) && !isForNobody(props));
  const all = [...listeners, ...rules.flatMap((rule) => listenerOf(rule, account) ?? [])];
  return all
    .flatMap((listener) => balancerOfListener(listener, account) ?? [])
    .filter((each) => isKnown(each, account));
}

/** No name ends so. @see https://www.rfc-editor.org/rfc/rfc2606#section-2 */
const isForNobody = (rule: Props): boolean => hostsOf(rule).some((host) => host.endsWith(".invalid"));

const hostsOf = (rule: Props): string[] => valuesAt(rule, "conditions.hostHeader.values").map(String);
const pathsOf = (rule: Props): string[] => valuesAt(rule, "conditions.pathPattern.values").map(String);

/** Where there are names, clients come by them, and by no balancer's own. */
function isKnown({ props, region }: Entry, account: Account): boolean {
  const aliases = account.all(RECORD, region).flatMap((record) => valuesAt(record.props, "aliases.name"));
  return aliases.length === 0 || aliases.includes(props.dnsName);
}

/** The target group that a request comes to; undefined where nothing or the load balancer itself answers. */
export function targetGroupFor(request: Request, account: Account): string | undefined {
  const listener = listenerFor(request.host, account);
  if (!listener) return undefined;
  const rules = account
    .all(RULE)
    .filter(({ props }) => props.listenerArn === listener.props.arn)
    .sort((a, b) => Number(a.props.priority) - Number(b.props.priority));
  const rule = rules.find(({ props }) => isFor(props, request));
  const [arn] = rule
    ? valuesAt(rule.props, "actions.targetGroupArn")
    : valuesAt(listener.props, "defaultActions.targetGroupArn");
  return arn as string | undefined;
}

/** HTTPS where there is any: HTTP then leads there. */
function listenerFor(host: string, account: Account): Entry | undefined {
  const [alias] = account
    .all(RECORD)
    .filter(({ props }) => props.type === "A" && matches(String(props.name), host))
    .flatMap(({ props }) => valuesAt(props, "aliases.name"));
  const balancer = account.all(BALANCER).find(({ props }) => props.dnsName === alias);
  const listeners = account.all(LISTENER).filter(({ props }) => props.loadBalancerArn === balancer?.props.arn);
  return listeners.sort((a, b) => Number(b.props.port) - Number(a.props.port))[0];
}

function isFor(rule: Props, { host, path }: Request): boolean {
  const holds = (patterns: string[], value: string): boolean =>
    patterns.length === 0 || patterns.some((pattern) => matches(pattern, value));
  return holds(hostsOf(rule), host) && holds(pathsOf(rule), path);
}

function matches(pattern: string, value: string): boolean {
  const source = pattern.replace(/[^\w]/g, (char) => (char === "*" ? ".*" : char === "?" ? "." : `\\${char}`));
  return new RegExp(`^${source}$`, "i").test(value);
}
