import { describeMatrix, OWN_VPC } from "./support/matrix";

describeMatrix("a VPC of its own", OWN_VPC);
