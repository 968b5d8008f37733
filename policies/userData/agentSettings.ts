import { Budget, OutOfBudget } from "./budget";
import { settingsAfterBoot } from "./forms/boot";
import { isBottlerocket, readBottlerocket } from "./forms/bottlerocket";
import { bytesOf, TooLong, unpacked } from "./forms/bytes";
import { partsOf, typeByBeginning } from "./forms/parts";
import { type AgentSettings, unreadable } from "./settings";

export { parseGoDuration } from "./goDuration";
export { clusterName, spotInstanceDraining, stopTimeoutSeconds } from "./readings";
export type { AgentSettings, Decided, Setting } from "./settings";

/**
 * Reads user data as the ECS agent sees its result once the instance has booted: it is unpacked as cloud-init does it,
 * and its scripts are followed as far as they write the agent's files. What can't be known is undecided, with the reason.
 * Never throws.
 * @param userData as a launch template has it (base64), or in plain text
 */
export function readAgentSettings(userData: string): AgentSettings {
  try {
    return readBytes(bytesOf(userData));
  } catch (error) {
    if (error instanceof TooLong) return unreadable("the user data, which is longer than EC2 takes");
    if (error instanceof OutOfBudget) return unreadable("the user data, which takes too many steps to follow");
    return unreadable(`the user data (${error instanceof Error ? error.message : String(error)})`);
  }
}

function readBytes(given: Buffer): AgentSettings {
  const bytes = unpacked(given);
  if (bytes === undefined) return unreadable("the user data, whose gzip is damaged or too long");
  const text = bytes.toString("utf8");
  if (typeByBeginning(text) === undefined && isBottlerocket(text)) return readBottlerocket(text);
  return settingsAfterBoot(partsOf(bytes), new Budget());
}
