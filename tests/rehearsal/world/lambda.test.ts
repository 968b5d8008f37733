import { expect } from "chai";
import { connectTo } from "../../../rehearsal/api/dispatch";
import { noFaults } from "../../../rehearsal/world/faults";
import { mapEvents } from "../../../rehearsal/world/lambda/eventSource";
import { LambdaFunction, type FunctionSpec, type Result } from "../../../rehearsal/world/lambda/function";
import { arn, HOUR, later, makeQueue, makeWorld, MINUTE, SECOND } from "./support";

/** A function with this handler body. */
function withFunction(body: string, spec: Partial<FunctionSpec> = {}) {
  const logged = makeWorld();
  const fn = new LambdaFunction(
    {
      name: "fn",
      arn: arn("lambda", "function:fn"),
      text: `let calls = 0; exports.handler = async (event, context) => { calls++; ${body} };`,
      environment: { STAGE: "test" },
      timeoutMs: 25 * SECOND,
      memoryMiB: 128,
      reservedConcurrency: undefined,
      statements: [],
      ...spec,
    },
    logged.world.context,
    connectTo(logged.world),
  );
  logged.world.functions.push(fn);
  return { ...logged, fn };
}

async function resultOf(body: string, spec: Partial<FunctionSpec> = {}): Promise<Result> {
  const { world, fn } = withFunction(body, spec);
  let result: Result | undefined;
  fn.invoke({ given: 1 }, (ended) => (result = ended));
  await world.run(MINUTE);
  return result!;
}

const valueOf = async (body: string): Promise<unknown> => {
  const result = await resultOf(body);
  return result.ok ? result.value : result.error;
};

describe("Lambda sandbox", () => {
  it("gives the world's time, in Date and in timers", async () => {
    const value = await valueOf(`
      const before = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 5000));
      return [new Date(before).toISOString(), Date.now() - before, new Date() instanceof Date, new Date(0).getTime()];`);
    expect(value).to.deep.equal(["2026-01-01T00:00:00.400Z", 5000, true, 0]);
  });

  it("gives chance from the seed: the same numbers for the same seed", async () => {
    const body = "return [Math.random(), Math.max(1, 2), crypto.randomUUID()];";
    const [first, again] = [await valueOf(body), await valueOf(body)];
    expect(first).to.deep.equal(again);
    expect((first as unknown[])[1]).to.equal(2);
  });

  it("gives the declared environment, and none of ours", async () => {
    expect(await valueOf("return [process.env.STAGE, process.env.PATH];")).to.deep.equal(["test", undefined]);
  });

  it("gives what is left of the timeout", async () => {
    const value = await valueOf(
      "await new Promise((resolve) => setTimeout(resolve, 1000)); return context.getRemainingTimeInMillis();",
    );
    expect(value).to.equal(24_000);
  });

  it("has the AWS SDK and harmless built-in modules, and says what it hasn't", async () => {
    expect(await valueOf(`return require("node:path").basename("/a/b");`)).to.equal("b");
    expect(await valueOf(`return typeof require("@aws-sdk/client-sqs").SQS;`)).to.equal("function");
    expect(await valueOf(`require("node:fs");`)).to.match(/requires node:fs: a rehearsal has the AWS SDK's clients/);
    expect(await valueOf(`require("left-pad");`)).to.match(/requires left-pad/);
  });

  it("has no way around: no real time, network or chance by globalThis", async () => {
    const value = await valueOf(
      "return [globalThis.Date === Date, global.setTimeout === setTimeout, performance.now(), globalThis.process === process];",
    );
    expect(value).to.deep.equal([true, true, 0, true]);
    expect(await valueOf(`await fetch("https://example.org");`)).to.match(/no network/);
    expect(await valueOf("setInterval(() => undefined, 10);")).to.match(/setInterval is not modelled/);
  });

  it("writes what the handler prints to the log", async () => {
    const { world, fn, of } = withFunction(`console.log("hello", 1);`);
    fn.invoke({}, () => undefined);
    await world.run(MINUTE);
    expect(of("lambda.Log").map((line) => line.text)).to.deep.equal(["hello 1"]);
  });
});

describe("Lambda", () => {
  it("starts cold once and keeps the environment warm for the next", async () => {
    const { world, fn } = withFunction("return calls;");
    const values: unknown[] = [];
    const at: number[] = [];
    const note = (result: Result): void => {
      if (result.ok) values.push(result.value);
      at.push(world.clock.now);
    };
    fn.invoke({}, note);
    await world.run(MINUTE);
    fn.invoke({}, note);
    await later(world, 11 * MINUTE);
    fn.invoke({}, note);
    await later(world, MINUTE);
    expect(values).to.deep.equal([1, 2, 1]);
    expect(at).to.deep.equal([400, MINUTE, 12 * MINUTE + 400]);
  });

  it("runs one invocation at a time in an environment", async () => {
    const { world, fn } = withFunction("await new Promise((resolve) => setTimeout(resolve, 1000)); return calls;");
    const values: unknown[] = [];
    for (let count = 0; count < 3; count++) fn.invoke({}, (result) => values.push(result.ok && result.value));
    await world.run(MINUTE);
    expect(values).to.deep.equal([1, 1, 1]);
  });

  it("ends what takes longer than the timeout, for good", async () => {
    const { world, fn, of } = withFunction(
      `await new Promise((resolve) => setTimeout(resolve, 30000)); console.log("after");`,
    );
    let error = "";
    fn.invoke({}, (result) => (error = result.ok ? "" : result.error));
    await world.run(2 * MINUTE);
    expect(error).to.equal("Task timed out");
    expect([fn.errors, of("lambda.Log").length, fn.billedMs]).to.deep.equal([1, 0, 25 * SECOND]);
  });

  it("tells of a handler that throws, in a promise or not, and of a text that doesn't load", async () => {
    expect(await resultOf(`throw new Error("no");`)).to.deep.equal({ ok: false, error: "Error: no" });
    const text = `exports.handler = () => { throw new Error("at once"); };`;
    expect(await resultOf("", { text })).to.deep.equal({ ok: false, error: "Error: at once" });
    const broken = await resultOf("", { text: `throw new Error("init");` });
    expect(broken).to.deep.equal({ ok: false, error: "Error: init" });
  });

  it("tells of each initialisation that failed, and not of a handler that throws", async () => {
    const failures = async (body: string, text?: string): Promise<string[]> => {
      const { world, fn } = withFunction(body, text === undefined ? {} : { text });
      const errors: string[] = [];
      fn.initializationFailed.subscribe((error) => errors.push(error));
      fn.invoke({}, () => undefined);
      fn.invoke({}, () => undefined);
      await world.run(MINUTE);
      return errors;
    };
    expect(await failures(`throw new Error("no");`)).to.deep.equal([]);
    expect(await failures("", `require("left-pad");`))
      .to.have.lengthOf(2)
      .and.satisfy(([error]: string[]) => error!.includes("requires left-pad"));
    expect(await failures("", "exports.other = 1;")).to.deep.equal([
      "Error: the emitted text exports no handler",
      "Error: the emitted text exports no handler",
    ]);
  });

  it("kills a handler half-way where the faults say so: no more of it happens", async () => {
    const { world, fn, of } = withFunction(
      `await new Promise((resolve) => setTimeout(resolve, 1000)); console.log("after");`,
    );
    fn.faults = { ...noFaults, handlerDies: () => true };
    let error = "";
    fn.invoke({}, (result) => (error = result.ok ? "" : result.error));
    await world.run(MINUTE);
    expect([error, of("lambda.Log").length]).to.deep.equal(["Runtime exited", 0]);
  });
});

describe("Lambda, invoked asynchronously", () => {
  const failing = `console.log(String(Date.now() - Date.UTC(2026, 0, 1))); throw new Error("no");`;

  it("tries a failed event again after one minute and after two more, and then drops it", async () => {
    const { world, fn, of } = withFunction(failing);
    fn.invokeAsync({});
    await world.run(HOUR);
    const seconds = of("lambda.Log").map((line) => Math.round(Number(line.text) / SECOND));
    expect(seconds).to.deep.equal([0, 60, 180]);
    expect(of("lambda.EventDropped")).to.have.length(1);
  });

  it("tries a throttled event again until there is room, without counting it as a failure", async () => {
    const { world, fn } = withFunction("await new Promise((resolve) => setTimeout(resolve, 20000));", {
      reservedConcurrency: 1,
    });
    for (let count = 0; count < 3; count++) fn.invokeAsync({});
    await world.run(10 * MINUTE);
    expect([fn.invocations, fn.errors]).to.deep.equal([3, 0]);
    expect(fn.throttles).to.be.greaterThan(2);
  });

  it("gives a throttled event up after six hours", async () => {
    const { world, fn, of } = withFunction("", { reservedConcurrency: 0 });
    fn.invokeAsync({});
    await world.run(7 * HOUR);
    expect([fn.invocations, of("lambda.EventDropped").length]).to.deep.equal([0, 1]);
  });
});

describe("Lambda, fed from a queue", () => {
  function fed(body: string, reportsBatchItemFailures = true) {
    const made = withFunction(body);
    const queue = makeQueue(made.world);
    mapEvents(queue, made.fn, { batchSize: 10, batchingWindowMs: 0, reportsBatchItemFailures }, made.world.context);
    return { ...made, queue };
  }

  it("deletes what was handled, and leaves what was named as failed", async () => {
    const { world, queue } = fed(
      `return { batchItemFailures: event.Records.filter(({ body }) => body === "bad").map(({ messageId }) => ({ itemIdentifier: messageId })) };`,
    );
    queue.send("good");
    queue.send("bad");
    await world.run(10 * SECOND);
    expect([...queue.messages.values()].map((message) => message.body)).to.deep.equal(["bad"]);
  });

  it("takes a whole batch back where the handler throws, or names what wasn't in it", async () => {
    for (const body of [`throw new Error("no");`, `return { batchItemFailures: [{ itemIdentifier: "x" }] };`]) {
      const { world, queue, fn } = fed(body);
      queue.send("one");
      await world.run(10 * SECOND);
      expect(queue.messages.size).to.equal(1);
      await world.run(40 * SECOND);
      expect(fn.invocations).to.equal(2);
    }
  });

  it("deletes the whole batch where partial failures aren't reported", async () => {
    const { world, queue } = fed(`return { batchItemFailures: [{ itemIdentifier: "x" }] };`, false);
    queue.send("one");
    await world.run(10 * SECOND);
    expect(queue.messages.size).to.equal(0);
  });
});
