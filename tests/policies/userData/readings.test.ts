import { expect } from "chai";
import {
  type AgentSettings,
  clusterName,
  readAgentSettings,
  spotInstanceDraining,
  stopTimeoutSeconds,
} from "../../../policies/userData/agentSettings";
import { FILE, read, script } from "./read";

/** The settings of a file with these lines. */
function fileOf(...lines: string[]): AgentSettings {
  return readAgentSettings(script(`cat > ${FILE} <<'EOF'`, ...lines, "EOF"));
}

describe("the agent's reading of its file", () => {
  it("takes the last of two lines", () => {
    const settings = fileOf("ECS_CLUSTER=one", "ECS_CLUSTER=two");
    expect(clusterName(settings)).to.deep.equal({ kind: "known", value: "two" });
  });

  it("keeps quotes, so that a quoted flag is off and a quoted duration is the default", () => {
    const settings = fileOf('ECS_ENABLE_SPOT_INSTANCE_DRAINING="true"', "ECS_CONTAINER_STOP_TIMEOUT='90s'");
    expect(settings.settings.get("ECS_ENABLE_SPOT_INSTANCE_DRAINING")).to.deep.equal({
      kind: "known",
      value: '"true"',
    });
    expect(spotInstanceDraining(settings)).to.deep.equal({ kind: "known", value: false });
    expect(stopTimeoutSeconds(settings)).to.deep.equal({ kind: "known", value: 30 });
  });

  for (const line of [
    "#ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
    "export ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
    "ECS_ENABLE_SPOT_INSTANCE_DRAINING =true",
    "ecs_enable_spot_instance_draining=true",
    "ECS_ENABLE_SPOT_INSTANCE_DRAINING:true",
  ]) {
    it(`doesn't see ${line}`, () => {
      expect(spotInstanceDraining(fileOf(line))).to.deep.equal({ kind: "known", value: false });
    });
  }

  it("trims a line and takes DOS line ends", () => {
    const settings = fileOf("  ECS_CLUSTER=a=b  \r", "\tECS_ENABLE_SPOT_INSTANCE_DRAINING=true\r");
    expect(clusterName(settings)).to.deep.equal({ kind: "known", value: "a=b" });
    expect(spotInstanceDraining(settings)).to.deep.equal({ kind: "known", value: true });
  });

  it("prefers what the instance's owner writes to what the image brings", () => {
    const lines = ["echo ECS_CLUSTER=owner > /etc/ecs/ecs.config", "echo ECS_CLUSTER=image > /var/lib/ecs/ecs.config"];
    expect(read(script(...lines)).settings).to.deep.equal({ ECS_CLUSTER: '"owner"' });
    expect(read(script(lines[1]!)).settings).to.deep.equal({ ECS_CLUSTER: '"image"' });
  });

  for (const [text, value] of [
    ...["true", "TRUE", "True", "t", "T", "1", " true "].map((yes) => [yes, true] as const),
    ...["false", "0", "F", "yes", "on", "tRuE", "", "true # comment", "enabled"].map((no) => [no, false] as const),
  ]) {
    it(`takes "${text}" for ${value}`, () => {
      const settings = fileOf(`ECS_ENABLE_SPOT_INSTANCE_DRAINING=${text}`);
      expect(spotInstanceDraining(settings)).to.deep.equal({ kind: "known", value });
    });
  }

  for (const [text, seconds] of [
    ["2m", 120],
    ["1m59s", 119],
    ["120s", 120],
    ["0h2m", 120],
    ["90", 30],
    ["", 30],
    ["0s", 30],
    ["10ms", 1],
    ["-5s", 1],
    [" 90s", 30],
  ] as const) {
    it(`takes a stop timeout of "${text}" for ${seconds} s`, () => {
      const settings = fileOf(`ECS_CONTAINER_STOP_TIMEOUT=${text}`);
      expect(stopTimeoutSeconds(settings)).to.deep.equal({ kind: "known", value: seconds });
    });
  }

  for (const nothing of ["", "  \n", script("yum update -y")]) {
    it(`has its defaults after ${JSON.stringify(nothing)}`, () => {
      const settings = readAgentSettings(nothing);
      expect(settings.unread).to.deep.equal([]);
      expect(spotInstanceDraining(settings)).to.deep.equal({ kind: "known", value: false });
      expect(stopTimeoutSeconds(settings)).to.deep.equal({ kind: "known", value: 30 });
      expect(clusterName(settings)).to.deep.equal({ kind: "known", value: "default" });
    });
  }

  it("is undecided about what may have been set where nobody can read, and only about that", () => {
    const settings = readAgentSettings(script("source /opt/x.sh", `echo ECS_CLUSTER=late >> ${FILE}`));
    expect(clusterName(settings)).to.deep.equal({ kind: "known", value: "late" });
    expect(spotInstanceDraining(settings)).to.deep.equal({
      kind: "undecided",
      reason: "it may have been set where it couldn't be read: line 2: `source /opt/x.sh`",
    });
  });
});
