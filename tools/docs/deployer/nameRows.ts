/** A load balancer's names and certificate, and where it logs. */
import { actions, namedArn, type Row, type Rows } from "./actions";

const acm = (names: string): string[] => actions("acm", names);
const route53 = (names: string): string[] => actions("route53", names);
const s3 = (names: string): string[] => actions("s3", names);

const CERTIFICATE = [namedArn("acm", "certificate/*")];
const BUCKET = ["arn:aws:s3:::NAME-*"];

/** A setting of a bucket. */
const setting = (put: string, read: string, remove = put): Row => ({
  resources: BUCKET,
  create: s3(put),
  read: s3(read),
  delete: s3(remove),
});

export const NAMES: Rows = {
  "aws:acm/certificate:Certificate": {
    resources: CERTIFICATE,
    create: acm("RequestCertificate AddTagsToCertificate"),
    read: acm("DescribeCertificate ListTagsForCertificate"),
    update: acm("RemoveTagsFromCertificate UpdateCertificateOptions"),
    delete: acm("DeleteCertificate"),
  },
  "aws:acm/certificateValidation:CertificateValidation": {
    resources: CERTIFICATE,
    create: acm("DescribeCertificate"),
    read: acm("DescribeCertificate"),
    delete: [],
  },
  "aws:route53/record:Record": {
    resources: ["arn:aws:route53:::hostedzone/*", "arn:aws:route53:::change/*"],
    create: route53("ChangeResourceRecordSets"),
    read: route53("GetChange GetHostedZone ListResourceRecordSets"),
    delete: route53("ChangeResourceRecordSets"),
  },
  "aws:s3/bucket:Bucket": {
    resources: [...BUCKET, "arn:aws:s3:::NAME-*/*"],
    create: s3("CreateBucket PutBucketTagging TagResource"),
    // The provider reads every setting that a bucket can have.
    read: s3(
      "GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLogging GetBucketObjectLockConfiguration GetBucketPolicy " +
        "GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration " +
        "GetLifecycleConfiguration GetReplicationConfiguration ListBucket ListTagsForResource",
    ),
    update: s3("UntagResource"),
    // With forceDestroy, what is in it goes first.
    delete: s3("DeleteBucket DeleteObject DeleteObjectVersion ListBucketVersions"),
  },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": setting(
    "PutBucketOwnershipControls",
    "GetBucketOwnershipControls",
  ),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": setting(
    "PutBucketPublicAccessBlock",
    "GetBucketPublicAccessBlock",
  ),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": setting(
    "PutEncryptionConfiguration",
    "GetEncryptionConfiguration",
  ),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": setting(
    "PutLifecycleConfiguration",
    "GetLifecycleConfiguration",
  ),
  "aws:s3/bucketPolicy:BucketPolicy": setting("PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy"),
};
