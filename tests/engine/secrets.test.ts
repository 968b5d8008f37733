import { expect } from "chai";
import { Deployment, type Outcome } from "./support/deployment";
import { GIVEN_VPC } from "./support/networks";
import { succeeded } from "./support/outcomes";

const PASSWORD = "xyzzy-plugh-42";
const PUBLIC = "shop.example.com";

/** Without the debug messages, which the CLI shows with `--debug` only: Pulumi's own SDK writes there whatever it sends. */
function log({ printed, events }: Outcome): string {
  const shown = events.filter(({ diagnosticEvent }) => (diagnosticEvent?.severity as string | undefined) !== "debug");
  return printed + JSON.stringify(shown);
}

describe("a secret of the configuration", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await Deployment.create({ config: GIVEN_VPC });
    await deployment.setSecret("environment[0]", `PASSWORD=${PASSWORD}`);
    deployment.configure({ command: ["serve", PUBLIC] });
  });
  after(() => deployment.close());

  it("reaches the container, but is nowhere in what the CLI prints nor in the engine's events", async () => {
    const up = succeeded(await deployment.up());
    const [definition] = deployment.account.all("aws:ecs/taskDefinition:TaskDefinition");
    expect(definition?.props.containerDefinitions).to.include(PASSWORD).and.to.include(PUBLIC);
    expect(log(up)).not.to.include(PASSWORD);
  });

  it("is nowhere in a preview that changes it", async () => {
    await deployment.setSecret("environment[0]", `PASSWORD=${PASSWORD}-2`);
    const preview = succeeded(await deployment.preview());
    expect(preview.summary.replace).to.equal(1);
    expect(log(preview)).not.to.include(PASSWORD);
  });

  it("is ciphertext in the state and in the stack's file", async () => {
    succeeded(await deployment.up());
    expect(deployment.stateText()).to.include("ciphertext").and.not.to.include(PASSWORD);
    expect(deployment.configText()).to.include("secure:").and.not.to.include(PASSWORD);
    // What is no secret can be read there.
    expect(deployment.configText()).to.include(PUBLIC);
  });

  it("stays so wherever it goes: to the alarms, to the containers' secrets", async () => {
    const arns = {
      topic: "arn:aws:sns:eu-west-1:123456789012:frobozz",
      token: "arn:aws:ssm:eu-west-1:123456789012:parameter/gunther",
    };
    await deployment.setSecret("alarmTopicArn", arns.topic);
    await deployment.setSecret("secrets.TOKEN", arns.token);
    const up = succeeded(await deployment.up());
    const [definition] = deployment.account.all("aws:ecs/taskDefinition:TaskDefinition");
    expect(definition?.props.containerDefinitions).to.include(arns.token);
    for (const secret of ["frobozz", "gunther"]) {
      expect(deployment.stateText()).not.to.include(secret);
      expect(log(up)).not.to.include(secret);
    }
  });
});
