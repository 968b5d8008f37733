import { expect } from "chai";
import { sdkSqs } from "../../runtime";
import { wire } from "./harness/hooks";
import { onTheWire } from "./stage";

describe("a consumer's calls, over HTTP", () => {
  onTheWire();

  const port = () => sdkSqs(wire().clients.sqs);
  const queue = async (QueueName: string, Attributes = {}): Promise<string> => {
    return (await wire().clients.sqs.createQueue({ QueueName, Attributes })).QueueUrl!;
  };
  const send = (QueueUrl: string, MessageBody: string, more = {}) => {
    return wire().clients.sqs.sendMessage({ QueueUrl, MessageBody, ...more });
  };
  const receive = (queueUrl: string) => {
    return port().receive({ queueUrl, most: 10, waitSeconds: 0, visibilityTimeoutSeconds: 30 });
  };

  it("receive messages with all that a job has", async () => {
    const queueUrl = await queue("mail");
    const before = Date.now();
    const tenant = { DataType: "String", StringValue: "acme" };
    const { MessageId } = await send(queueUrl, "first", { MessageAttributes: { tenant } });
    const [message, ...others] = await receive(queueUrl);
    expect(others).to.be.empty;
    expect(message).to.deep.include({ messageId: MessageId, body: "first", receiveCount: 1 });
    expect(message!.attributes).to.deep.equal({ tenant: "acme" });
    expect(message!.sentAt).to.be.within(before - 1000, Date.now() + 1000);
    expect(message).to.not.have.property("groupId");
  });

  it("receive a FIFO queue's messages with their group", async () => {
    const queueUrl = await queue("mail.fifo", { FifoQueue: "true" });
    await send(queueUrl, "first", { MessageGroupId: "acme", MessageDeduplicationId: "1" });
    expect((await receive(queueUrl)).map(({ groupId }) => groupId)).to.deep.equal(["acme"]);
  });

  it("hide several messages for longer, and give some of them back", async () => {
    const queueUrl = await queue("mail");
    for (const body of ["kept", "given back"]) await send(queueUrl, body);
    const messages = await receive(queueUrl);
    expect(await receive(queueUrl)).to.be.empty;
    const changes = messages.map(({ receiptHandle, body }) => {
      return { receiptHandle, visibilityTimeoutSeconds: body === "kept" ? 43_000 : 0 };
    });
    expect(await port().changeVisibility(queueUrl, changes)).to.be.empty;
    const again = await port().receive({ queueUrl, most: 10, waitSeconds: 2, visibilityTimeoutSeconds: 30 });
    expect(again.map(({ body, receiveCount }) => [body, receiveCount])).to.deep.equal([["given back", 2]]);
  });

  it("delete messages for good, and say which of the others are nobody's any more", async () => {
    const queueUrl = await queue("mail");
    await send(queueUrl, "done");
    const [message] = await receive(queueUrl);
    const unknown = "no receipt of this queue";
    const failures = await port().delete(queueUrl, [message!.receiptHandle, unknown]);
    expect(failures.map(({ receiptHandle, isFinal }) => [receiptHandle, isFinal])).to.deep.equal([[unknown, true]]);
    const change = { receiptHandle: unknown, visibilityTimeoutSeconds: 30 };
    const [refused] = await port().changeVisibility(queueUrl, [change]);
    expect(refused).to.include({ receiptHandle: unknown, isFinal: true });
    const { Attributes } = await wire().clients.sqs.getQueueAttributes({
      QueueUrl: queueUrl,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    });
    expect(Object.values(Attributes!)).to.deep.equal(["0", "0"]);
  });
});
