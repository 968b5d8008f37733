import type { Market } from "../../../rehearsal/inputs/market";
import { marketFromTrace, readSpotTrace } from "../../../rehearsal/inputs/spotTrace";
import { fixture } from "./files";

export const GEOMETRY = { availabilityZones: ["a", "b"], instanceTypes: ["m5.large"], groupSize: 6 };
export const EVENTS = "t_s,op,node";
export const COUNTS = "location,instance_type,start,t_s,running";
export const AVAILABILITY = "az,resource,start_s,end_s,available";

export const trace = (...lines: string[]) => fixture("trace.csv", lines);
export const counts = (...rows: (readonly [number, number])[]) =>
  trace(COUNTS, ...rows.map(([t, running]) => `us-east-1c,g4dn.xlarge,2020-11-20,${t},${running}`));
export const marketOf = (path: string, groupSize = 6) =>
  marketFromTrace(readSpotTrace(path), { ...GEOMETRY, groupSize });

/** As [seconds, capacity]. */
export const capacities = ({ events }: Market) =>
  events.flatMap((event) => (event.kind === "capacity" ? [[event.atMs / 1000, event.capacity]] : []));

/** As [seconds, share]. */
export const reclaims = ({ events }: Market) =>
  events.flatMap((event) => (event.kind === "reclaim" ? [[event.atMs / 1000, event.share]] : []));
