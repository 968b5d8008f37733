/** AWS's defaults for every time, as unhandled, and a script on each instance that acts at a notice. */
import { UNHANDLED } from "./handling";
import { NOTICE_SCRIPT } from "./noticeScript";
import { plainStack } from "./plainStack";

plainStack({ ...UNHANDLED, script: NOTICE_SCRIPT });
