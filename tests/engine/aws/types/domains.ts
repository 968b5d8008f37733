/** Certificates and names: ACM and Route 53. */
import type { Account, Entry } from "../account";
import { arn, text, valuesAt, type Props, type ResourceType } from "../resourceType";

const CERTIFICATE = "aws:acm/certificate:Certificate";
const RECORD = "aws:route53/record:Record";

const namesOf = ({ domainName, subjectAlternativeNames }: Props): string[] => [
  String(domainName),
  ...valuesAt({ subjectAlternativeNames }, "subjectAlternativeNames").map(String),
];

/** Of the account and the name alone: every certificate has the same, and a name and its wildcard too. */
function validation(domainName: string): Props {
  const name = domainName.replace(/^\*\./, "");
  return {
    domainName,
    resourceRecordName: `_validation.${name}.`,
    resourceRecordType: "CNAME",
    resourceRecordValue: `_of.${name}.acm-validations.aws.`,
  };
}

const certificate: ResourceType = {
  type: CERTIFICATE,
  replacedBy: ["domainName", "subjectAlternativeNames", "validationMethod", "keyAlgorithm"],
  outputs: (props, place) => ({
    arn: arn("acm", `certificate/${place.serial}`, place),
    domainValidationOptions: namesOf(props).map(validation),
  }),
  id: "arn",
  refusesDelete: ({ props, region }, account) => {
    const inUse = ["aws:lb/listener:Listener", "aws:lb/listenerCertificate:ListenerCertificate"].some((type) =>
      account.all(type, region).some((each) => each.props.certificateArn === props.arn),
    );
    return inUse ? `ResourceInUseException: Certificate ${text(props, "arn")} is in use` : undefined;
  },
};

const certificateValidation: ResourceType = {
  type: "aws:acm/certificateValidation:CertificateValidation",
  replacedBy: ["certificateArn", "validationRecordFqdns"],
  outputs: ({ certificateArn }) => ({ certificateArn }),
  refusesCreate: ({ props }, account) => {
    const missing = unvalidated(account.find(CERTIFICATE, text(props, "certificateArn")), account);
    return missing.length > 0 ? `the certificate waits for the validation of ${missing.join(", ")}` : undefined;
  },
  created: ({ props }, account) => {
    const issued = account.find(CERTIFICATE, text(props, "certificateArn"));
    if (issued) issued.live.issued = true;
  },
};

function unvalidated(waiting: Entry | undefined, account: Account): string[] {
  const options = valuesAt(waiting?.props, "domainValidationOptions") as Props[];
  const isThere = (option: Props): boolean =>
    account
      .all(RECORD)
      .some(
        ({ props }) =>
          props.name === option.resourceRecordName && valuesAt(props, "records").includes(option.resourceRecordValue),
      );
  return options.filter((option) => !isThere(option)).map(({ domainName }) => String(domainName));
}

const isSameRecord = (a: Props, b: Props): boolean =>
  ["zoneId", "name", "type", "setIdentifier"].every((property) => a[property] === b[property]);

const record: ResourceType = {
  type: RECORD,
  replacedBy: ["name", "zoneId", "setIdentifier"],
  outputs: ({ name }) => ({ fqdn: String(name).replace(/\.$/, "") }),
  refusesCreate: ({ props }, account) =>
    props.allowOverwrite !== true && account.all(RECORD).some((each) => isSameRecord(each.props, props))
      ? `InvalidChangeBatch: Tried to create resource record set [name='${text(props, "name")}', type='${text(props, "type")}'] but it already exists`
      : undefined,
};

export const DOMAIN_TYPES = [certificate, certificateValidation, record];
