/** A target group as it was declared; times in milliseconds. */
export interface TargetGroupSpec {
  readonly name: string;
  readonly arn: string;
  readonly deregistrationDelayMs: number;
  readonly healthCheck: {
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
  };
  readonly tags: Readonly<Record<string, string>>;
}

/** What the balancer finds when it connects to a port of an instance. */
export interface Network {
  /** `serving`: answers; `refusing`: the host is there, nobody answers; `dead`: no host. */
  probe(instanceId: string, port: number): "serving" | "refusing" | "dead";
}
