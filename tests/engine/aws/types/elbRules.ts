/** Elastic Load Balancing: what is added to a listener. */
import type { Account, Entry } from "../account";
import { text, valuesAt, type Props, type ResourceType } from "../resourceType";
import { balancerOfListener } from "../routing";
import { sharedGroupProblem } from "./elb";

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const MOST_RULES = 100;
const MOST_CERTIFICATES = 25;

const RULE = "aws:lb/listenerRule:ListenerRule";
const CERTIFICATE = "aws:lb/listenerCertificate:ListenerCertificate";

const onListener = (type: string, listenerArn: unknown, account: Account): Entry[] =>
  account.all(type).filter(({ props }) => props.listenerArn === listenerArn);

const listenerRule: ResourceType = {
  type: RULE,
  replacedBy: ["listenerArn"],
  outputs: (props, { serial }) => ({
    arn: `${text(props, "listenerArn").replace(":listener/", ":listener-rule/")}/${serial}`,
  }),
  id: "arn",
  refusesCreate: ({ props }, account) =>
    onListener(RULE, props.listenerArn, account).length >= MOST_RULES
      ? "TooManyRules: The maximum number of rules on the load balancer has been reached"
      : refusesRule(props, undefined, account),
  refusesUpdate: ({ id }, news, account) => refusesRule(news, id, account),
  /** The provider puts a rule without a priority behind all others. */
  created: (entry, account) => {
    const others = onListener(RULE, entry.props.listenerArn, account).filter((other) => other !== entry);
    const last = Math.max(0, ...others.map(({ props }) => Number(props.priority)));
    entry.props = { ...entry.props, priority: entry.props.priority ?? last + 1 };
  },
};

function refusesRule(props: Props, id: string | undefined, account: Account): string | undefined {
  const listener = account.find("aws:lb/listener:Listener", text(props, "listenerArn"));
  if (!listener) return `ListenerNotFound: One or more listeners not found: ${text(props, "listenerArn")}`;
  const others = onListener(RULE, props.listenerArn, account).filter((other) => other.id !== id);
  if (props.priority !== undefined && others.some((other) => other.props.priority === props.priority))
    return `PriorityInUse: Priority '${text(props, "priority")}' is currently in use`;
  const groups = valuesAt(props, "actions.targetGroupArn");
  return sharedGroupProblem(groups, balancerOfListener(listener, account)?.props.arn, account);
}

const listenerCertificate: ResourceType = {
  type: CERTIFICATE,
  replacedBy: ["listenerArn", "certificateArn"],
  outputs: () => ({}),
  refusesCreate: ({ props }, account) =>
    onListener(CERTIFICATE, props.listenerArn, account).length >= MOST_CERTIFICATES
      ? "TooManyCertificates: The maximum number of certificates per load balancer has been reached"
      : undefined,
};

export const ELB_RULE_TYPES = [listenerRule, listenerCertificate];
