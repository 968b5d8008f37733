import { known, mapDecided, type Decided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { asText, text, valueAt } from "../stack/read";
import { isObject, type Properties, type Resource } from "../stack/resource";
import { isDaemon } from "../stack/services";
import type { Stack } from "../stack/stack";
import { containersOf, taskDefinitionOf, type Container } from "../stack/tasks";
import { ASSUME_SPOT, conclude, spotScope, type SpotAssumption } from "./verdict";

export const dynamicHostPort = defineRule<SpotAssumption>({
  name: "dynamic-host-port",
  displayName: "Host ports are dynamic",
  description:
    "On Spot, a replicated task takes no fixed port of its instance: a replacement would fit only where no other task of it runs.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: { assumeSpot: ASSUME_SPOT },
  remediationSteps: "Set hostPort to 0 in the bridge network mode, or use awsvpc.",
  url: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html",
  validate(stack, report, config) {
    for (const service of stack.all("service")) {
      if (!isDaemon(service)) conclude(report, service, spotScope(stack, service, config), verdictOn(stack, service));
    }
  },
});

function verdictOn(stack: Stack, service: Resource): Decided<Problem | undefined> {
  const definition = taskDefinitionOf(stack, service);
  if (definition.kind === "undecided") return definition;
  if (definition.value === undefined) return known(undefined);
  const task = definition.value;
  const mode = text(task.props, "networkMode");
  if (mode.kind === "undecided") return mode;
  if (mode.value === "awsvpc" || mode.value === "none") return known(undefined);
  return mapDecided(containersOf(stack, task), (containers) => firstFixed(containers, mode.value === "host", task));
}

function firstFixed(containers: readonly Container[], onHost: boolean, task: Resource): Problem | undefined {
  for (const { name, props } of containers) {
    const port = fixedPort(props, onHost);
    if (port === undefined) continue;
    const how = onHost ? "in the host network mode" : `as its hostPort`;
    return {
      found: `container ${name} of ${task.label} takes port ${port} of its instance, ${how}`,
      allowed: "a dynamic port",
      fix: onHost ? "use the bridge or the awsvpc network mode" : "set hostPort to 0",
    };
  }
  return undefined;
}

function fixedPort(container: Properties, onHost: boolean): string | undefined {
  const mappings = valueAt(container, "portMappings");
  const ports = (Array.isArray(mappings) ? mappings.filter(isObject) : []).map((mapping) =>
    onHost ? (mapping.hostPort ?? mapping.containerPort) : mapping.hostPort,
  );
  return ports.map(asText).find((port) => port !== undefined && port !== "0");
}
