import { ECS } from "@aws-sdk/client-ecs";
import { expect } from "chai";
import { ProtectionError } from "../../runtime/protectionError";
import { sdkProtection, type EcsProtectionClient } from "../../runtime/sdkProtection";
import { FakeAgent } from "./fakeAgent";

const TASK = {
  cluster: "shop",
  tasks: ["arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef0123456789abcdef"],
};

describe("protection through the SDK", () => {
  let agent: FakeAgent;
  let inputs: unknown[];
  let answer: () => Promise<object>;
  const ecs: EcsProtectionClient = {
    getTaskProtection: (input) => (inputs.push(input), answer()),
    updateTaskProtection: (input) => (inputs.push(input), answer()),
  };

  beforeEach(async () => {
    agent = await new FakeAgent().start();
    inputs = [];
  });
  afterEach(() => agent.stop());

  const protection = () => sdkProtection({ ecs, metadataUri: agent.uri });
  const kindOf = async (call: Promise<unknown>): Promise<string> => {
    const error: unknown = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return error instanceof ProtectionError ? error.kind : `no ProtectionError: ${String(error)}`;
  };

  it("takes the SDK's own client", () => {
    const client: EcsProtectionClient = new ECS({ region: "eu-west-1" });
    expect(client).to.respondTo("updateTaskProtection");
  });

  it("asks for the task once, sets, reads and ends its protection", async () => {
    const expirationDate = new Date("2026-11-25T01:00:00Z");
    answer = async () => ({ protectedTasks: [{ protectionEnabled: true, expirationDate }], failures: [] });
    const on = protection();
    const state = { enabled: true, expiresAt: expirationDate.getTime() };
    expect(await on.set(true, 60)).to.deep.equal(state);
    expect(await on.get()).to.deep.equal(state);
    answer = async () => ({ protectedTasks: [{ protectionEnabled: false }] });
    expect(await on.set(false, 60)).to.deep.equal({ enabled: false });
    expect(inputs).to.deep.equal([
      { ...TASK, protectionEnabled: true, expiresInMinutes: 60 },
      TASK,
      { ...TASK, protectionEnabled: false },
    ]);
    expect(agent.calls.map((call) => call.path)).to.deep.equal(["/api/7e1f/task"]);
  });

  it("names failures and errors as the agent's are named", async () => {
    const on = protection();
    answer = async () => ({ protectedTasks: [], failures: [{ reason: "DEPLOYMENT_BLOCKED", detail: "too many" }] });
    expect(await kindOf(on.set(true, 60))).to.equal("blocked");
    answer = async () => ({ protectedTasks: [], failures: [] });
    expect(await kindOf(on.get())).to.equal("failing");
    const thrown: [string, number | undefined, string][] = [
      ["ThrottlingException", 400, "throttled"],
      ["AccessDeniedException", 400, "forbidden"],
      ["ServerException", 500, "failing"],
      ["InvalidParameterException", 400, "refused"],
      ["TimeoutError", undefined, "failing"],
    ];
    for (const [name, httpStatusCode, kind] of thrown) {
      answer = async () => {
        throw Object.assign(new Error("as ECS says"), { name, $metadata: { httpStatusCode } });
      };
      expect(await kindOf(on.get())).to.equal(kind);
    }
  });

  it("asks for the task again where the metadata failed", async () => {
    const { uri } = agent;
    agent.stop();
    answer = async () => ({ protectedTasks: [{ protectionEnabled: false }] });
    expect(await kindOf(sdkProtection({ ecs, metadataUri: uri }).get())).to.equal("unreachable");
    agent = await new FakeAgent().start();
    expect(await protection().get()).to.deep.equal({ enabled: false });
  });
});
