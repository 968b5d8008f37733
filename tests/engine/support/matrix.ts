/** Every combination of what a stack may be, one change at a time, on one stack that goes on serving. */
import { expect } from "chai";
import { Deployment } from "./deployment";
import { changes, leastServing, succeeded } from "./outcomes";

type Config = Readonly<Record<string, unknown>>;

const CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/6f0c1c1e-3d0b-4b5e-9f38-2f1c9c1d7a10";

/** Two choices each, the first one where the matrix begins; the last one has nothing to do with the network. */
const FACTORS: readonly (readonly [Choice, Choice])[] = [
  [choice("http", { certificateArn: "" }), choice("https", { certificateArn: CERTIFICATE })],
  [choice("detach", { replacement: "detach" }), choice("capacityRebalancing", { replacement: "capacityRebalancing" })],
  [choice("Spot only", { onDemandBaseCapacity: 0 }), choice("an On-Demand base", { onDemandBaseCapacity: 1 })],
  [
    choice("x86_64", { instanceTypes: ["m5.large", "m5a.large", "m6i.large"] }),
    choice("arm64", { instanceTypes: ["m6g.large", "m7g.large", "c7g.large"] }),
  ],
];

interface Choice {
  readonly title: string;
  readonly config: Config;
}

function choice(title: string, config: Config): Choice {
  return { title, config };
}

/** The choices of the combination that a Gray code has at this place: one choice differs from the place before. */
function combination(place: number): Choice[] {
  const gray = place ^ (place >> 1);
  return FACTORS.map((choices, factor) => choices[(gray >> factor) & 1]!);
}

const TASKS = 2;

/** @param factors so many of the first ones vary; of the others the first choice stays */
export function describeMatrix(title: string, network: Config, factors = FACTORS.length): void {
  describe(`a stack with ${title}`, () => {
    let deployment: Deployment;
    before(async () => {
      // Alarms and dashboard have tests of their own, and are a quarter of all resources.
      deployment = await Deployment.create({ config: { ...network, alarms: false, dashboard: false } });
    });
    after(() => deployment.close());

    for (let place = 0; place < 2 ** factors; place++) {
      const choices = combination(place);
      it(`becomes ${choices.map((each) => each.title).join(", ")} while it serves, and then has nothing to change`, async () => {
        for (const { config } of choices) deployment.configure(config);
        const up = succeeded(await deployment.up());
        if (place > 0) expect(leastServing(up)).to.equal(TASKS);
        expect(up.calls.at(-1)?.serving).to.equal(TASKS);
        expect(changes(succeeded(await deployment.preview()))).to.deep.equal({});
      });
    }
  });
}
