/** What the programs of these tests begin with: a cluster and a service of defaults. */
import { GIVEN_VPC } from "../support/networks";

export const SHOP = {
  ...GIVEN_VPC,
  instanceTypes: ["m5.large", "m5a.large", "m6i.large"],
  minSize: 2,
  maxSize: 10,
  // They have tests of their own, and are half of all resources.
  alarms: false,
  dashboard: false,
  refresh: "off" as const,
  rebalance: false,
};

export const API = {
  image: "public.ecr.aws/nginx/nginx:1.29.3",
  containerPort: 80,
  cpu: 256,
  memoryReservationMiB: 256,
};
