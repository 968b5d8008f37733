/**
 * Metrics in a line that a function printed, in CloudWatch's embedded metric format.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { z } from "zod";
import type { MetricDatum } from "./metric";

const directive = z.object({
  Namespace: z.string(),
  Dimensions: z.array(z.array(z.string())),
  Metrics: z.array(z.object({ Name: z.string() })),
});

const record = z.looseObject({ _aws: z.object({ CloudWatchMetrics: z.array(directive) }) });

const values = z.union([z.number().transform((value) => [value]), z.array(z.number())]);

/** None where the line is something else; a metric or a dimension that the record lacks is left out, as CloudWatch does. */
export function embeddedMetrics(line: string): MetricDatum[] {
  if (!line.startsWith("{") || !line.includes('"_aws"')) return [];
  const { success, data } = record.safeParse(parsed(line));
  if (!success) return [];
  return data._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = Object.fromEntries(
        names.flatMap((name) => (typeof data[name] === "string" ? [[name, data[name]]] : [])),
      ) as Readonly<Record<string, string>>;
      return Metrics.flatMap(({ Name }) =>
        (values.safeParse(data[Name]).data ?? []).map((value) => ({
          namespace: Namespace,
          name: Name,
          dimensions,
          value,
        })),
      );
    }),
  );
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
