/** Whose tasks are retired, and how patiently. */
export interface RetireSettings {
  readonly clusterArn: string;
  readonly serviceName: string;
  /** The function's own queue, to which it sends its delayed checks. */
  readonly queueUrl: string;
  /** The target groups from which the function may deregister; empty for a service without a balancer. */
  readonly targetGroupArns: readonly string[];
  /** Seconds between two looks at a marked task; at most a target group's health check interval, so that a target which
   * ECS registered again can't have had a request. */
  readonly checkIntervalSeconds: number;
  /** Seconds without a target after which a task that is not protected has no work and gets none. */
  readonly settleSeconds: number;
  /** Seconds that a task with work may take to finish it without getting more; 0 lets it go at once. */
  readonly workPatienceSeconds: number;
}
