/** How the sidecar is set, from its environment variables. */
import { consumerSettings, type ConsumerSettings } from "../consumer/environment";
import { DEFAULT_TIMES, timesProblems, type ProtectionTimes } from "../protectionOptions";
import { LEASE_SECONDS, type JobTimes } from "./jobRoutes";

export interface SidecarSettings {
  readonly agentUri: string;
  readonly listenAddress: string;
  readonly port: number;
  /** Seconds after which a unit ends that nobody renewed or ended. */
  readonly unitTtlSeconds: number;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopTimeoutSeconds: number;
  readonly times: ProtectionTimes;
  /** Where it takes jobs from queues. */
  readonly jobs?: Omit<ConsumerSettings, "stopTimeoutSeconds"> & JobTimes;
}

export const DEFAULT_SIDECAR = { listenAddress: "127.0.0.1", port: 8383, unitTtlSeconds: 900, stopTimeoutSeconds: 30 };

type Environment = Readonly<Record<string, string | undefined>>;

/** As long as ECS protects at most. */
export const LONGEST_TTL_SECONDS = 48 * 3600;

/** Reads the settings; throws one error that names every missing or malformed variable. */
export function readSidecarSettings(environment: Environment): SidecarSettings {
  const problems: string[] = [];
  const text = (name: string, byDefault = ""): string => {
    const value = environment[name] ?? "";
    return value === "" ? byDefault : value;
  };
  const whole = (name: string, byDefault: number, least: number, most: number): number => {
    const value = Number(text(name, String(byDefault)));
    const isRight = Number.isInteger(value) && value >= least && value <= most;
    if (!isRight) problems.push(`${name} is ${text(name)}: a whole number from ${least} to ${most}`);
    return isRight ? value : byDefault;
  };
  const agentUri = text("ECS_AGENT_URI");
  if (!/^https?:\/\//.test(agentUri)) {
    problems.push(
      `ECS_AGENT_URI is ${text("ECS_AGENT_URI", "not set")}: the ECS agent sets it from version 1.65 on, in a task`,
    );
  }
  const { byDefault, least, most } = LEASE_SECONDS;
  const leaseSeconds = whole("SPOTPROOF_LEASE_SECONDS", byDefault, least, most);
  const settings: SidecarSettings = {
    agentUri,
    listenAddress: text("SPOTPROOF_LISTEN_ADDRESS", DEFAULT_SIDECAR.listenAddress),
    port: whole("SPOTPROOF_PORT", DEFAULT_SIDECAR.port, 0, 65_535),
    unitTtlSeconds: whole("SPOTPROOF_UNIT_TTL_SECONDS", DEFAULT_SIDECAR.unitTtlSeconds, 1, LONGEST_TTL_SECONDS),
    stopTimeoutSeconds: whole("SPOTPROOF_STOP_TIMEOUT_SECONDS", DEFAULT_SIDECAR.stopTimeoutSeconds, 3, 3600),
    times: {
      expiresInMinutes: whole("SPOTPROOF_EXPIRES_IN_MINUTES", DEFAULT_TIMES.expiresInMinutes, 1, 2880),
      renewAfterMinutes: whole("SPOTPROOF_RENEW_AFTER_MINUTES", DEFAULT_TIMES.renewAfterMinutes, 1, 2880),
      idleSeconds: whole("SPOTPROOF_IDLE_SECONDS", DEFAULT_TIMES.idleSeconds, 1, 3600),
      checkSeconds: whole("SPOTPROOF_CHECK_SECONDS", DEFAULT_TIMES.checkSeconds, 1, 3600),
    },
    ...(text("SPOTPROOF_QUEUES") !== "" && { jobs: readJobs(environment, leaseSeconds, problems) }),
  };
  problems.push(...timesProblems(settings.times));
  if (problems.length > 0)
    throw new Error(`Sidecar's environment: ${problems.join("; ")}. Change the task definition.`);
  return settings;
}

function readJobs(environment: Environment, leaseSeconds: number, problems: string[]): SidecarSettings["jobs"] {
  try {
    // The sidecar reads the stop timeout by itself, and has a default of its own for it.
    const others = { ...environment, SPOTPROOF_STOP_TIMEOUT_SECONDS: undefined };
    const { queues, polling, concurrency, protectsWork } = consumerSettings(others);
    return { queues, polling, concurrency, protectsWork, leaseSeconds };
  } catch (error) {
    problems.push((error as Error).message);
    return undefined;
  }
}
