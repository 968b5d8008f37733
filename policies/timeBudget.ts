/** The two minutes between a Spot interruption notice and the end of the instance, as the rules count them. */

/** Seconds between a Spot interruption notice and the interruption.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
export const INTERRUPTION_NOTICE_SECONDS = 120;

/** Seconds allowed for a notice to become a draining instance. */
export const DETECTION_SECONDS = 5;

/** Seconds kept free before the instance goes. */
export const MARGIN_SECONDS = 5;
