import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { userDataCredentials as rule } from "../../../policies/rules/userDataCredentials";
import { stopTimeout } from "../../../policies/rules/stopTimeout";
import { LATER } from "../support/declared";
import { violations, undecided } from "../support/said";
import { webStack } from "../support/stacks";

const booting = (...lines: string[]) => {
  const parts = webStack();
  parts.boot.push(...lines);
  return parts;
};

describe("user-data-credentials", () => {
  it("has nothing against what is read at boot, referred to or left open", () => {
    const lines = [
      "DB_PASSWORD=$(aws ssm get-parameter --name db --query Parameter.Value --output text)",
      'DD_API_KEY="${KEY}" agent install',
      "docker login -u AWS --password-stdin registry.example.com",
      "PASSWORD_FILE=/run/secrets/password",
      "TOKEN=$(curl -X PUT http://169.254.169.254/latest/api/token)",
      "MYSQL_PASSWORD=arn:aws:secretsmanager:eu-west-1:123456789012:secret:db",
      "API_KEY=<your key>",
    ];
    expect(violations(rule, booting(...lines))).to.deep.equal([]);
  });

  it("refuses a literal one, and says where it is but not what", () => {
    expect(violations(rule, booting("export DB_PASSWORD=correct-horse-battery"))).to.deep.equal([
      'ec2.LaunchTemplate "node": its user data has a password or a key in line 4; allowed: none; read it at boot from Secrets Manager or Parameter Store by the instance\'s role, and change it: it has been seen.',
    ]);
  });

  for (const [what, line] of [
    ["an AWS access key", "aws configure set aws_access_key_id ASIA0123456789ABCDEF"],
    ["an AWS secret access key", `AWS_SECRET_ACCESS_KEY=${"aB3/".repeat(10)}`],
    ["a private key", "-----BEGIN RSA PRIVATE KEY-----"],
    [
      "a registry's credentials",
      `echo 'ECS_ENGINE_AUTH_DATA={"r.example.com":{"auth":"ZGVwbG95OnNlY3JldA=="}}' >> /etc/ecs/ecs.config`,
    ],
    ["a registry's password", "docker login -u deploy -p hunter22 registry.example.com"],
    ["a password or a key", 'api_key: "0123456789abcdef"'],
  ] as const) {
    it(`knows ${what}`, () => {
      expect(violations(rule, booting(line))[0]).to.include(`its user data has ${what} in line 4`);
    });
  }

  it("looks into gzip and into each part of MIME", () => {
    const parts = webStack();
    const text = [
      "MIME-Version: 1.0",
      'Content-Type: multipart/mixed; boundary="b"',
      "",
      "--b",
      "Content-Type: text/x-shellscript",
      "",
      "#!/bin/bash",
      "--b",
      "Content-Type: text/x-shellscript",
      "",
      "#!/bin/bash",
      "PASSWORD=correct-horse",
      "--b--",
      "",
    ].join("\n");
    parts.template.set("userData", gzipSync(text).toString("base64"));
    expect(violations(rule, parts)[0]).to.include("a password or a key in line 2 of part 2");
  });

  it("looks at instances that aren't on Spot as well", () => {
    const parts = booting("PASSWORD=correct-horse");
    parts.group.set("mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity", 100);
    expect(violations(rule, parts)).to.have.length(1);
  });

  it("can't tell what user data that isn't known yet has in it", () => {
    const parts = webStack();
    parts.template.set("userData", LATER);
    expect(undecided(rule, parts)).to.deep.equal([
      'ec2.LaunchTemplate "node": userData isn\'t known before the update.',
    ]);
  });

  it("keeps credentials out of what other rules quote", () => {
    const [message] = undecided(stopTimeout, booting("DD_API_KEY=0123456789abcdef ./install.sh"));
    expect(message).to.include("[a password or a key]").and.not.to.include("0123456789abcdef");
  });
});
