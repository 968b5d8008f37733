import { expect } from "chai";
import { FILE, known, read, script } from "./read";

const A = ["ECS_A", "1"] as const;
const B = ["ECS_B", "two words"] as const;

/** Scripts that leave ECS_A=1 and ECS_B=two words. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  "echo and >>": [`echo ECS_A=1 >> ${FILE}`, `echo "ECS_B=two words" >> ${FILE}`],
  "echo -e with line ends": [`echo -e "ECS_A=1\\nECS_B=two words" > ${FILE}`],
  "printf with a format and arguments": [`printf '%s=%s\\n' ECS_A 1 ECS_B 'two words' >> ${FILE}`],
  "a here-document": [`cat <<'EOF' >> ${FILE}`, "ECS_A=1", "ECS_B=two words", "EOF"],
  "a here-document without its tabs": [`cat > ${FILE} <<-END`, "\tECS_A=1", "\tECS_B=two words", "\tEND"],
  "a here-document with variables": ["a=1 b='two words'", `cat > ${FILE} <<EOF`, "ECS_A=$a", "ECS_B=${b}", "EOF"],
  "a here-document in a pipe to sudo tee": [
    `cat <<EOF | sudo tee -a ${FILE} > /dev/null`,
    "ECS_A=1",
    "ECS_B=two words",
    "EOF",
  ],
  "tee with a here-document": [`sudo tee ${FILE} <<EOF >/dev/null`, "ECS_A=1", "ECS_B=two words", "EOF"],
  "a here-string": [`tee -a ${FILE} <<< "ECS_A=1"`, `cat <<< 'ECS_B=two words' >> ${FILE}`],
  "a group": [`{ echo ECS_A=1; echo ECS_B=two words; } >> ${FILE}`],
  "a subshell": [`(`, "  echo ECS_A=1", "  echo ECS_B='two words'", `) > ${FILE}`],
  "a variable with the file's name": [
    `CONFIG=${FILE}`,
    'echo ECS_A=1 >> "$CONFIG"',
    "echo ECS_B=two words >> ${CONFIG}",
  ],
  "a folder gone to": ["cd /etc/ecs && echo ECS_A=1 >> ecs.config", "echo ECS_B=two words >> ./ecs.config"],
  "a copied file": ["cat > /tmp/agent <<EOF", "ECS_A=1", "ECS_B=two words", "EOF", `install -m 600 /tmp/agent ${FILE}`],
  "a temporary file moved": [
    'tmp="$(mktemp)"',
    'echo ECS_A=1 > "$tmp"',
    'echo ECS_B=two words >> "$tmp"',
    `mv "$tmp" ${FILE}`,
  ],
  "sed that replaces": [`printf 'ECS_A=0\\nECS_B=two words\\n' > ${FILE}`, `sed -i 's/^ECS_A=.*/ECS_A=1/' ${FILE}`],
  "sed that removes a comment": [
    `printf '#ECS_A=1\\nECS_B=two words\\n' > ${FILE}`,
    `sed -i.bak -e 's|^#\\s*ECS_A|ECS_A|' ${FILE}`,
  ],
  "sed that appends": [`echo ECS_A=1 > ${FILE}`, `sed -i '$ a ECS_B=two words' ${FILE}`],
  "sed with extended expressions": [
    `printf 'ECS_A=11\\nECS_B=two words\\n' > ${FILE}`,
    `sed -E -i 's/^(ECS_A)=([0-9])[0-9]+$/\\1=\\2/;/^#/d' ${FILE}`,
  ],
  "sed that deletes": [
    `printf 'ECS_C=3\\nECS_A=1\\nECS_B=two words\\n' > ${FILE}`,
    `sed --in-place '/^ECS_C=/d' ${FILE}`,
  ],
  "bash -c and sh -c": [`sudo bash -c 'echo ECS_A=1 >> ${FILE}'`, `sudo sh -c "echo ECS_B=two words >> ${FILE}"`],
  "bash that reads a here-document": [
    "sudo bash <<'EOF'",
    `echo ECS_A=1 >> ${FILE}`,
    `echo ECS_B=two words >> ${FILE}`,
    "EOF",
  ],
  "a script written and run": [
    "cat > /opt/s.sh <<'EOF'",
    "#!/bin/bash",
    `echo ECS_A=$1 >> ${FILE}`,
    "EOF",
    "chmod +x /opt/s.sh",
    "/opt/s.sh 1",
    `echo ECS_B=two words >> ${FILE}`,
  ],
  "a file of variables sourced": [
    "echo 'X=1' > /tmp/env",
    ". /tmp/env",
    `echo ECS_A=$X >> ${FILE}`,
    `echo ECS_B=two words >> ${FILE}`,
  ],
  "a function": [`setting() { echo "$1=$2" >> ${FILE}; }`, "setting ECS_A 1", 'setting ECS_B "two words"'],
  "a loop over settings": [`for setting in ECS_A=1 "ECS_B=two words"; do echo "$setting" >> ${FILE}; done`],
  "a loop over braces": [`for i in {1..1}; do echo ECS_A=$i >> ${FILE}; done`, `echo ECS_B=two words >> ${FILE}`],
  "sums and cut texts": [
    "n=$((4 - 3)) t=two-words.x",
    `echo ECS_A=$n >> ${FILE}`,
    "s=${t%.*}",
    `echo "ECS_B=\${s//-/ }" >> ${FILE}`,
  ],
  "a default": [`echo ECS_A=\${A:-1} >> ${FILE}`, `echo "ECS_B=\${B:=two words}" >> ${FILE}`],
  "texts cut and changed": [
    "a=xx1 b=two-words-",
    'echo "ECS_A=${a##x*x}" >> /etc/ecs/ecs.config',
    's=${b%-} u=TWO; echo "ECS_B=${u,,} ${s:4}" >> /etc/ecs/ecs.config',
  ],
  "counts and defaults that are set": [
    "set -- one; d=x",
    `echo ECS_A=$# >> ${FILE}`,
    'echo "ECS_B=${d:+two words}" >> /etc/ecs/ecs.config',
  ],
  "printf into a variable": [
    "printf -v line '%b=%d' ECS_A 1",
    `echo "$line" >> ${FILE}`,
    `echo ECS_B=two words >> ${FILE}`,
  ],
  "a filter": [
    `printf 'ECS_A=1\\n#ECS_C=3\\n' | grep -v '^#' >> ${FILE}`,
    `echo ECS_B=x | sed -e 's/x/two words/' >> ${FILE}`,
  ],
  truncate: [
    `echo ECS_C=1 > ${FILE}`,
    `truncate -s 0 ${FILE}`,
    `echo ECS_A=1 >> ${FILE}`,
    `echo ECS_B=two words >> ${FILE}`,
  ],
  "a variable that is unset": ["x=9; unset x", `echo ECS_A=1$x >> ${FILE}`, `echo ECS_B=two words >> ${FILE}`],
  "sed with lines": [
    `echo ECS_B=two words > ${FILE}`,
    `sed -i '1i ECS_A=1' ${FILE}`,
    `sed -i -e '/^ECS_A/c\\ECS_A=1' -e '2s/^/&/' ${FILE}`,
  ],
  "a group whose commands print nothing": [
    `{ mkdir -p /x; chmod 700 /x; echo ECS_A=1; echo ECS_B=two words; } >> ${FILE}`,
  ],
  "a known line among unknown ones": [
    `echo ECS_A=1 >> ${FILE}`,
    `echo "# $X" >> ${FILE}`,
    `grep -q '^ECS_A=' ${FILE} || echo ECS_A=2 >> ${FILE}`,
    `echo ECS_B=two words >> ${FILE}`,
  ],
  "a variable of a function's own": [
    "x=1; f() { local x=2; }; f",
    `echo ECS_A=$x >> ${FILE}`,
    `echo ECS_B=two words >> ${FILE}`,
  ],
  "tests of known files": [
    "echo > /tmp/x",
    `[ -s /tmp/x ] && [ 2 -gt 1 ] && ! [ -z a ] && echo ECS_A=1 >> ${FILE}`,
    `if [[ -n a && ! ( b == c* ) ]]; then echo ECS_B=two words >> ${FILE}; fi`,
  ],
  "a command's output": [`echo ECS_A=$(echo 1) >> ${FILE}`, `echo "ECS_B=\`printf 'two words'\`" >> ${FILE}`],
  "a condition that is known": [
    `if ! grep -q ECS_A ${FILE}; then echo ECS_A=1 >> ${FILE}; fi`,
    `[[ x == x ]] && echo ECS_B=two words >> ${FILE}`,
    `grep -q '^ECS_B=' ${FILE} || echo ECS_B=no >> ${FILE}`,
  ],
  "a case that is known": [
    "env=prod",
    `case "$env" in p*) echo ECS_A=1 >> ${FILE} ;; *) echo ECS_A=2 >> ${FILE} ;; esac`,
    `echo ECS_B=two words >> ${FILE}`,
  ],
  "branches that agree": [
    "if [ -f /x ]; then a=1; else a=1; fi",
    `echo ECS_A=$a >> ${FILE}`,
    `case $y in 1) b=1 ;; *) ;; esac; echo ECS_B=two words >> ${FILE}`,
  ],
  "a file that is begun again": [
    `echo ECS_C=3 >> ${FILE}`,
    `: > ${FILE}`,
    `echo ECS_A=1 >> ${FILE}`,
    `echo ECS_B=two words >> ${FILE}`,
  ],
  "a file that is removed first": [
    `curl -o ${FILE} https://example.com/x`,
    `rm -f ${FILE}`,
    `echo ECS_A=1 >> ${FILE}`,
    `echo ECS_B=two words >> ${FILE}`,
  ],
  "a continued line": ["echo \\", `  ECS_A=1 >> ${FILE}`, 'echo "ECS_B=two \\', `words" >> ${FILE}`],
  "base64 in the script": [
    `echo ${Buffer.from("ECS_A=1\nECS_B=two words\n").toString("base64")} | base64 -d >> ${FILE}`,
  ],
};

describe("a script's settings", () => {
  for (const [way, lines] of Object.entries(WAYS)) {
    it(`are read from ${way}`, () => {
      expect(read(script(...lines))).to.deep.equal(known(A, B));
    });
  }

  it("aren't those of a comment, a function that isn't called, a branch not taken or a file elsewhere", () => {
    const lines = [
      `# echo ECS_A=2 >> ${FILE}`,
      `echo '# ECS_A=2' >> ${FILE}`,
      `never() { echo ECS_A=2 >> ${FILE}; }`,
      `if false; then echo ECS_A=2 >> ${FILE}; fi`,
      `false && echo ECS_A=2 >> ${FILE}`,
      "echo ECS_A=2 >> /tmp/ecs.config",
      `echo ECS_A=2 '>>' ${FILE}`,
      "export ECS_A=2",
    ];
    expect(read(script(...lines))).to.deep.equal(known());
  });

  it("end where the script does", () => {
    const lines = [`echo ECS_A=1 >> ${FILE}`, "exit 0", `echo ECS_A=2 >> ${FILE}`];
    expect(read(script(...lines))).to.deep.equal(known(A));
  });

  it("go on after a function that returns early, and end with one that exits", () => {
    const early = ["f() { if [ -f /x ]; then return; fi; echo ECS_B=2 > /tmp/b; }", "f", `echo ECS_A=1 >> ${FILE}`];
    expect(read(script(...early))).to.deep.equal(known(A));
    const lines = [
      `echo ECS_A=1 >> ${FILE}`,
      "f() { if [ -f /x ]; then return; fi; exit 0; }",
      "f",
      `echo ECS_A=2 >> ${FILE}`,
    ];
    expect(read(script(...lines)).settings).to.deep.equal({ ECS_A: "it depends on where the script ends" });
  });

  it("are those of a boot that goes well", () => {
    const lines = [
      "set -euo pipefail",
      "yum install -y jq || exit 1",
      '[ -n "$REGION" ] || { echo no region; exit 1; }',
      `mkdir -p /etc/ecs && echo ECS_A=1 >> ${FILE}`,
    ];
    expect(read(script(...lines))).to.deep.equal(known(A));
  });

  it("don't run together where a line has no end, as the file's don't either", () => {
    const lines = [`printf ECS_A=1 >> ${FILE}`, `echo ECS_B=2 >> ${FILE}`];
    expect(read(script(...lines))).to.deep.equal(known(["ECS_A", "1ECS_B=2"]));
  });

  it("aren't touched by commands that have nothing to do with them", () => {
    const lines = [
      `echo ECS_A=1 >> ${FILE}`,
      "exec > >(tee /var/log/user-data.log | logger -t user-data -s 2>/dev/console) 2>&1",
      "sudo yum install -y amazon-efs-utils && systemctl enable --now amazon-ssm-agent",
      'TOKEN=$(curl -sX PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60")',
      "until docker info >/dev/null 2>&1; do sleep 1; done",
      "/opt/aws/bin/cfn-signal -e $? --stack s --resource r --region eu-west-1",
      "cat > /etc/docker/daemon.json <<EOF",
      '{"live-restore": true}',
      "EOF",
      "mkdir -p /etc/systemd/system/ecs.service.d",
      "printf '[Unit]\\nAfter=cloud-final.service\\n' > /etc/systemd/system/ecs.service.d/order.conf",
      "iptables -t nat -A PREROUTING -p tcp -d 169.254.170.2 --dport 80 -j DNAT --to-destination 127.0.0.1:51679",
      `chmod 600 ${FILE}`,
      'echo "$TOKEN" > "/var/log/$HOSTNAME.log"',
    ];
    expect(read(script(...lines))).to.deep.equal(known(A));
  });
});
