/** Every rule, in the order in which they are reported. */
import type { Rule } from "../rule";
import { allocationStrategy } from "./allocationStrategy";
import { deadLetters } from "./deadLetters";
import { drainDeadlock } from "./drainDeadlock";
import { drainingEnabled } from "./drainingEnabled";
import { drainInTime } from "./drainInTime";
import { dynamicHostPort } from "./dynamicHostPort";
import { healthCheckSpeed } from "./healthCheckSpeed";
import { instanceReplaced } from "./instanceReplaced";
import { instanceWeights } from "./instanceWeights";
import { receiveCount } from "./receiveCount";
import { replacedOnce } from "./replacedOnce";
import { severalZones } from "./severalZones";
import { spotPools } from "./spotPools";
import { stopTimeout } from "./stopTimeout";
import { terminationProtection } from "./terminationProtection";
import { timeBudget } from "./timeBudget";
import { userDataCredentials } from "./userDataCredentials";
import { visibilityTimeout } from "./visibilityTimeout";
import { zoneRebalancing } from "./zoneRebalancing";

export { UNDECIDED } from "./undecided";

export const RULES: readonly Rule[] = [
  drainingEnabled,
  stopTimeout,
  timeBudget,
  drainDeadlock,
  drainInTime,
  instanceReplaced,
  replacedOnce,
  severalZones,
  spotPools,
  allocationStrategy,
  terminationProtection,
  instanceWeights,
  dynamicHostPort,
  healthCheckSpeed,
  zoneRebalancing,
  deadLetters,
  receiveCount,
  visibilityTimeout,
  userDataCredentials,
];
