/** Says how many jobs take longer than a message can be kept from other workers. */
import type { JobArrivals } from "../inputs/jobArrivals";
import type { ContainerProfile } from "../inputs/profile";
import { SQS } from "../world/constants";

export function longJobs({
  jobs,
  profile,
}: {
  readonly jobs?: JobArrivals;
  readonly profile: ContainerProfile;
}): string[] {
  const all = jobs?.arrivals ?? [];
  const count = all.filter(({ workMs }) => workMs > SQS.longestInvisibleMs).length;
  if (count === 0) return [];
  const hours = SQS.longestInvisibleMs / 3_600_000;
  const then = profile.jobs.checkpoints
    ? "each goes on from its last checkpoint when its message comes back"
    : "without checkpoints each begins anew when its message comes back, and is never done; make them shorter, or keep checkpoints";
  return [`${count} of ${all.length} jobs take longer than the ${hours} h that SQS hides a message: ${then}`];
}
