/** Whose tasks are retired, and how patiently. */
import type { Retirer } from "./state";

export interface RetireSettings {
  /** Who retires them: what another has marked is his. @default "scaleIn" */
  readonly retirer?: Retirer;
  readonly clusterArn: string;
  readonly serviceName: string;
  /** The function's own queue, to which it sends its delayed checks. */
  readonly queueUrl: string;
  /** The target groups from which the function may deregister; empty for a service without a balancer. */
  readonly targetGroupArns: readonly string[];
  /** Seconds between two looks at a marked task; at most half of the health check interval. */
  readonly checkIntervalSeconds: number;
  /** Seconds between two health checks of a target: for as long, what ECS registers again gets no request. */
  readonly healthCheckSeconds: number;
  /** Seconds without a target after which a task that is not protected has no work and gets none. Where tasks protect
   * their work, for a request that was on its way and for its protection; where they don't, for the deregistration delay.
   * Of a task that never has a target, for the protection of what it took before its mark. */
  readonly settleSeconds: number;
  /** Seconds that a task with work may take to finish it without getting more; 0 lets it go at once. */
  readonly workPatienceSeconds: number;
}
