/**
 * The sidecar's metrics as Prometheus reads them.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { ProtectionError } from "../protectionError";
import type { Protection, TaskProtection } from "../taskProtection";

const CALLS = ["get", "protect", "release"] as const;

type Call = (typeof CALLS)[number];

/** Protection whose calls are counted, and their failures by kind. */
export class CountedProtection implements TaskProtection {
  readonly calls = new Map<string, number>(CALLS.map((call) => [call, 0]));
  readonly failures = new Map<string, number>();

  constructor(private readonly protection: TaskProtection) {}

  get(): Promise<Protection> {
    return this.#counted("get", () => this.protection.get());
  }

  set(enabled: boolean, expiresInMinutes?: number): Promise<Protection> {
    return this.#counted(enabled ? "protect" : "release", () => this.protection.set(enabled, expiresInMinutes));
  }

  async #counted(call: Call, make: () => Promise<Protection>): Promise<Protection> {
    addOne(this.calls, call);
    try {
      return await make();
    } catch (error) {
      addOne(this.failures, error instanceof ProtectionError ? error.kind : "failing");
      throw error;
    }
  }
}

export function addOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly value: number | { readonly label: string; readonly counts: ReadonlyMap<string, number> };
}

export const gauge = (name: string, help: string, value: number): Metric => ({ name, type: "gauge", help, value });

export const counter = (name: string, help: string, value: Metric["value"]): Metric => {
  return { name, type: "counter", help, value };
};

export function prometheusText(metrics: readonly Metric[]): string {
  return metrics.map((metric) => `${head(metric)}${samples(metric)}`).join("");
}

function head({ name, type, help }: Metric): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function samples({ name, value }: Metric): string {
  if (typeof value === "number") return `${name} ${value}\n`;
  return [...value.counts].map(([key, count]) => `${name}{${value.label}="${key}"} ${count}\n`).join("");
}
