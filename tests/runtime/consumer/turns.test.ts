import { expect } from "chai";
import fc from "fast-check";
import { Turns } from "../../../runtime/consumer/turns";
import { planWaits } from "../../../runtime/consumer/waits";

const queue = (name: string, weight = 1) => ({
  name,
  url: `https://sqs.test/${name}`,
  weight,
  visibilityTimeoutSeconds: 60,
  isFifo: false,
});

const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 });

describe("the turns of queues", () => {
  it("are those of priority where polling is strict", () => {
    const queues = [queue("high", 1), queue("low", 9)];
    const turns = new Turns(queues, "strict");
    expect([turns.next(), turns.next(), turns.next()]).to.deep.equal([queues, queues, queues]);
  });

  it("give each queue exactly its weight, and starve none", () => {
    fc.assert(
      fc.property(weights, (weights) => {
        const queues = weights.map((weight, index) => queue(`q${index}`, weight));
        const turns = new Turns(queues, "weighted");
        const sum = weights.reduce((total, weight) => total + weight, 0);
        const firsts = Array.from({ length: sum }, () => turns.next()[0]!);
        for (const each of queues) expect(firsts.filter((first) => first === each)).to.have.length(each.weight);
      }),
    );
  });

  it("ask every queue, the first one's turn aside in order of priority", () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 30 }), (weights, times) => {
        const queues = weights.map((weight, index) => queue(`q${index}`, weight));
        const turns = new Turns(queues, "weighted");
        for (let time = 0; time < times; time++) {
          const [first, ...rest] = turns.next();
          expect(rest).to.deep.equal(queues.filter((each) => each !== first));
        }
      }),
    );
  });
});

describe("waiting slots", () => {
  const limits = { first: 20, others: 5 };

  it("are never more than there are, and one for a queue", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), weights, fc.nat(20), fc.nat(1023), (slots, weights, turn, taken) => {
        const queues = weights.map((weight, index) => queue(`q${index}`, weight));
        const waitsAt = new Set(queues.filter((_, index) => (taken >> index) % 2 === 1));
        const waits = planWaits(slots, queues, waitsAt, turn, limits);
        expect(waits.length).to.equal(Math.min(slots, queues.length - waitsAt.size));
        expect(new Set(waits.map((wait) => wait.queue)).size).to.equal(waits.length);
        for (const wait of waits) expect(waitsAt.has(wait.queue)).to.equal(false);
      }),
    );
  });

  it("come to every queue within as many turns as there are queues", () => {
    const queues = [queue("a"), queue("b"), queue("c")];
    const visited = [0, 1, 2].map((turn) => planWaits(1, queues, new Set(), turn, limits)[0]!.queue.name);
    expect(visited).to.deep.equal(["a", "b", "c"]);
  });
});
