/**
 * A worker that does each order once, though SQS delivers at least once: a worker may die when its work is done and its message
 * isn't deleted yet. What was done is kept in a DynamoDB table, by Powertools' idempotency: partition key `id`, time to live
 * `expiration`. Elsewhere: from "spotproof-runtime".
 * @see https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/
 */
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { SQS } from "@aws-sdk/client-sqs";
import { runConsumer } from "../index";

interface Order {
  readonly id: string;
}

/** As long as a message is kept, and goes on as a dead letter. */
const REMEMBERED_SECONDS = 28 * 24 * 3600;
/**
 * For so long after its begin, an order is taken for one that somebody works on: longer than an order takes. One that a dead
 * worker left is refused until then, and tried again after the backoff.
 */
const LONGEST_ORDER_MS = 60_000;

const persistenceStore = new DynamoDBPersistenceLayer({ tableName: process.env.IDEMPOTENCY_TABLE ?? "orders" });
const config = new IdempotencyConfig({
  eventKeyJmesPath: "id",
  throwOnNoIdempotencyKey: true,
  expiresAfterSeconds: REMEMBERED_SECONDS,
});
const orderTime = { getRemainingTimeInMillis: () => LONGEST_ORDER_MS };
config.registerLambdaContext(orderTime as Parameters<typeof config.registerLambdaContext>[0]);

/** By the order's id and not the message's: an order that was sent twice is charged once, too. */
const charge = makeIdempotent(
  (order: Order) => {
    console.log(JSON.stringify({ kind: "charged", id: order.id }));
    return Promise.resolve({ id: order.id });
  },
  { persistenceStore, config },
);

runConsumer({ sqs: new SQS(), handler: ({ body }) => charge(JSON.parse(body) as Order) });
