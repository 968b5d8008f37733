/** The way of one API call: latency there, faults, throttling, IAM, input checks, the world's answer, latency back. */
import { between } from "../world/context";
import { API } from "../world/constants";
import { isAllowed } from "../world/iam";
import type { Connect } from "../world/lambda/function";
import type { World } from "../world/world";
import { autoScaling } from "./autoScaling";
import { ec2 } from "./ec2";
import { ecs } from "./ecs";
import { elasticLoadBalancingV2 } from "./elasticLoadBalancingV2";
import { ApiError, type Bucket, type Operation } from "./operation";
import { sqs } from "./sqs";

/** By the name of the SDK's client package. */
const SERVICES: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  "auto-scaling": autoScaling,
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

interface TokenBucket {
  tokens: number;
  filledAt: number;
}

/** Connects execution environments to `world`; an environment that is no more gets no answer. */
export function connectTo(world: World): Connect {
  const { clock } = world;
  const latency = world.context.random("api/latency");
  const buckets = new Map<string, TokenBucket>();
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
          const output = execute(world, buckets, { service, command, input, statements: spec.statements });
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

interface Call {
  readonly service: string;
  readonly command: string;
  readonly input: unknown;
  readonly statements: Parameters<typeof isAllowed>[0];
}

function execute(
  world: World,
  buckets: Map<string, TokenBucket>,
  { service, command, input, statements }: Call,
): object {
  const operation = SERVICES[service]?.[command];
  if (operation === undefined)
    throw new Error(
      `a function calls ${service}.${command}, which the rehearsal doesn't model; modelled: ${modelledCommands().join(", ")}`,
    );
  const given = (input ?? {}) as Record<string, unknown>;
  for (const member of operation.requires) {
    if (given[member] === undefined || given[member] === null)
      throw new ApiError("ValidationException", `${command}: missing required member ${member}`);
  }
  const broken = operation.limits?.(given);
  if (broken !== undefined) throw new ApiError("InvalidParameterException", `${command}: ${broken}`);
  const request = operation.request(given, world);
  if (!isAllowed(statements, request)) {
    throw new ApiError(
      "AccessDeniedException",
      `is not authorized to perform: ${request.action} on resource: ${request.resources.map((each) => each.arn).join(", ")}`,
    );
  }
  if (operation.bucket !== undefined && !take(buckets, operation.bucket, world.clock.now))
    throw new ApiError("ThrottlingException", "Rate exceeded");
  const fault = world.faults.call();
  if (fault === "throttled") throw new ApiError("ThrottlingException", "Rate exceeded");
  if (fault === "failed") throw new ApiError("ServerException", "Service unavailable", 500);
  return operation.run(given, world, world.clock.now - (operation.kind === "read" ? world.faults.staleness() : 0));
}

function take(buckets: Map<string, TokenBucket>, { name, burst, refillPerSecond }: Bucket, now: number): boolean {
  const bucket = buckets.get(name) ?? { tokens: burst, filledAt: now };
  bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * refillPerSecond);
  bucket.filledAt = now;
  buckets.set(name, bucket);
  if (bucket.tokens < 1) return false;
  bucket.tokens--;
  return true;
}
