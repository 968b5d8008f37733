/** The tag that says which cluster a target group or instance belongs to; the drain function's permissions rest on it. */
export const CLUSTER_TAG = "spotproof:cluster";

/** ECS puts this tag on a group with a capacity provider; declared, so that Pulumi doesn't take it off again.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html */
export const ECS_MANAGED_TAG = "AmazonECSManaged";
