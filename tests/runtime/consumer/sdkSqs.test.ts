import { SQS } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { sdkSqs } from "../../../runtime/consumer/sdkSqs";

/** The SDK's own client, which is answered before it makes a request. */
function answered(answer: object): { readonly client: SQS; readonly inputs: object[] } {
  const client = new SQS({ region: "eu-west-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  const inputs: object[] = [];
  client.middlewareStack.add(
    () => (args) => {
      inputs.push(args.input);
      return Promise.resolve({ output: { $metadata: {}, ...answer } as never, response: {} });
    },
    { step: "initialize" },
  );
  return { client, inputs };
}

describe("SQS by the AWS SDK", () => {
  it("receives what a job needs", async () => {
    const { client, inputs } = answered({
      Messages: [
        {
          MessageId: "m1",
          ReceiptHandle: "r1",
          Body: "{}",
          Attributes: { ApproximateReceiveCount: "3", SentTimestamp: "1767225600000", MessageGroupId: "g" },
          MessageAttributes: { trace: { DataType: "String", StringValue: "t" }, blob: { DataType: "Binary" } },
        },
      ],
    });
    const request = { queueUrl: "https://sqs.test/a", most: 5, waitSeconds: 20, visibilityTimeoutSeconds: 60 };
    expect(await sdkSqs(client).receive(request)).to.deep.equal([
      {
        messageId: "m1",
        receiptHandle: "r1",
        body: "{}",
        receiveCount: 3,
        sentAt: 1767225600000,
        groupId: "g",
        attributes: { trace: "t" },
      },
    ]);
    const asked = {
      QueueUrl: "https://sqs.test/a",
      MaxNumberOfMessages: 5,
      WaitTimeSeconds: 20,
      VisibilityTimeout: 60,
    };
    expect(inputs[0]).to.include(asked);
  });

  it("tells what could not be deleted, and whether trying again is of use", async () => {
    const { client } = answered({
      Failed: [
        { Id: "0", Code: "ReceiptHandleIsInvalid", Message: "too old", SenderFault: true },
        { Id: "2", Code: "InternalError", Message: "", SenderFault: false },
      ],
    });
    expect(await sdkSqs(client).delete("https://sqs.test/a", ["r0", "r1", "r2"])).to.deep.equal([
      { receiptHandle: "r0", reason: "ReceiptHandleIsInvalid: too old", isFinal: true },
      { receiptHandle: "r2", reason: "InternalError: ", isFinal: false },
    ]);
  });

  it("changes how long messages stay hidden, each as it says", async () => {
    const { client, inputs } = answered({});
    const changes = [
      { receiptHandle: "r0", visibilityTimeoutSeconds: 0 },
      { receiptHandle: "r1", visibilityTimeoutSeconds: 60 },
    ];
    expect(await sdkSqs(client).changeVisibility("https://sqs.test/a", changes)).to.deep.equal([]);
    expect(inputs[0]).to.deep.include({
      Entries: [
        { Id: "0", ReceiptHandle: "r0", VisibilityTimeout: 0 },
        { Id: "1", ReceiptHandle: "r1", VisibilityTimeout: 60 },
      ],
    });
  });
});
