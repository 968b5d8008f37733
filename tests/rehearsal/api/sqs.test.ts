import { expect } from "chai";
import type { QueueSpec } from "../../../rehearsal/world/sqs/queue";
import { later, makeQueue, makeWorld, MINUTE } from "../world/support";
import { caller, errorOf } from "./caller";

function calling(spec: Partial<QueueSpec> = {}) {
  const { world } = makeWorld();
  const queue = makeQueue(world, spec);
  const call = caller({ world });
  const QueueUrl = queue.spec.url;
  const sqs = (command: string, input: object = {}) => call("sqs", command, { QueueUrl, ...input });
  return { world, queue, sqs };
}

const FIFO: Partial<QueueSpec> = { name: "jobs.fifo", isFifo: true };

const ids = (entries: unknown): unknown[] => (entries as { readonly Id: string }[]).map(({ Id }) => Id);

describe("API: SQS", () => {
  it("sends a batch, and receives what was sent with its attributes", async () => {
    const { sqs } = calling();
    const Entries = [
      { Id: "a", MessageBody: "one", MessageAttributes: { kind: { DataType: "String", StringValue: "mail" } } },
      { Id: "b", MessageBody: "two", DelaySeconds: 60 },
    ];
    const sent = (await sqs("SendMessageBatch", { Entries })).output!;
    expect([ids(sent.Successful), sent.Failed]).to.deep.equal([["a", "b"], []]);
    const { output } = await sqs("ReceiveMessage", { MaxNumberOfMessages: 10 });
    const [message, ...others] = output!.Messages as Record<string, unknown>[];
    expect(message).to.deep.include({ Body: "one", Attributes: { ApproximateReceiveCount: "1" } });
    expect(message!.MessageAttributes).to.deep.equal({ kind: { DataType: "String", StringValue: "mail" } });
    expect(others).to.deep.equal([]);
  });

  it("deletes and hides by batches, in which each entry fails by itself", async () => {
    const { world, queue, sqs } = calling();
    for (const body of "abc") queue.send(body);
    const [a, b] = queue.receive(2).map(({ receiptHandle }) => receiptHandle);
    const hidden = await sqs("ChangeMessageVisibilityBatch", {
      Entries: [
        { Id: "a", ReceiptHandle: a, VisibilityTimeout: 600 },
        { Id: "old", ReceiptHandle: "old", VisibilityTimeout: 600 },
      ],
    });
    expect(ids(hidden.output!.Successful)).to.deep.equal(["a"]);
    expect(hidden.output!.Failed).to.deep.equal([
      { Id: "old", Code: "MessageNotInflight", Message: "The specified message isn't in flight.", SenderFault: true },
    ]);
    await later(world, MINUTE);
    expect([queue.inFlight, queue.visible]).to.deep.equal([1, 2]);
    const Entries = [a, b].map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    const deleted = await sqs("DeleteMessageBatch", { Entries });
    expect(ids(deleted.output!.Successful)).to.deep.equal(["0", "1"]);
    expect(queue.messages.size).to.equal(1);
  });

  it("takes batches of 1 to 10 entries with different ids", async () => {
    const { sqs } = calling();
    const entries = (count: number, id: (index: number) => string = String) =>
      Array.from({ length: count }, (_, index) => ({ Id: id(index), MessageBody: "x" }));
    const error = (Entries: object[]) => errorOf(sqs("SendMessageBatch", { Entries }));
    expect(await error(entries(10))).to.equal(undefined);
    expect(await error([])).to.equal("EmptyBatchRequest");
    expect(await error(entries(11))).to.equal("TooManyEntriesInBatchRequest");
    expect(await error(entries(2, () => "same"))).to.equal("BatchEntryIdsNotDistinct");
    expect(await error([{ Id: "a", MessageBody: "x", DelaySeconds: 901 }])).to.equal("InvalidParameterException");
  });

  it("needs a group and a way to know duplicates of what goes to a FIFO queue", async () => {
    const { queue, sqs } = calling(FIFO);
    expect(await errorOf(sqs("SendMessage", { MessageBody: "x" }))).to.equal("InvalidParameterValue");
    const whole = { MessageBody: "x", MessageGroupId: "a", MessageDeduplicationId: "1" };
    const [first, second] = [await sqs("SendMessage", whole), await sqs("SendMessage", whole)];
    expect(first.output!.MessageId).to.equal(second.output!.MessageId);
    expect([...queue.messages.values()].map(({ groupId }) => groupId)).to.deep.equal(["a"]);
  });

  it("answers a deletion by an old receipt as a success, but not of a FIFO queue", async () => {
    expect(await errorOf(calling().sqs("DeleteMessage", { ReceiptHandle: "old" }))).to.equal(undefined);
    expect(await errorOf(calling(FIFO).sqs("DeleteMessage", { ReceiptHandle: "old" }))).to.equal(
      "ReceiptHandleIsInvalid",
    );
  });

  it("doesn't let a function wait, which isn't modelled", async () => {
    const asked = calling().sqs("ReceiveMessage", { WaitTimeSeconds: 20 });
    expect(await asked.then(() => "none", String)).to.match(/waiting 20 s is not modelled; 0 is/);
  });
});
