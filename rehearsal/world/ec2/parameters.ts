/** Parameter Store, as far as launch templates look AMIs up in it. */
import { eventTime, type Context } from "../context";
import type { EventBus } from "../eventBridge";

const RESOLVE = "resolve:ssm:";

/** AWS's own parameters send no event to anybody's bus. */
const PUBLIC = "/aws/";

export class Parameters {
  private readonly values = new Map<string, string>();
  private count = 0;

  constructor(
    private readonly context: Context,
    private readonly bus: EventBus,
  ) {}

  /** The AMI that a template's image id stands for; a parameter that nobody has named yet has its first one. */
  resolve(imageId: string): string {
    if (!imageId.startsWith(RESOLVE)) return imageId;
    const name = imageId.slice(RESOLVE.length).split(":")[0]!;
    const known = this.values.get(name) ?? this.nextAmi();
    this.values.set(name, known);
    return known;
  }

  /** Every parameter gets a new AMI. */
  publishAmis(): void {
    for (const name of this.values.keys()) {
      const imageId = this.nextAmi();
      this.values.set(name, imageId);
      this.context.log.write("ssm.NewAmi", { parameter: name, imageId });
      if (!name.startsWith(PUBLIC)) this.tell(name);
    }
  }

  private nextAmi(): string {
    return `ami-${(++this.count).toString(16).padStart(17, "0")}`;
  }

  private tell(name: string): void {
    const { region, account } = this.bus;
    this.bus.publish(
      {
        "detail-type": "Parameter Store Change",
        source: "aws.ssm",
        time: eventTime(this.context.clock.now),
        resources: [`arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, "")}`],
        detail: { operation: "Update", name, type: "String" },
      },
      "bestEffort",
    );
  }
}
