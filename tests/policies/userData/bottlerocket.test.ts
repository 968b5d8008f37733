import { expect } from "chai";
import { readAgentSettings, spotInstanceDraining, stopTimeoutSeconds } from "../../../policies/userData/agentSettings";
import { known, read } from "./read";

describe("Bottlerocket's settings", () => {
  it("stand under the agent's variables", () => {
    const toml = [
      "# The agent",
      "[settings.ecs]",
      'cluster = "prod" # its name',
      "enable-spot-instance-draining = true",
      "container-stop-timeout = '1m30s'",
      'image-pull-behavior = "once"',
      'logging-drivers = ["json-file", "awslogs"]',
      "reserved-memory = 256",
      "allow-privileged-containers = true",
      "metadata-service-rps = 40",
      "",
      "[settings.ecs.instance-attributes]",
      'stack = "blue"',
      "",
      "[settings.host-containers.admin]",
      "enabled = false",
    ];
    expect(read(toml.join("\n"))).to.deep.equal(
      known(
        ["ECS_CLUSTER", "prod"],
        ["ECS_ENABLE_SPOT_INSTANCE_DRAINING", "true"],
        ["ECS_CONTAINER_STOP_TIMEOUT", "1m30s"],
        ["ECS_IMAGE_PULL_BEHAVIOR", "once"],
        ["ECS_AVAILABLE_LOGGING_DRIVERS", '["json-file","awslogs"]'],
        ["ECS_RESERVED_MEMORY", "256"],
        ["ECS_DISABLE_PRIVILEGED", "false"],
        ["ECS_INSTANCE_ATTRIBUTES", '{"stack":"blue"}'],
      ),
    );
  });

  for (const toml of [
    "settings.ecs.enable-spot-instance-draining = true",
    "[settings]\necs = { enable-spot-instance-draining = true }",
    "[settings]\necs.enable-spot-instance-draining = true",
    '["settings"."ecs"]\n"enable-spot-instance-draining" = true',
  ]) {
    it(`are read in each way of TOML: ${JSON.stringify(toml)}`, () => {
      expect(read(toml)).to.deep.equal(known(["ECS_ENABLE_SPOT_INSTANCE_DRAINING", "true"]));
      expect(read(Buffer.from(toml).toString("base64"))).to.deep.equal(read(toml));
    });
  }

  it("are the agent's defaults where they say nothing", () => {
    const settings = readAgentSettings('[settings.ecs]\ncluster = "prod"\n#enable-spot-instance-draining = true\n');
    expect(spotInstanceDraining(settings)).to.deep.equal({ kind: "known", value: false });
    expect(stopTimeoutSeconds(settings)).to.deep.equal({ kind: "known", value: 30 });
  });

  for (const [line, given] of [
    ['container-stop-timeout = "90"', '"90"'],
    ["container-stop-timeout = 90", "90"],
    ['container-stop-timeout = "1s2m"', '"1s2m"'],
    ['container-stop-timeout = ""', '""'],
  ] as const) {
    it(`are undecided where Bottlerocket refuses them: ${line}`, () => {
      expect(read(`[settings.ecs]\n${line}`)).to.deep.equal({
        settings: {
          ECS_CONTAINER_STOP_TIMEOUT: `settings.ecs.container-stop-timeout is ${given}, which Bottlerocket refuses`,
        },
        unread: [],
      });
    });
  }

  it("may be changed by what else runs at boot, and by settings that aren't known", () => {
    const toml = '[settings.bootstrap-containers.disk]\nsource = "x"\n[settings.ecs]\ncluster = "c"\nnew-setting = 1\n';
    expect(read(toml)).to.deep.equal({
      settings: { ECS_CLUSTER: '"c"' },
      unread: ["settings.ecs.new-setting", "settings.bootstrap-containers.disk, which may change settings"],
    });
  });

  it("are unread where they are no TOML", () => {
    const { settings, unread } = read('[settings.ecs]\ncluster = "a"\ncluster = "b"\n');
    expect(settings).to.deep.equal({});
    expect(unread).to.have.length(1);
    expect(unread[0]).to.match(/^the user data, which is no TOML \(Invalid TOML document: /);
  });
});
