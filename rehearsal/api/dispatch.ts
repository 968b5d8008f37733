/** The way of one API call: latency there, faults, throttling, IAM, input checks, the world's answer, latency back. */
import { between } from "../world/context";
import { API } from "../world/constants";
import { isAllowed, type Request, type Statement } from "../world/iam";
import type { Connect } from "../world/lambda/function";
import type { InterceptedCall, World } from "../world/world";
import { applicationAutoScaling } from "./applicationAutoScaling";
import { autoScaling } from "./autoScaling";
import { cloudWatch } from "./cloudWatch";
import { ec2 } from "./ec2";
import { ecs } from "./ecs";
import { elasticLoadBalancingV2 } from "./elasticLoadBalancingV2";
import { ApiError, type Operation } from "./operation";
import { sqs } from "./sqs";

/** By the name of the SDK's client package. */
const SERVICES: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  "application-auto-scaling": applicationAutoScaling,
  "auto-scaling": autoScaling,
  cloudwatch: cloudWatch,
  ec2,
  ecs,
  "elastic-load-balancing-v2": elasticLoadBalancingV2,
  sqs,
};

/** Commands that functions can call here, `client.Command`. */
export function modelledCommands(): string[] {
  return Object.entries(SERVICES).flatMap(([client, operations]) =>
    Object.keys(operations).map((command) => `${client}.${command}`),
  );
}

/** Connects execution environments to `world`; an environment that is no more gets no answer. */
export function connectTo(world: World): Connect {
  const { clock } = world;
  const latency = world.context.random("api/latency");
  return (spec, environment) => (service, command, input) =>
    new Promise((resolve, reject) => {
      const whole = between(latency, API.latencyMs);
      const there = Math.floor(whole / 2);
      const answer = (settle: () => void): void => {
        clock.after(whole - there, () => {
          if (!environment.alive) return;
          clock.handlersWoken = true;
          settle();
        });
      };
      clock.after(there, () => {
        if (!environment.alive) return;
        try {
          const { name: functionName, statements } = spec;
          const call = { service, command, input: input ?? {}, functionName, statements };
          const output = world.intercept?.(call) ?? execute(world, call);
          answer(() => resolve(output));
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          world.context.log.write("api.Refused", {
            function: spec.name,
            command: `${service}.${command}`,
            error: error.name,
            message: error.message,
          });
          answer(() => reject(error));
        }
      });
    });
}

interface Call extends InterceptedCall {
  readonly statements: readonly Statement[];
}

function execute(world: World, call: Call): object {
  const { service, command, functionName } = call;
  const operation = SERVICES[service]?.[command];
  if (operation === undefined) {
    throw new Error(
      `a function calls ${service}.${command}, which the rehearsal doesn't model; modelled: ${modelledCommands().join(", ")}`,
    );
  }
  const input = call.input as Record<string, unknown>;
  checkInput(operation, command, input);
  checkAllowed(operation.request(input, world), call.statements);
  if (operation.bucket !== undefined && !world.context.throttles.take(operation.bucket)) throw throttled();
  const fault = world.faults.call();
  if (fault === "throttled") throw throttled();
  if (fault === "failed") throw new ApiError("ServerException", "Service unavailable", 500);
  const lag = operation.kind === "read" ? world.faults.staleness() : 0;
  const output = operation.run(input, world, world.clock.now - lag, functionName);
  if (operation.kind === "modify") world.modified.publish(call);
  return output;
}

const throttled = (): ApiError => new ApiError("ThrottlingException", "Rate exceeded");

function checkInput({ requires, limits }: Operation, command: string, input: Record<string, unknown>): void {
  for (const member of requires) {
    if (input[member] === undefined || input[member] === null) {
      throw new ApiError("ValidationException", `${command}: missing required member ${member}`);
    }
  }
  const broken = limits?.(input);
  if (broken !== undefined) throw new ApiError("InvalidParameterException", `${command}: ${broken}`);
}

function checkAllowed(request: Request, statements: readonly Statement[]): void {
  if (isAllowed(statements, request)) return;
  const arns = request.resources.map((each) => each.arn).join(", ");
  throw new ApiError("AccessDeniedException", `is not authorized to perform: ${request.action} on resource: ${arns}`);
}
