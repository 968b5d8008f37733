import { expect } from "chai";
import { statementsOf } from "../../support/policies";
import { recordWeb, type WebServiceArgs } from "../../support/webService";

const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const BUCKET = "aws:s3/bucket:Bucket";
const POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const EXPIRY = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";

const logged = (accessLogs: WebServiceArgs["accessLogs"] = true) => recordWeb({ accessLogs });

describe("a load balancer's access logs", () => {
  it("are off unless asked for", async () => {
    for (const recording of [await recordWeb(), await logged(false)]) {
      expect(recording.only(LOAD_BALANCER).inputs.accessLogs).to.deep.equal({ bucket: "", enabled: false });
      expect(recording.resources.filter(({ type }) => type.startsWith("aws:s3/"))).to.be.empty;
    }
  });

  it("go into a bucket of their own, kept for 30 days, that isn't deleted with logs in it", async () => {
    const recording = await logged();
    const bucket = recording.only(BUCKET, "api-access-logs");
    expect(bucket.inputs).to.deep.equal({ forceDestroy: false, tags: {} });
    expect(recording.only(LOAD_BALANCER).inputs.accessLogs).to.deep.equal({ bucket: "api-access-logs", enabled: true });
    expect(recording.only(EXPIRY).inputs.rules).to.deep.equal([
      { id: "expire", status: "Enabled", filter: {}, expiration: { days: 30 } },
    ]);
  });

  it("have another prefix, time and end where they are given", async () => {
    const recording = await logged({ prefix: "shop/api", expireDays: 365, forceDestroy: true });
    expect(recording.only(LOAD_BALANCER).inputs.accessLogs).to.deep.include({ prefix: "shop/api" });
    expect(recording.only(BUCKET).inputs.forceDestroy).to.equal(true);
    expect(recording.only(EXPIRY).inputs).to.deep.nested.include({ "rules[0].expiration": { days: 365 } });
    const [deliver] = statementsOf(recording.only(POLICY));
    expect(deliver?.Resource).to.deep.equal(["arn:aws:s3:::api-access-logs/shop/api/AWSLogs/123456789012/*"]);
  });

  it("are private, the account's own, and encrypted by keys of S3, because those of KMS keep the balancer out", async () => {
    const recording = await logged();
    const bucket = "api-access-logs";
    expect(recording.only("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs).to.deep.equal({
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(recording.only("aws:s3/bucketOwnershipControls:BucketOwnershipControls").inputs).to.deep.equal({
      bucket,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    const encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
    expect(recording.only(encryption).inputs).to.deep.equal({
      bucket,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
  });

  it("are written by this account's load balancers in this Region, and reached over TLS only", async () => {
    const [deliver, tls, ...others] = statementsOf((await logged()).only(POLICY));
    expect(deliver).to.deep.include({
      Effect: "Allow",
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: ["s3:PutObject"],
      Resource: ["arn:aws:s3:::api-access-logs/AWSLogs/123456789012/*"],
      Condition: {
        StringEqualsIfExists: { "aws:SourceAccount": "123456789012" },
        ArnLikeIfExists: { "aws:SourceArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/*" },
      },
    });
    expect(tls).to.deep.include({
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:*"],
      Resource: ["arn:aws:s3:::api-access-logs", "arn:aws:s3:::api-access-logs/*"],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
    expect(others).to.be.empty;
  });

  it("can be written before there is a load balancer, which AWS tries at once", async () => {
    const recording = await logged();
    const loadBalancer = recording.only(LOAD_BALANCER);
    for (const part of recording.resources.filter(({ type }) => type.startsWith("aws:s3/")))
      expect(recording.needs(loadBalancer, part), part.name).to.equal(true);
  });

  it("go into a bucket that is given, of which nothing is made", async () => {
    const recording = await logged({ bucket: "all-logs", prefix: "api" });
    expect(recording.only(LOAD_BALANCER).inputs.accessLogs).to.deep.equal({
      bucket: "all-logs",
      prefix: "api",
      enabled: true,
    });
    expect(recording.resources.filter(({ type }) => type.startsWith("aws:s3/"))).to.be.empty;
  });

  it("have their bucket's args handed to a transform", async () => {
    const recording = await recordWeb({
      accessLogs: true,
      transform: { accessLogsBucket: (args) => ({ ...args, bucket: "shop-logs" }) },
    });
    expect(recording.only(LOAD_BALANCER).inputs.accessLogs).to.deep.include({ bucket: "shop-logs" });
  });
});
