/** What goes on in a cluster, by what AWS answers: for each activity of `precedence.ts` one sign, the same for every function. */
import type { TagDescription } from "@aws-sdk/client-auto-scaling";
import type { ContainerInstance, Service } from "@aws-sdk/client-ecs";
import { isEmpty } from "./cluster";
import { parseMark } from "./fallback/mark";
import { parseTagValue, serviceOfKey } from "./rebalance/groupTag";
import { FALLBACK_TAG } from "./tags";

/** States of an instance refresh that has not ended. */
const UNDER_WAY = ["Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress"];

/** One that is empty, as somebody may have left it for days or EC2 has ended it, holds nobody up. */
export const isDraining = (instance: ContainerInstance): boolean =>
  instance.status === "DRAINING" && !isEmpty(instance);

export const isDeploying = ({ deployments = [] }: Service): boolean =>
  deployments.length > 1 || deployments[0]?.rolloutState === "IN_PROGRESS";

/** One task for each instance is what a daemon service wants, which is short while any instance boots. */
export const isShort = ({ schedulingStrategy, runningCount = 0, desiredCount = 0 }: Service): boolean =>
  schedulingStrategy !== "DAEMON" && runningCount < desiredCount;

export const isUnderWay = ({ Status }: { readonly Status?: string }): boolean => UNDER_WAY.includes(Status ?? "");

/** By the tags of the group; a service that rests after its moves has a tag, too. */
export const areTasksMoving = (tags: readonly TagDescription[]): boolean =>
  tags.some(({ Key = "", Value = "" }) => serviceOfKey(Key) !== undefined && parseTagValue(Value).kind === "moving");

/** By the tags of the group. */
export const isStoodInFor = (tags: readonly TagDescription[]): boolean => tags.some(({ Key }) => Key === FALLBACK_TAG);

/** By the tags of the group. */
export const isReturning = (tags: readonly TagDescription[]): boolean =>
  tags.some(({ Key, Value = "" }) => Key === FALLBACK_TAG && parseMark(Value, 0).detached !== undefined);
