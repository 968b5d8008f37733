import { expect } from "chai";
import { recordWeb } from "../../support/webService";

const RECORD = "aws:route53/record:Record";
const CERTIFICATE = "aws:acm/certificate:Certificate";
const VALIDATION = "aws:acm/certificateValidation:CertificateValidation";

const hostedZoneId = "Z1";
const domainNames = ["shop.example.com", "*.shop.example.com", "example.org"];

describe("a certificate made here", () => {
  it("is for all names, the first one first, and validated by DNS", async () => {
    const recording = await recordWeb({ domainNames, hostedZoneId, tags: { team: "web" } });
    expect(recording.only(CERTIFICATE).inputs).to.deep.equal({
      domainName: "shop.example.com",
      subjectAlternativeNames: ["*.shop.example.com", "example.org"],
      validationMethod: "DNS",
      tags: { team: "web" },
    });
  });

  it("is validated by a record for each name; a name and its wildcard share theirs", async () => {
    const recording = await recordWeb({ domainNames, hostedZoneId });
    const validating = recording.ofType(RECORD).filter(({ name }) => name.startsWith("api-validation-"));
    expect(validating.map(({ name }) => name)).to.have.members([
      "api-validation-shop.example.com",
      "api-validation-example.org",
    ]);
    expect(recording.only(RECORD, "api-validation-shop.example.com").inputs).to.deep.equal({
      zoneId: "Z1",
      name: "_validate.shop.example.com.",
      type: "CNAME",
      records: ["_validated.acm-validations.aws."],
      ttl: 60,
      allowOverwrite: true,
    });
  });

  it("is listened with once it is issued", async () => {
    const recording = await recordWeb({ domainNames, hostedZoneId });
    const validation = recording.only(VALIDATION);
    expect(validation.inputs.validationRecordFqdns).to.deep.equal([
      "_validate.shop.example.com.",
      "_validate.example.org.",
    ]);
    const https = recording.only("aws:lb/listener:Listener", "api-https");
    expect(https.inputs.certificateArn).to.equal(recording.only(CERTIFICATE).outputs.arn);
    expect(recording.needs(https, validation)).to.equal(true);
    for (const record of recording.ofType(RECORD).filter(({ name }) => name.startsWith("api-validation-")))
      expect(recording.needs(validation, record), record.name).to.equal(true);
  });

  it("has its args handed to a transform", async () => {
    const keyAlgorithm = "EC_prime256v1";
    const transform = { certificate: (args: object) => ({ ...args, keyAlgorithm }) };
    const recording = await recordWeb({ domainNames, hostedZoneId, transform });
    expect(recording.only(CERTIFICATE).inputs.keyAlgorithm).to.equal(keyAlgorithm);
  });
});
