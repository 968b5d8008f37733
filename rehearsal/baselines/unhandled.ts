/** Nobody handles an interruption. */
import { UNHANDLED } from "./handling";
import { plainStack } from "./plainStack";

plainStack(UNHANDLED);
