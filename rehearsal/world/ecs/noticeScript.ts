/**
 * A script that user data starts and that looks for an interruption notice in the instance's metadata, as many did before the
 * agent drained by itself: it puts its own container instance into DRAINING and asks its group for more instances. That its calls
 * are allowed, and take no time that matters, is assumed: the roles of instances aren't modelled.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
import type { Group } from "../autoScaling/group";
import type { Context } from "../context";
import type { Ec2 } from "../ec2/ec2";
import type { Instance } from "../ec2/instance";
import type { Cluster } from "./cluster";

export interface NoticeScript {
  readonly pollMs: number;
  /** Whether it drains its container instance. */
  readonly drains: boolean;
  /** How many instances more than it wants the group is asked for; 0: it isn't asked. */
  readonly moreInstances: number;
}

/** What a script in user data does at a notice, by its commands; undefined where it doesn't look for one. */
export function noticeScript(userData: string): NoticeScript | undefined {
  if (!userData.includes("/latest/meta-data/spot/instance-action")) return undefined;
  const [, seconds] = /^\s*sleep (\d+)\s*$/m.exec(userData) ?? [];
  const [, more] = /set-desired-capacity\b.*--desired-capacity "?\$\(\(\s*\w+ \+ (\d+)\s*\)\)/.exec(userData) ?? [];
  return {
    pollMs: Number(seconds ?? 1) * 1000,
    drains: /update-container-instances-state\b.*--status DRAINING/.test(userData),
    moreInstances: Number(more ?? 0),
  };
}

export interface ScriptsWorld {
  readonly ec2: Ec2;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly context: Context;
}

/** Every instance's script sees a notice at its next look. */
export function runNoticeScripts({ ec2, clusters, groups, context }: ScriptsWorld): void {
  const poll = context.random("ecs/notice-script");
  const scripts = new Map<string, NoticeScript | undefined>();
  const act = (instance: Instance, { drains, moreInstances }: NoticeScript): void => {
    const group = [...groups.values()].find(({ members }) => members.has(instance.id));
    if (moreInstances > 0) group?.setDesiredCapacity(group.desiredCapacity + moreInstances);
    for (const cluster of drains ? clusters.values() : []) {
      const container = cluster.instanceOf(instance.id);
      if (container !== undefined) cluster.setStatus(container, "DRAINING", "notice script");
    }
  };
  ec2.noticed.subscribe((instance) => {
    const { userData } = instance;
    if (!scripts.has(userData)) scripts.set(userData, noticeScript(userData));
    const script = scripts.get(userData);
    if (script !== undefined) context.clock.after(poll() * script.pollMs, () => act(instance, script));
  });
}
