/** Buckets of S3 and repositories of ECR. */
import { createHash } from "node:crypto";
import type { Account, Entry } from "../account";
import { text, valuesAt, type Draft, type Props, type ResourceType } from "../resourceType";

const BUCKET = "aws:s3/bucket:Bucket";
const BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy";

const bucket: ResourceType = {
  type: BUCKET,
  named: { property: "bucket", longest: 63 },
  replacedBy: ["bucket"],
  outputs: (props) => ({ arn: `arn:aws:s3:::${text(props, "bucket")}` }),
  id: "bucket",
  refusesDelete: ({ props, live }) =>
    live.hasObjects === true && props.forceDestroy !== true
      ? "BucketNotEmpty: The bucket you tried to delete is not empty"
      : undefined,
};

/** Settings of a bucket, which are resources of their own. */
const part = (type: string): ResourceType => ({
  type,
  replacedBy: ["bucket"],
  outputs: () => ({}),
  refusesCreate: ({ props }: Draft, account: Account) =>
    account.find(BUCKET, text(props, "bucket")) ? undefined : "NoSuchBucket: The specified bucket does not exist",
});

const PARTS = [
  BUCKET_POLICY,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
];

const logsBucket = ({ accessLogs }: Props, account: Account): Entry | undefined => {
  const { enabled, bucket: name } = (accessLogs ?? {}) as Props;
  return enabled === true ? account.find(BUCKET, String(name)) : undefined;
};

/** Elastic Load Balancing tries to write before it takes the setting. A bucket that isn't of the account's stacks is taken for good. */
export function logsProblem(balancer: Props, account: Account): string | undefined {
  const made = logsBucket(balancer, account);
  if (!made) return undefined;
  const policies = account.all(BUCKET_POLICY).filter(({ props }) => props.bucket === made.id);
  return policies.some(({ props }) => text(props, "policy").includes("logdelivery.elasticloadbalancing.amazonaws.com"))
    ? undefined
    : `InvalidConfigurationRequest: Access Denied for bucket: ${made.id}. Please check S3bucket permission`;
}

/** The first object, at once. */
export function writeLogs({ props }: Entry, account: Account): void {
  const made = logsBucket(props, account);
  if (made) made.live.hasObjects = true;
}

const REPOSITORY = "aws:ecr/repository:Repository";

const repository: ResourceType = {
  type: REPOSITORY,
  named: { property: "name", longest: 256 },
  replacedBy: ["name", "encryptionConfigurations"],
  outputs: (props, { accountId, region }) => ({
    arn: `arn:aws:ecr:${region}:${accountId}:repository/${text(props, "name")}`,
    repositoryUrl: `${accountId}.dkr.ecr.${region}.amazonaws.com/${text(props, "name")}`,
  }),
  id: "name",
  refusesDelete: ({ props, live }) =>
    live.digests !== undefined && props.forceDelete !== true
      ? `RepositoryNotEmptyException: The repository with name '${text(props, "name")}' cannot be deleted because it still contains images`
      : undefined,
};

const lifecyclePolicy: ResourceType = {
  type: "aws:ecr/lifecyclePolicy:LifecyclePolicy",
  replacedBy: ["repository"],
  outputs: () => ({}),
};

/** What docker-build pushes: a digest under a tag. */
const image: ResourceType = {
  type: "docker-build:index:Image",
  replacedBy: ["tags", "buildArgs", "context", "dockerfile", "platforms", "target"],
  outputs: (props) => ({ digest: digestOf(props), ref: `${reference(props)}@${digestOf(props)}` }),
  refusesCreate: ({ props }, account) => {
    const into = repositoryOf(props, account);
    if (!into) return `name unknown: The repository of ${reference(props)} does not exist`;
    const { digests = {} } = into.live as { digests?: Record<string, string> };
    const there = digests[reference(props)];
    return there !== undefined && there !== digestOf(props) && into.props.imageTagMutability === "IMMUTABLE"
      ? `tag invalid: The image tag of ${reference(props)} already exists and cannot be overwritten because the tag is immutable`
      : undefined;
  },
  created: ({ props }, account) => {
    const { live } = repositoryOf(props, account)!;
    live.digests = { ...(live.digests as object | undefined), [reference(props)]: digestOf(props) };
  },
  /** By digest: with it go all its tags. */
  deleted: ({ props }, account) => {
    const into = repositoryOf(props, account);
    if (!into) return;
    const left = Object.entries(into.live.digests ?? {}).filter(([, digest]) => digest !== digestOf(props));
    into.live.digests = left.length > 0 ? Object.fromEntries(left) : undefined;
  },
};

const reference = (props: Props): string => String(valuesAt(props, "tags")[0]);

const repositoryOf = (props: Props, account: Account): Entry | undefined =>
  account.all(REPOSITORY).find((each) => reference(props).startsWith(`${text(each.props, "repositoryUrl")}:`));

/** Stands for the build. */
function digestOf({ tags, buildArgs, context, dockerfile, platforms, target }: Props): string {
  const build = JSON.stringify([tags, buildArgs, context, dockerfile, platforms, target]);
  return `sha256:${createHash("sha256").update(build).digest("hex")}`;
}

export const STORAGE_TYPES = [bucket, ...PARTS.map(part), repository, lifecyclePolicy, image];
