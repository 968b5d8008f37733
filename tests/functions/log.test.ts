import { Ajv } from "ajv";
import { expect } from "chai";
import { metricRecord } from "../../functions/log";

/**
 * What CloudWatch extracts metrics from.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
const EMBEDDED_METRIC_FORMAT = {
  type: "object",
  required: ["_aws"],
  properties: {
    _aws: {
      type: "object",
      required: ["Timestamp", "CloudWatchMetrics"],
      properties: {
        Timestamp: { type: "integer", minimum: 0 },
        CloudWatchMetrics: {
          type: "array",
          minItems: 1,
          items: {
            type: "object",
            required: ["Namespace", "Dimensions", "Metrics"],
            properties: {
              Namespace: { type: "string", minLength: 1, maxLength: 1024 },
              Dimensions: {
                type: "array",
                minItems: 1,
                items: { type: "array", maxItems: 30, items: { type: "string", minLength: 1, maxLength: 250 } },
              },
              Metrics: {
                type: "array",
                maxItems: 100,
                items: {
                  type: "object",
                  required: ["Name"],
                  additionalProperties: false,
                  properties: {
                    Name: { type: "string", minLength: 1, maxLength: 1024 },
                    Unit: { enum: ["Seconds", "Milliseconds", "Count", "None"] },
                    StorageResolution: { enum: [1, 60] },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

interface Root {
  readonly _aws: {
    readonly CloudWatchMetrics: { readonly Dimensions: string[][]; readonly Metrics: { readonly Name: string }[] }[];
  };
  readonly [member: string]: unknown;
}

describe("a metric record", () => {
  const root = JSON.parse(
    JSON.stringify(
      metricRecord(
        { ClusterName: "shop" },
        { Notices: { value: 2, unit: "Count" }, LeadTime: { value: [119, 60], unit: "Seconds" } },
        1_767_225_600_000,
      ),
    ),
  ) as Root;

  it("has the embedded metric format", () => {
    const validate = new Ajv({ allErrors: true }).compile(EMBEDDED_METRIC_FORMAT);
    expect(validate(root), JSON.stringify(validate.errors)).to.equal(true);
  });

  it("has every dimension and metric that it names beside it: text, a number, or up to 100 numbers", () => {
    const [directive] = root._aws.CloudWatchMetrics;
    for (const name of directive!.Dimensions.flat()) expect(root[name]).to.be.a("string");
    expect(directive!.Metrics.map((metric) => metric.Name)).to.deep.equal(["Notices", "LeadTime"]);
    expect(root).to.deep.include({ Notices: 2, LeadTime: [119, 60] });
  });
});
