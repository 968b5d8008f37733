/** Lifecycle hooks on an instance's termination: it waits until each is completed, runs out, or one abandons. */
import type { Timer } from "../clock";
import { AUTO_SCALING } from "../constants";
import { eventTime, type Context } from "../context";
import type { EventBus } from "../eventBridge";
import type { Member } from "./member";

export type HookResult = "CONTINUE" | "ABANDON";

export interface LifecycleHookSpec {
  readonly name: string;
  readonly heartbeatMs: number;
  readonly defaultResult: HookResult;
}

/** One hook that one instance waits for. */
interface Action {
  readonly token: string;
  readonly hook: LifecycleHookSpec;
  readonly endsAt: number;
  timer: Timer;
}

interface Wait {
  readonly actions: Map<string, Action>;
  readonly proceed: () => void;
}

export class TerminationHooks {
  private readonly hooks: LifecycleHookSpec[] = [];
  private readonly waits = new Map<Member, Wait>();
  private count = 0;

  constructor(
    private readonly group: { readonly name: string; readonly arn: string },
    private readonly context: Context,
    private readonly bus: EventBus,
  ) {}

  add(hook: LifecycleHookSpec): void {
    this.hooks.push(hook);
  }

  get any(): boolean {
    return this.hooks.length > 0;
  }

  /** The hooks run side by side, in no order; both results let the instance go, ABANDON at once. */
  begin(member: Member, proceed: () => void): void {
    const actions = new Map<string, Action>();
    this.waits.set(member, { actions, proceed });
    for (const hook of this.hooks) {
      const token = `00000000-0000-4000-8000-${(++this.count).toString(16).padStart(12, "0")}`;
      const endsAt = this.context.clock.now + longestWait(hook);
      actions.set(hook.name, { hook, token, endsAt, timer: this.heartbeatTimer(member, hook, endsAt) });
      this.publish(member, hook, token);
    }
  }

  /** False where the instance waits for no such hook; a `token` must be the one that the event gave. */
  complete(member: Member, hookName: string, result: HookResult, token?: string): boolean {
    const wait = this.waits.get(member);
    const action = wait?.actions.get(hookName);
    if (wait === undefined || action === undefined || (token !== undefined && token !== action.token)) return false;
    this.context.clock.cancel(action.timer);
    wait.actions.delete(hookName);
    if (result === "ABANDON" || wait.actions.size === 0) this.end(member, wait);
    return true;
  }

  /** Starts the hook's time anew, within its limit. */
  recordHeartbeat(member: Member, hookName: string): boolean {
    const action = this.waits.get(member)?.actions.get(hookName);
    if (action === undefined) return false;
    this.context.clock.cancel(action.timer);
    action.timer = this.heartbeatTimer(member, action.hook, action.endsAt);
    return true;
  }

  /** The instance is gone: nobody's answer is awaited any more. */
  forget(member: Member): void {
    for (const { timer } of this.waits.get(member)?.actions.values() ?? []) this.context.clock.cancel(timer);
    this.waits.delete(member);
  }

  private end(member: Member, wait: Wait): void {
    this.forget(member);
    wait.proceed();
  }

  private heartbeatTimer(member: Member, hook: LifecycleHookSpec, endsAt: number): Timer {
    const at = Math.min(endsAt, this.context.clock.now + hook.heartbeatMs);
    return this.context.clock.at(at, () => this.complete(member, hook.name, hook.defaultResult));
  }

  private publish(member: Member, hook: LifecycleHookSpec, token: string): void {
    this.bus.publish(
      {
        "detail-type": "EC2 Instance-terminate Lifecycle Action",
        source: "aws.autoscaling",
        time: eventTime(this.context.clock.now),
        resources: [this.group.arn],
        detail: {
          LifecycleActionToken: token,
          AutoScalingGroupName: this.group.name,
          LifecycleHookName: hook.name,
          EC2InstanceId: member.instance.id,
          LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
        },
      },
      "bestEffort",
    );
  }
}

function longestWait({ heartbeatMs }: LifecycleHookSpec): number {
  const { ms, heartbeats } = AUTO_SCALING.hookLimit;
  return Math.min(ms, heartbeatMs * heartbeats);
}
