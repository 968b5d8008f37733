/** What ECS tells EventBridge of a service's deployments. */
import { eventTime } from "../context";
import type { EventBus } from "../eventBridge";
import type { Service } from "./service";

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
export function announceDeployments({ rollout, spec }: Service, bus: EventBus): void {
  rollout.changed.subscribe(({ id, state, reason, updatedAt }) => {
    const event = {
      "detail-type": "ECS Deployment State Change",
      source: "aws.ecs",
      time: eventTime(updatedAt),
      resources: [spec.arn],
      detail: {
        eventType: state === "FAILED" ? "ERROR" : "INFO",
        eventName: `SERVICE_DEPLOYMENT_${state}`,
        deploymentId: id,
        updatedAt: eventTime(updatedAt),
        reason,
      },
    };
    // At least once, says the ECS developer guide of all its events.
    bus.publish(event, "durable");
  });
}
