/** SQS's batches: each entry has an id, and succeeds or fails by itself. */
import { ApiError } from "./operation";

const MOST_ENTRIES = 10;

interface Failed {
  readonly Id: string;
  readonly Code: string;
  readonly Message: string;
  readonly SenderFault: boolean;
}

export function batch<E extends { readonly Id?: string }>(
  entries: readonly E[] = [],
  run: (entry: E) => object,
): { readonly Successful: readonly object[]; readonly Failed: readonly Failed[] } {
  check(entries.map(({ Id = "" }) => Id));
  const Successful: object[] = [];
  const Failed: Failed[] = [];
  for (const entry of entries) {
    const { Id = "" } = entry;
    try {
      Successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      Failed.push({ Id, Code: error.name, Message: error.message, SenderFault: error.$fault === "client" });
    }
  }
  return { Successful, Failed };
}

/** In AWS's own words and codes. */
function check(ids: readonly string[]): void {
  if (ids.length === 0) throw new ApiError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  if (ids.length > MOST_ENTRIES) {
    throw new ApiError("TooManyEntriesInBatchRequest", `${ids.length} entries: at most ${MOST_ENTRIES}`);
  }
  if (new Set(ids).size < ids.length) {
    throw new ApiError("BatchEntryIdsNotDistinct", "Two entries of the batch have the same Id.");
  }
}
