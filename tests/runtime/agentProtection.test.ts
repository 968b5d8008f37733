import { expect } from "chai";
import { agentProtection } from "../../runtime/agentProtection";
import { ProtectionError } from "../../runtime/protectionError";
import type { Protection } from "../../runtime/workProtection";
import { FakeAgent, type Mood } from "./fakeAgent";

const MINUTE = 60_000;

async function errorOf(call: Promise<unknown>): Promise<ProtectionError> {
  try {
    await call;
  } catch (error) {
    expect(error).to.be.instanceOf(ProtectionError);
    return error as ProtectionError;
  }
  throw new Error("The call succeeded.");
}

describe("protection through the ECS agent", () => {
  let agent: FakeAgent;
  beforeEach(async () => {
    agent = await new FakeAgent().start();
  });
  afterEach(() => agent.stop());

  const inMinutes = ({ expiresAt }: Protection): number => (expiresAt! - Date.now()) / MINUTE;

  it("sets protection for so many minutes, reads it, and ends it", async () => {
    const protection = agentProtection({ agentUri: agent.uri });
    const set = await protection.set(true, 60);
    expect(set.enabled).to.equal(true);
    expect(inMinutes(set)).to.be.within(55, 60);
    expect(await protection.get()).to.deep.equal(set);
    expect(await protection.set(false)).to.deep.equal({ enabled: false });
    expect(await protection.get()).to.deep.equal({ enabled: false });
    const path = "/api/7e1f/task-protection/v1/state";
    expect(agent.calls).to.deep.equal([
      { method: "PUT", path, body: { ProtectionEnabled: true, ExpiresInMinutes: 60 } },
      { method: "GET", path, body: {} },
      { method: "PUT", path, body: { ProtectionEnabled: false } },
      { method: "GET", path, body: {} },
    ]);
  });

  const cases: readonly [Mood, string, string, boolean][] = [
    ["throttles", "throttled", "Rate exceeded", true],
    ["blocks", "blocked", "raise the desired count", true],
    ["forbids", "noTaskRole", "give the task definition a taskRoleArn", true],
    ["speaks HTML", "agentTooOld", "from version 1.65 on", true],
    ["fails", "failing", "ServerException", false],
    ["hangs up", "unreachable", "socket hang up", false],
    ["is silent", "unreachable", "no answer within 0.05 s", false],
  ];
  for (const [mood, kind, text, changedNothing] of cases) {
    it(`names what it is when the agent ${mood}, and what to change`, async () => {
      agent.mood = mood;
      const timeoutMs = mood === "is silent" ? 50 : 10_000;
      const error = await errorOf(agentProtection({ agentUri: agent.uri, timeoutMs }).set(true, 60));
      expect(error).to.include({ kind, changedNothing });
      expect(error.message).to.include(text);
    });
  }

  it("says where the agent's address comes from when there is none", async () => {
    const before = process.env.ECS_AGENT_URI;
    delete process.env.ECS_AGENT_URI;
    try {
      const error = await errorOf(agentProtection().get());
      expect(error.kind).to.equal("notOnEcs");
      expect(error.message).to.include("ECS_AGENT_URI is not set. The ECS agent gives this variable");
    } finally {
      if (before !== undefined) process.env.ECS_AGENT_URI = before;
    }
  });

  it("is unreachable where nothing listens", async () => {
    const { uri } = agent;
    agent.stop();
    expect((await errorOf(agentProtection({ agentUri: uri }).get())).kind).to.equal("unreachable");
  });
});
