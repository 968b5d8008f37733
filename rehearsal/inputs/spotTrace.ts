import { type CsvFormat, readCsv, readFormat, splitFragment } from "./csv";
import { ProblemList } from "./inputError";
import { AVAILABILITY_COLUMNS, readAvailabilityFormat } from "./spotTrace/availabilityFormat";
import { COUNT_COLUMNS, readCountFormat } from "./spotTrace/countFormat";
import { EVENT_COLUMNS, readEventFormat } from "./spotTrace/eventFormat";
import type { SpotTrace } from "./spotTrace/types";

export { repeatMarket } from "./marketEvents";
export { marketFromTrace } from "./spotTrace/toMarket";
export type { AvailabilityTrace, LevelFall, LevelStep, LevelTrace, SpotTrace } from "./spotTrace/types";

/**
 * Reads a recorded Spot trace. The header tells the format: `t_s,op,node`,
 * `location,instance_type,start,t_s,running` or `az,resource,start_s,end_s,available`.
 *
 * @param pathAndLocation the file; `file.csv#us-east-1c` is the same as `location: "us-east-1c"`
 * @param options.location which location of a count file, or which resource of an availability file;
 *   @default the only one there is
 * @throws InputError with everything that is wrong with the file
 */
export function readSpotTrace(pathAndLocation: string, options: { readonly location?: string } = {}): SpotTrace {
  const { path, fragment } = splitFragment(pathAndLocation);
  const location = options.location ?? fragment;
  const problems = new ProblemList(`Spot trace ${path}`);
  const formats: CsvFormat<SpotTrace>[] = [
    { columns: EVENT_COLUMNS, read: (table) => readEventFormat(table, problems) },
    { columns: COUNT_COLUMNS, read: (table) => readCountFormat(table, location, problems) },
    { columns: AVAILABILITY_COLUMNS, read: (table) => readAvailabilityFormat(table, location, problems) },
  ];
  return readFormat(readCsv(path, problems), formats, problems);
}
