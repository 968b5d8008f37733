import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { renderUserData } from "../../../components/cluster/userData";

const SETTINGS = { clusterName: "shop-1a2b3c4", stopTimeoutSeconds: 60, imagePullBehavior: "prefer-cached" as const };
const SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf";

describe("the user data", () => {
  it("is the agent's settings and nothing else", () => {
    expect(renderUserData(SETTINGS)).to.equal(
      [
        "#!/bin/bash",
        "set -euo pipefail",
        "cat >> /etc/ecs/ecs.config <<'EOF'",
        "ECS_CLUSTER=shop-1a2b3c4",
        "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
        "ECS_CONTAINER_STOP_TIMEOUT=60s",
        "ECS_ENABLE_CONTAINER_METADATA=true",
        "ECS_IMAGE_PULL_BEHAVIOR=prefer-cached",
        "EOF",
        "",
      ].join("\n"),
    );
  });

  it("reads a private registry's credentials at boot, in the secret's own region, and holds none of them", () => {
    const script = renderUserData({ ...SETTINGS, registryCredentialsSecretArn: SECRET_ARN });
    expect(script).to.match(
      /aws secretsmanager get-secret-value --region 'eu-west-1' --secret-id 'arn:aws:secretsmanager:/,
    );
    expect(script).not.to.match(/password|auth_data=\{/i);
  });

  it("is a script that bash can read, with credentials or without", () => {
    for (const registryCredentialsSecretArn of [undefined, SECRET_ARN]) {
      const input = renderUserData({ ...SETTINGS, registryCredentialsSecretArn });
      expect(() => execFileSync("bash", ["-n"], { input, stdio: ["pipe", "pipe", "pipe"] })).not.to.throw();
    }
  });

  it("writes credentials with quotes, backslashes and line breaks as one line that the agent can parse, and prints nothing", () => {
    const secret = '{"registry.example.com": {"username": "me",\n "password": "it\'s $HOME \\\\ \\" %s"}}';
    const config = join(tmpdir(), `ecs.config.${process.pid}`);
    const script = renderUserData({ ...SETTINGS, registryCredentialsSecretArn: SECRET_ARN }).replaceAll(
      "/etc/ecs/ecs.config",
      config,
    );
    const fakeAws = 'aws() { printf "%s\\n" "$SECRET"; }';
    const env = { ...process.env, SECRET: secret };
    const printed = execFileSync("bash", ["-c", `${fakeAws}\nrm -f ${config}\n${script}`], { env, encoding: "utf8" });
    const written = readFileSync(config, "utf8");
    const mode = statSync(config).mode & 0o777;
    rmSync(config);
    const line = written.split("\n").find((each) => each.startsWith("ECS_ENGINE_AUTH_DATA="));
    expect(JSON.parse(line?.slice("ECS_ENGINE_AUTH_DATA=".length) ?? "")).to.deep.equal(JSON.parse(secret));
    expect(written).to.contain("ECS_ENGINE_AUTH_TYPE=docker\n");
    expect(mode, "only root may read it").to.equal(0o600);
    expect(printed).to.equal("");
  });
});
