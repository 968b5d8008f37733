import { json } from "../../support/declared";
import { webStack, workerStack } from "../../support/stacks";
import { changed, type BadStack } from "../entry";

export const POOR_SERVICES: readonly BadStack[] = [
  {
    title: "a fixed host port",
    rules: ["dynamic-host-port"],
    stack: changed(webStack, ({ container }) => void (container.portMappings = [{ containerPort: 80, hostPort: 80 }])),
  },
  {
    title: "a replicated service in the host's network",
    rules: ["dynamic-host-port"],
    stack: changed(webStack, ({ container, definition }) => {
      definition.set("networkMode", "host");
      container.portMappings = [{ containerPort: 8080 }];
    }),
  },
  {
    title: "binpacking against zone rebalancing",
    rules: ["zone-rebalancing"],
    stack: changed(webStack, ({ service }) => {
      service.set("availabilityZoneRebalancing", "ENABLED");
      service.set("orderedPlacementStrategies", [{ type: "binpack", field: "memory" }]);
    }),
  },
  {
    title: "a worker's queue without dead letters",
    rules: ["dead-letters"],
    stack: changed(workerStack, ({ queue }) => queue.set("redrivePolicy", undefined)),
  },
  {
    title: "a worker on Fargate Spot, whose queue has no dead letters",
    rules: ["dead-letters"],
    stack: changed(workerStack, ({ queue, definition, service }) => {
      queue.set("redrivePolicy", undefined);
      definition.set("networkMode", "awsvpc");
      service.set("capacityProviderStrategies", [{ capacityProvider: "FARGATE_SPOT", weight: 1 }]);
    }),
  },
  {
    title: "a worker that is only told of its queue, which has no dead letters",
    rules: ["dead-letters"],
    stack: changed(workerStack, ({ stack, queue, definition, role, rolePolicy }) => {
      queue.set("redrivePolicy", undefined);
      definition.set("taskRoleArn", undefined);
      stack.remove(role, rolePolicy);
    }),
  },
  {
    title: "a worker told of its queue in JSON, which has no dead letters",
    rules: ["dead-letters"],
    stack: changed(workerStack, ({ stack, queue, definition, container, role, rolePolicy }) => {
      queue.set("redrivePolicy", undefined);
      container.environment = [{ name: "QUEUES", value: json({ jobs: { url: queue.ref("url") } }) }];
      definition.set("taskRoleArn", "arn:aws:iam::123456789012:role/of-another-stack");
      stack.remove(role, rolePolicy);
    }),
  },
  {
    title: "a job that is a dead letter once it was interrupted",
    rules: ["receive-count"],
    stack: changed(workerStack, ({ queue, deadLetterQueue }) => {
      const deadLetterTargetArn = deadLetterQueue.ref("arn");
      queue.set("redrivePolicy", json({ deadLetterTargetArn, maxReceiveCount: 1 }));
    }),
  },
  {
    title: "a job that comes back while its worker still stops",
    rules: ["visibility-timeout"],
    stack: changed(workerStack, ({ queue }) => queue.set("visibilityTimeoutSeconds", 45)),
  },
  {
    title: "a job that is hidden for AWS's 30 seconds",
    rules: ["visibility-timeout"],
    stack: changed(workerStack, ({ queue }) => queue.set("visibilityTimeoutSeconds", undefined)),
  },
  {
    title: "an AWS access key in the user data",
    rules: ["user-data-credentials"],
    stack: changed(webStack, ({ boot }) => void boot.push("export AWS_ACCESS_KEY_ID=AKIA0123456789ABCDEF")),
  },
  {
    title: "a registry's password in the agent's settings",
    rules: ["user-data-credentials"],
    stack: changed(webStack, ({ boot }) => {
      const data = JSON.stringify({ "registry.example.com": { username: "deploy", password: "correct-horse" } });
      boot.push(
        "cat <<'EOF' >> /etc/ecs/ecs.config",
        "ECS_ENGINE_AUTH_TYPE=docker",
        `ECS_ENGINE_AUTH_DATA=${data}`,
        "EOF",
      );
    }),
  },
  {
    title: "a monitoring agent's key in the user data",
    rules: ["user-data-credentials"],
    stack: changed(
      webStack,
      ({ boot }) => void boot.push("DD_API_KEY=0123456789abcdef0123456789abcdef bash install.sh"),
    ),
  },
];
