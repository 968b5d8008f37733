/** An ACM certificate for names in a Route 53 hosted zone, which it is validated through. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { transformed, type Transform } from "../transform";

export interface CertificateSettings {
  readonly domainNames: readonly string[];
  readonly hostedZoneId: pulumi.Input<string>;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: Transform<aws.acm.CertificateArgs>;
}

export interface Certificate {
  readonly certificate: aws.acm.Certificate;
  readonly validationRecords: readonly aws.route53.Record[];
  /** Known once the certificate is issued: a listener takes no other. */
  readonly arn: pulumi.Output<string>;
}

/** How long a resolver may keep a validation record. */
const VALIDATION_RECORD_TTL_SECONDS = 60;

/** A changed list of names makes another certificate, which the listener takes before the old one is deleted.
 * @see https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html */
export function makeCertificate(name: string, settings: CertificateSettings, parent: pulumi.Resource): Certificate {
  const { domainNames, hostedZoneId, tags, transform } = settings;
  const [domainName = "", ...subjectAlternativeNames] = domainNames;
  const args: aws.acm.CertificateArgs = { domainName, subjectAlternativeNames, validationMethod: "DNS", tags };
  const options = { parent, deleteBeforeReplace: false };
  const certificate = new aws.acm.Certificate(`${name}-certificate`, transformed(args, transform), options);
  const validationRecords = validatedNames(domainNames).map((validated) => {
    const option = certificate.domainValidationOptions.apply((all) =>
      all.find((each) => withoutWildcard(each.domainName) === validated),
    );
    const record: aws.route53.RecordArgs = {
      zoneId: hostedZoneId,
      name: option.apply((each) => each?.resourceRecordName ?? ""),
      type: option.apply((each) => (each?.resourceRecordType ?? "CNAME") as aws.route53.RecordType),
      records: [option.apply((each) => each?.resourceRecordValue ?? "")],
      ttl: VALIDATION_RECORD_TTL_SECONDS,
      // AWS gives every certificate of one account for one name the same record.
      allowOverwrite: true,
    };
    return new aws.route53.Record(`${name}-validation-${validated}`, record, { parent });
  });
  const validation = new aws.acm.CertificateValidation(
    `${name}-certificate-validation`,
    { certificateArn: certificate.arn, validationRecordFqdns: validationRecords.map(({ fqdn }) => fqdn) },
    { parent },
  );
  return { certificate, validationRecords, arn: validation.certificateArn };
}

const withoutWildcard = (domainName: string): string => domainName.replace(/^\*\./, "");

/** A name and its wildcard are validated by one record. */
const validatedNames = (domainNames: readonly string[]): string[] => [...new Set(domainNames.map(withoutWildcard))];
