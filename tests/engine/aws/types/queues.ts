/** SQS.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
import type { Account, Entry } from "../account";
import { arn, text, type Draft, type Props, type ResourceType } from "../resourceType";

const QUEUE = "aws:sqs/queue:Queue";
const ALLOW_POLICY = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy";

const FIFO_END = ".fifo";

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  delaySeconds: [0, 900],
  maxMessageSize: [1024, 1_048_576],
  messageRetentionSeconds: [60, 1_209_600],
  receiveWaitTimeSeconds: [0, 20],
  visibilityTimeoutSeconds: [0, 43_200],
};

const OF_FIFO = ["contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit"];

const queue: ResourceType = {
  type: QUEUE,
  named: { property: "name", longest: 80, ending: ({ fifoQueue }) => (fifoQueue === true ? FIFO_END : "") },
  replacedBy: ["name", "fifoQueue"],
  outputs: (props, place) => ({ arn: queueArn(props, place), url: queueUrl(props, place) }),
  id: "url",
  refusesCreate: (draft, account) => refusesName(draft) ?? refusesAttributes(draft, draft.props, account),
  // SQS is asked for what changes, and looks at nothing else.
  refusesUpdate: (entry, news, account) => refusesAttributes({ ...entry, props: news }, changes(entry, news), account),
};

const queueArn = (props: Props, place: Parameters<typeof arn>[2]): string => arn("sqs", text(props, "name"), place);

const queueUrl = (props: Props, { region, accountId }: Parameters<typeof arn>[2]): string =>
  `https://sqs.${region}.amazonaws.com/${accountId}/${text(props, "name")}`;

const changes = ({ props }: Entry, news: Props): Props =>
  Object.fromEntries(Object.entries(news).filter(([key, value]) => value !== props[key]));

function refusesName({ props }: Draft): string | undefined {
  if (text(props, "name").endsWith(FIFO_END) === (props.fifoQueue === true)) return undefined;
  return "InvalidParameterValue: The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix.";
}

function refusesAttributes(draft: Draft, asked: Props, account: Account): string | undefined {
  for (const [key, [least, most]] of Object.entries(RANGES)) {
    const value = Number(asked[key] ?? least);
    if (value < least || value > most) return `InvalidAttributeValue: Invalid value for the parameter ${key}.`;
  }
  const isFifo = draft.props.fifoQueue === true;
  const foreign = isFifo ? undefined : OF_FIFO.find((key) => asked[key] !== undefined);
  if (foreign !== undefined) return `InvalidAttributeName: Unknown Attribute ${foreign}.`;
  return refusesThroughput(draft.props) ?? refusesRedrive(draft, asked, account);
}

function refusesThroughput({ deduplicationScope, fifoThroughputLimit }: Props): string | undefined {
  if (fifoThroughputLimit !== "perMessageGroupId" || deduplicationScope === "messageGroup") return undefined;
  return "InvalidAttributeValue: perMessageGroupId is allowed only when the value for DeduplicationScope is messageGroup.";
}

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
function refusesRedrive({ props, region }: Draft, asked: Props, account: Account): string | undefined {
  if (asked.redrivePolicy === undefined) return undefined;
  const policy = text(asked, "redrivePolicy");
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy) as Props;
  const invalid = (reason: string): string =>
    `InvalidParameterValue: Value ${policy} for parameter RedrivePolicy is invalid. Reason: ${reason}`;
  const target = account.all(QUEUE, region).find((each) => each.props.arn === deadLetterTargetArn);
  if (!target) return invalid("Dead letter target does not exist.");
  if ((target.props.fifoQueue === true) !== (props.fifoQueue === true))
    return invalid("Dead-letter queue must be same type of queue as the source.");
  const count = Number(maxReceiveCount);
  if (!(count >= 1 && count <= 1000)) return invalid("Invalid value for maxReceiveCount.");
  return allowsRedrive(target, props, account) ? undefined : invalid("Dead-letter queue does not allow the source.");
}

/** Any queue of the account may, unless it is said which. */
function allowsRedrive(target: Entry, { name }: Props, account: Account): boolean {
  const policy = account.all(ALLOW_POLICY, target.region).find(({ props }) => props.queueUrl === target.props.url);
  if (!policy) return true;
  const { sourceQueueArns } = JSON.parse(text(policy.props, "redriveAllowPolicy")) as { sourceQueueArns: string[] };
  return sourceQueueArns.some((each) => each.endsWith(`:${String(name)}`));
}

/** Both are attributes of the queue. */
const ofQueue = {
  replacedBy: ["queueUrl"],
  outputs: () => ({}),
  id: "queueUrl",
  refusesCreate: ({ props, region }: Draft, account: Account) =>
    account.all(QUEUE, region).some((each) => each.props.url === props.queueUrl)
      ? undefined
      : "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.",
};

const queuePolicy: ResourceType = { type: "aws:sqs/queuePolicy:QueuePolicy", ...ofQueue };
const redriveAllowPolicy: ResourceType = { type: ALLOW_POLICY, ...ofQueue };

export const QUEUE_TYPES = [queue, queuePolicy, redriveAllowPolicy];
