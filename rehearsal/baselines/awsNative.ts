/** All that AWS offers by itself, and no function. */
import { AWS_NATIVE } from "./handling";
import { plainStack } from "./plainStack";

plainStack(AWS_NATIVE);
