/** CloudWatch's dashboard body: widgets in a grid of 24 columns.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */

/** Namespace, name and dimensions, then how it is drawn. */
export type GraphedMetric = readonly (string | Readonly<Record<string, string | number | boolean>>)[];

export interface Graph {
  readonly title: string;
  readonly metrics: readonly GraphedMetric[];
  /** @default "Sum" */
  readonly stat?: string;
  /** Lines across, by their label. @default none */
  readonly lines?: Readonly<Record<string, number>>;
}

export interface Section {
  readonly heading: string;
  readonly graphs: readonly Graph[];
}

const COLUMNS = 24;
const GRAPH = { width: 8, height: 6 };
const HEADING_HEIGHT = 1;
const PER_ROW = COLUMNS / GRAPH.width;
const PERIOD_SECONDS = 60;

/** A metric of certain dimensions; `draw` sets how, e.g. `{ label: "…", yAxis: "right" }`. */
export function metric(
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>>,
  draw: Readonly<Record<string, string | number | boolean>> = {},
): GraphedMetric {
  return [namespace, name, ...Object.entries(dimensions).flat(), ...(Object.keys(draw).length > 0 ? [draw] : [])];
}

/** The sections below each other, as the JSON that CloudWatch takes. */
export function dashboardBody(sections: readonly Section[], region: string): string {
  const widgets: object[] = [];
  let y = 0;
  for (const { heading, graphs } of sections) {
    widgets.push({
      type: "text",
      x: 0,
      y,
      width: COLUMNS,
      height: HEADING_HEIGHT,
      properties: { markdown: `## ${heading}` },
    });
    y += HEADING_HEIGHT;
    graphs.forEach((graph, index) => {
      const x = (index % PER_ROW) * GRAPH.width;
      widgets.push({
        type: "metric",
        x,
        y: y + Math.floor(index / PER_ROW) * GRAPH.height,
        ...GRAPH,
        properties: properties(graph, region),
      });
    });
    y += Math.ceil(graphs.length / PER_ROW) * GRAPH.height;
  }
  return JSON.stringify({ widgets });
}

function properties({ title, metrics, stat = "Sum", lines = {} }: Graph, region: string): object {
  const horizontal = Object.entries(lines).map(([label, value]) => ({ label, value }));
  return {
    title,
    region,
    view: "timeSeries",
    stat,
    period: PERIOD_SECONDS,
    metrics,
    yAxis: { left: { min: 0 } },
    ...(horizontal.length > 0 && { annotations: { horizontal } }),
  };
}
