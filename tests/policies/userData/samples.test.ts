import { expect } from "chai";
import { renderUserData } from "../../../components/cluster/userData";
import {
  clusterName,
  readAgentSettings,
  spotInstanceDraining,
  stopTimeoutSeconds,
} from "../../../policies/userData/agentSettings";
import { FILE, read, script } from "./read";

interface Expected {
  readonly cluster: string;
  readonly draining: boolean;
  readonly stopTimeout: number;
}

function expectSettings(userData: string, { cluster, draining, stopTimeout }: Expected): void {
  for (const text of [userData, Buffer.from(userData).toString("base64")]) {
    const settings = readAgentSettings(text);
    expect(settings.unread).to.deep.equal([]);
    expect(clusterName(settings)).to.deep.equal({ kind: "known", value: cluster });
    expect(spotInstanceDraining(settings)).to.deep.equal({ kind: "known", value: draining });
    expect(stopTimeoutSeconds(settings)).to.deep.equal({ kind: "known", value: stopTimeout });
  }
}

describe("user data in the form that is usual", () => {
  it("of the cluster component", () => {
    const settings = { clusterName: "web", stopTimeoutSeconds: 60, imagePullBehavior: "once" } as const;
    const expected = { cluster: "web", draining: true, stopTimeout: 60 };
    expectSettings(renderUserData(settings), expected);
    const registryCredentialsSecretArn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry";
    expectSettings(renderUserData({ ...settings, registryCredentialsSecretArn }), expected);
    expect(read(renderUserData({ ...settings, registryCredentialsSecretArn })).settings.ECS_ENGINE_AUTH_DATA).to.equal(
      "what line 12: `aws secretsmanager get-secret-value --region 'eu-west-1' --s…` prints is only known at boot",
    );
  });

  it("of AWS's guide, with a here-document", () => {
    const lines = [
      `cat <<'EOF' >> ${FILE}`,
      "ECS_CLUSTER=MyCluster",
      'ECS_AVAILABLE_LOGGING_DRIVERS=["json-file","awslogs"]',
      "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
      'ECS_CONTAINER_INSTANCE_TAGS={"tag_key": "tag_value"}',
      "EOF",
    ];
    expectSettings(script(...lines), { cluster: "MyCluster", draining: true, stopTimeout: 30 });
  });

  it("of AWS's guide, in several parts", () => {
    const userData = [
      'Content-Type: multipart/mixed; boundary="==BOUNDARY=="',
      "MIME-Version: 1.0",
      "",
      "--==BOUNDARY==",
      'Content-Type: text/cloud-boothook; charset="us-ascii"',
      "",
      "#cloud-boothook",
      "cloud-init-per once docker_options echo 'OPTIONS=\"${OPTIONS} --storage-opt dm.basesize=20G\"' >> /etc/sysconfig/docker",
      "",
      "--==BOUNDARY==",
      'Content-Type: text/x-shellscript; charset="us-ascii"',
      "",
      "#!/bin/bash",
      "# Set any ECS agent configuration options",
      `echo "ECS_CLUSTER=parts" >> ${FILE}`,
      `echo ECS_CONTAINER_STOP_TIMEOUT=1m50s>>${FILE};`,
      "--==BOUNDARY==--",
    ].join("\n");
    expectSettings(userData, { cluster: "parts", draining: false, stopTimeout: 110 });
  });

  it("of the CDK", () => {
    const lines = [
      `echo ECS_CLUSTER=Stack-Cluster-1X >> ${FILE}`,
      "sudo iptables --insert FORWARD 1 --in-interface docker+ --destination 169.254.169.254/32 --jump DROP",
      "sudo service iptables save",
      `echo ECS_AWSVPC_BLOCK_IMDS=true >> ${FILE}`,
      `echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> ${FILE}`,
    ];
    expectSettings(script(...lines), { cluster: "Stack-Cluster-1X", draining: true, stopTimeout: 30 });
  });

  it("of a Terraform module, an indented template", () => {
    const lines = [
      "",
      `        cat <<'EOF' >> ${FILE}`,
      "        ECS_CLUSTER=ex-fixture",
      "        ECS_LOGLEVEL=debug",
      "        ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
      "        EOF",
      "EOF",
    ];
    expectSettings(script(...lines), { cluster: "ex-fixture", draining: true, stopTimeout: 30 });
  });

  it("of CloudFormation with signals", () => {
    const lines = [
      "yum install -y aws-cfn-bootstrap",
      `echo ECS_CLUSTER=cfn >> ${FILE}`,
      `echo 'ECS_CONTAINER_STOP_TIMEOUT=100s' | sudo tee -a ${FILE}`,
      "# Signal",
      "/opt/aws/bin/cfn-signal -e $? --stack web --resource Group --region eu-west-1 || true",
    ];
    expectSettings(script(...lines), { cluster: "cfn", draining: false, stopTimeout: 100 });
  });

  it("of a script with proxies, swap and agents", () => {
    const lines = [
      "set -xeuo pipefail",
      "exec > >(tee /var/log/user-data.log|logger -t user-data -s 2>/dev/console) 2>&1",
      'PROXY="http://proxy.internal:3128"',
      "mkdir -p /etc/systemd/system/docker.service.d",
      "cat <<EOF > /etc/systemd/system/docker.service.d/http-proxy.conf",
      "[Service]",
      'Environment="HTTP_PROXY=$PROXY"',
      "EOF",
      `cat <<EOF >> ${FILE}`,
      "ECS_CLUSTER=proxied",
      "HTTP_PROXY=$PROXY",
      "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
      "EOF",
      "if ! swapon --show | grep -q swapfile; then",
      "  fallocate -l 2G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile",
      "fi",
      "sysctl -w net.core.somaxconn=4096",
      "systemctl daemon-reload && systemctl restart docker --no-block",
      "systemctl enable --now --no-block ecs",
    ];
    expectSettings(script(...lines), { cluster: "proxied", draining: true, stopTimeout: 30 });
  });

  it("of a cloud-config", () => {
    const userData = [
      "#cloud-config",
      "repo_update: true",
      "packages: [nfs-utils, amazon-efs-utils]",
      "write_files:",
      "  - path: /etc/ecs/ecs.config",
      "    owner: root:root",
      "    content: |",
      "      ECS_CLUSTER=config",
      "      ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
      "runcmd:",
      "  - mkdir -p /mnt/efs",
      '  - test -f "/sbin/mount.efs" && echo "fs-1:/ /mnt/efs efs tls,_netdev" >> /etc/fstab',
      "  - mount -a -t efs,nfs4 defaults",
      "  - sed -i '/^ECS_CLUSTER=/s/config/changed/' /etc/ecs/ecs.config",
    ].join("\n");
    expectSettings(userData, { cluster: "changed", draining: true, stopTimeout: 30 });
  });

  it("of Bottlerocket", () => {
    const userData =
      '[settings.ecs]\ncluster = "rocket"\nenable-spot-instance-draining = true\n\n[settings.host-containers.admin]\nenabled = true\n';
    expectSettings(userData, { cluster: "rocket", draining: true, stopTimeout: 30 });
  });

  it("of a template whose placeholders nobody filled in", () => {
    const settings = readAgentSettings(
      script(
        `echo ECS_CLUSTER=\${cluster_name} >> ${FILE}`,
        `echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=\${spot} >> ${FILE}`,
      ),
    );
    expect(spotInstanceDraining(settings)).to.deep.equal({
      kind: "undecided",
      reason: "line 3: `${spot}` has no known value",
    });
  });
});
