import { expect } from "chai";
import { FILE, read, script } from "./read";

const SET = `echo ECS_A=1 >> ${FILE}`;

describe("what can't be known", () => {
  /** Scripts after which ECS_A is undecided, and why. */
  const REASONS: readonly (readonly [string, readonly string[], string])[] = [
    ["a variable without a value", [`echo ECS_A=$A >> ${FILE}`], "line 2: `$A` has no known value"],
    [
      "an unknown in a here-document",
      [`cat > ${FILE} <<EOF`, "ECS_A=${A}", "EOF"],
      "line 3: `${A}` has no known value",
    ],
    ["an unknown within a value", [SET, `echo "ECS_A=x-$A-y" >> ${FILE}`], "line 3: `$A` has no known value"],
    [
      "a command's output",
      [`echo ECS_A=$(aws ssm get-parameter --name x) >> ${FILE}`],
      "what line 2: `aws ssm get-parameter --name x` prints is only known at boot",
    ],
    ["a branch", [`if [ -e /opt/x ]; then ${SET}; fi`], "it depends on line 2: `[ -e /opt/x ]`"],
    [
      "branches that differ",
      [`if systemctl is-active x; then a=1; else a=2; fi`, `echo ECS_A=$a >> ${FILE}`],
      "it depends on line 2: `systemctl is-active x`",
    ],
    ["a command after &&", [`[ -d /opt ] && ${SET}`], "it depends on line 2: `[ -d /opt ]`"],
    ["a command after ||", [`yum install -y x || ${SET}`], "it depends on line 2: `yum install -y x`"],
    ["a case", [`case $X in a) ${SET} ;; esac`], `it depends on line 2: \`case $X in a) ${SET} ;; esac\``],
    [
      "a loop",
      [`while read -r x; do ${SET}; done < /opt/list`],
      "it depends on how often line 2: `while read -r x; do echo ECS_A=1 >> /etc/ecs/ecs.config; don…` runs",
    ],
    [
      "an earlier end",
      [SET, "if [ -f /done ]; then exit 0; fi", `echo ECS_A=2 >> ${FILE}`],
      "it depends on where the script ends",
    ],
    ["a later script from elsewhere", [SET, "source /opt/x.sh"], "line 3: `source /opt/x.sh` may have changed it"],
    [
      "a later download",
      [SET, `aws s3 cp s3://bucket/ecs.config ${FILE}`],
      `line 3: \`aws s3 cp s3://bucket/ecs.config ${FILE}\` may have changed it`,
    ],
    [
      "sed on a line of the image",
      [`sed -i 's/^#ECS_A=.*/ECS_A=1/' ${FILE}`],
      `line 2: \`sed -i 's/^#ECS_A=.*/ECS_A=1/' ${FILE}\` edits what the image's file may have`,
    ],
    [
      "sed on a branch",
      [`if [ -f /x ]; then ${SET}; fi`, `sed -i 's/=1/=2/' ${FILE}`],
      "it depends on line 2: `[ -f /x ]`",
    ],
    [
      "an item of a list",
      [`for x in $LIST; do echo ECS_A=$x >> ${FILE}; done`],
      "it depends on how often line 2: `for x in $LIST; do echo ECS_A=$x >> /etc/ecs/ecs.config; don…` runs",
    ],
    [
      "what is read",
      ["read -r x < /opt/x", `echo ECS_A=$x >> ${FILE}`],
      "what line 2: `read -r x < /opt/x` reads is only known at boot",
    ],
    [
      "sed on an unknown value",
      [`echo ECS_A=$X > ${FILE}`, `sed -i 's/=.*/=1/' ${FILE}`],
      `line 3: \`sed -i 's/=.*/=1/' ${FILE}\` may have changed it`,
    ],
  ];
  for (const [what, lines, reason] of REASONS) {
    it(`is undecided, with the reason: ${what}`, () => {
      expect(read(script(...lines)).settings).to.deep.equal({ ECS_A: reason });
    });
  }

  /** Commands after which any variable may have been set. */
  const UNREAD: readonly (readonly [string, string])[] = [
    ["source /opt/x.sh", "line 2: `source /opt/x.sh`"],
    [". ./x.sh", "line 2: `. ./x.sh`"],
    [
      "curl -fsSL https://example.com/x | sudo bash -s -- -y",
      "line 2: `curl -fsSL https://example.com/x | sudo bash -s -- -y`",
    ],
    ["bash <(curl -s https://example.com/x)", "line 2: `bash <(curl -s https://example.com/x)`"],
    ['eval "$(curl -s https://example.com/x)"', 'line 2: `eval "$(curl -s https://example.com/x)"`'],
    ["python3 -c 'print(1)'", "line 2: `python3 -c 'print(1)'`"],
    ["/opt/company/bootstrap --spot", "line 2: `/opt/company/bootstrap --spot`"],
    ["company-bootstrap", "line 2: `company-bootstrap`"],
    ["/opt/aws/bin/cfn-init -s stack -r group", "line 2: `/opt/aws/bin/cfn-init -s stack -r group`"],
    [`wget -O ${FILE} https://example.com/x`, `line 2: \`wget -O ${FILE} https://example.com/x\``],
    ["aws s3 sync s3://bucket/ /etc/ecs", "line 2: `aws s3 sync s3://bucket/ /etc/ecs`"],
    ["cp -r /opt/config/. /etc/ecs/", "line 2: `cp -r /opt/config/. /etc/ecs/`"],
    [`cp /opt/agent.config ${FILE}`, `line 2: \`cp /opt/agent.config ${FILE}\` takes what a file holds at boot`],
    ['echo ECS_A=1 >> "$FILE"', 'line 2: `>> "$FILE"`'],
    ["echo ECS_A=1 | tee -a /etc/ecs/*", "line 2: `echo ECS_A=1 | tee -a /etc/ecs/*`"],
    [`echo "$LINES_OF_IT" >> ${FILE}`, "line 2: `$LINES_OF_IT` has no known value"],
    [`awk -i inplace 1 ${FILE}`, `line 2: \`awk -i inplace 1 ${FILE}\``],
    [
      "docker run -d --env ECS_CLUSTER=x amazon/amazon-ecs-agent:latest",
      "line 2: `docker run -d --env ECS_CLUSTER=x amazon/amazon-ecs-agent:la…`",
    ],
    [`exec >> ${FILE}`, `line 2: \`exec >> ${FILE}\``],
    ["aws s3 ls | xargs -I{} sh -c '{}'", "line 2: `aws s3 ls | xargs -I{} sh -c '{}'`"],
    [
      "cat template | envsubst > /etc/ecs/ecs.config",
      "what line 2: `cat template | envsubst > /etc/ecs/ecs.config` prints is only known at boot",
    ],
    ["echo ECS_A=1 > >(tee /etc/ecs/ecs.config)", "what line 2: `>(tee /etc/ecs/ecs.config)` is given"],
    ["settings=(ECS_A=1); echo ${settings[0]} >> /etc/ecs/ecs.config", "line 2: `${settings[0]}` has no known value"],
    [
      `find /etc/ecs -name '*.config' -exec sed -i s/a/b/ {} +`,
      "line 2: `find /etc/ecs -name '*.config' -exec sed -i s/a/b/ {} +`",
    ],
    ['rm -f "$FILE"', 'line 2: `rm -f "$FILE"`'],
    [`sed -i 's/a/b/' "$FILE"`, `line 2: \`sed -i 's/a/b/' "$FILE"\``],
    [`sed -i 'N;P;D' ${FILE}`, `line 2: \`sed -i 'N;P;D' ${FILE}\``],
    [`ln -sf /opt/agent.config ${FILE}`, `line 2: \`ln -sf /opt/agent.config ${FILE}\``],
    [`printf '%5s' x > ${FILE}`, `line 2: \`printf '%5s' x > ${FILE}\` prints what can't be told`],
    [
      `grep -o ECS.* /opt/all > ${FILE}`,
      `what line 2: \`grep -o ECS.* /opt/all > ${FILE}\` finds is only known at boot`,
    ],
    ["su - admin", "line 2: `su - admin`"],
    ["if true; then echo", "line 3, where its syntax is wrong"],
    ["echo '{}' > /etc/ecs/ecs.config.json", "/etc/ecs/ecs.config.json, which the user data writes"],
    [
      "printf '[Service]\\nEnvironment=ECS_A=1\\n' > /etc/systemd/system/ecs.service.d/x.conf",
      "/etc/systemd/system/ecs.service.d/x.conf, which the user data writes",
    ],
  ];
  for (const [command, place] of UNREAD) {
    it(`is said with its place: ${command}`, () => {
      expect(read(script(command)).unread).to.deep.equal([place]);
    });
  }

  it("makes undecided what was set before it, not what is set after", () => {
    const { settings, unread } = read(script(SET, "company-bootstrap", `echo ECS_B=2 >> ${FILE}`));
    expect(settings).to.deep.equal({ ECS_A: "line 3: `company-bootstrap` may have changed it", ECS_B: '"2"' });
    expect(unread).to.deep.equal(["line 3: `company-bootstrap`"]);
  });

  it("is of no matter once the file is written anew", () => {
    expect(read(script("company-bootstrap", `echo ECS_A=1 > ${FILE}`))).to.deep.equal({
      settings: { ECS_A: '"1"' },
      unread: [],
    });
  });

  /** User data in forms that aren't read, or that is made to harm. */
  const OTHERS: readonly (readonly [string, string])[] = [
    ["#!/usr/bin/env python3\nprint(1)\n", "line 1: `#!/usr/bin/env python3`, whose script isn't a shell's"],
    ["## template: jinja\n#cloud-config\n{}\n", "the user data, which begins with `## template: jinja` (text/jinja2)"],
    ["#include\nhttps://example.com/x\n", "the user data, which begins with `#include` (text/x-include-url)"],
    [
      "<powershell>\nInitialize-ECSAgent -Cluster x\n</powershell>",
      "the user data, which begins with `<powershell>` (no type that cloud-init knows)",
    ],
    [
      '{"ECSAgentConfiguration":{"Cluster":"x"}}',
      'the user data, which begins with `{"ECSAgentConfiguration":{"Cluster":"x"}}` (no type that cloud-init knows)',
    ],
    [
      `echo ECS_A=1 >> ${FILE}`,
      `the user data, which begins with \`echo ECS_A=1 >> ${FILE}\` (no type that cloud-init knows)`,
    ],
    [Buffer.from([0x1f, 0x8b, 1, 2, 3]).toString("base64"), "the user data, whose gzip is damaged or too long"],
    ["x".repeat(2_000_000), "the user data, which is longer than EC2 takes"],
    [script("f() { f; f; }", "f"), "the user data, which takes too many steps to follow"],
    [script(":(){ :|:& };:"), "the user data, which takes too many steps to follow"],
    [script("X=a", "for i in {1..250}; do X=$X$X; done"), "the user data, which takes too many steps to follow"],
    [
      script(`echo ${"a".repeat(200)} > ${FILE}`, `sed -i 's/a*a*a*a*a*a*b/x/' ${FILE}`),
      "the user data, which takes too many steps to follow",
    ],
  ];
  for (const [userData, reason] of OTHERS) {
    it(`is said of ${JSON.stringify(userData.slice(0, 60))}`, () => {
      expect(read(userData)).to.deep.equal({ settings: {}, unread: [reason] });
    });
  }
});
