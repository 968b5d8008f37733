import { describeMatrix } from "./support/matrix";
import { OWN_VPC } from "./support/networks";

describeMatrix("a VPC of its own", OWN_VPC, 3);
